//! What a scenario file says of a law: how it is written, refused and printed.

use super::*;
use crate::source::read;

fn law(text: &str) -> Distribution {
    read("x.ron", text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> String {
    law(text).check().expect_err("it is wrong").to_string()
}

const LAWS: [(&str, &str); 5] = [
    (r#"Fixed("10ms")"#, "10ms"),
    (r#"Uniform("1ms","5ms")"#, "1ms..5ms"),
    (r#"Exponential("10ms")"#, "exponential 10ms"),
    (
        r#"Bimodal(usual:("1ms","5ms"),rare:("100ms","1s"),share:"1/1000")"#,
        "1ms..5ms or 1/1000 100ms..1s",
    ),
    (r#"LogNormal(median:"10ms",spread:"3/2")"#, "log-normal 10ms, spread 3/2"),
];

#[test]
fn a_law_reads_back_as_it_is_written_and_prints_in_a_few_words() {
    for (text, printed) in LAWS {
        let law = law(text);
        assert_eq!(law.check(), Ok(()));
        assert_eq!(ron::to_string(&law).as_deref(), Ok(text));
        assert_eq!(law.to_string(), printed);
    }
}

#[test]
fn a_bound_is_that_of_the_ranges_which_are_possible() {
    let bounds = |law: Distribution| (law.least(), law.most());
    assert_eq!(bounds(bimodal(1, 1_000)), (1_000_000, 1_000_000_000));
    assert_eq!(bounds(bimodal(0, 9)), (1_000_000, 5_000_000));
    assert_eq!(bounds(bimodal(9, 9)), (100_000_000, 1_000_000_000));
}

#[test]
fn an_empty_range_is_refused_even_where_it_is_never_drawn() {
    let text = LAWS[3].0.replace("1/1000", "0/1").replace("1s", "99ms");
    let wrong =
        "Bimodal.rare: the range is empty: 100ms is more than 99ms (write the shorter span first)";
    assert_eq!(refused(&text), wrong);
}

#[test]
fn the_longest_law_that_fits_into_time_is_accepted_and_one_longer_is_not() {
    // 26 years, as the remedy says, in hours.
    assert_eq!(law(r#"Exponential("227905h")"#).check(), Ok(()));
    for (fits, law) in [
        ((1, u64::MAX), &Distribution::Exponential as &dyn Fn(TimeSpan) -> Distribution),
        ((1, u64::MAX), &|median| log_normal(median, 1, 2)),
        ((1, u64::MAX), &|median| log_normal(median, 4, 1)),
    ] {
        let (mut fits, mut too_long) = fits;
        while too_long - fits > 1 {
            let middle = u64::midpoint(fits, too_long);
            let end = if law(nanos(middle)).check().is_ok() { &mut fits } else { &mut too_long };
            *end = middle;
        }
        let longest = law(nanos(fits));
        let unit = longest.most() / fits + 1;
        assert!(u64::MAX - longest.most() <= unit, "{longest} ends at {}", longest.most());
        assert_eq!(law(nanos(too_long)).most(), u64::MAX);
    }
}
