use proptest::prelude::*;

use super::*;

fn span(text: &str) -> Result<TimeSpan, String> {
    text.parse::<TimeSpan>().map_err(|error| first_line(&error.to_string()))
}

fn ratio(text: &str) -> Result<Ratio, String> {
    text.parse::<Ratio>().map_err(|error| first_line(&error.to_string()))
}

fn spread(text: &str) -> Result<Spread, String> {
    text.parse::<Spread>().map_err(|error| first_line(&error.to_string()))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_span_of_time_is_digits_and_a_unit() {
    let nanos =
        ["7ns", "7us", "7ms", "7s", "7min", "7h"].map(|text| span(text).map(TimeSpan::as_nanos));
    let expected = [7, 7_000, 7_000_000, 7_000_000_000, 420_000_000_000, 25_200_000_000_000];
    assert_eq!(nanos, expected.map(Ok));
}

#[test]
fn a_fraction_is_accepted_where_it_is_whole_nanoseconds() {
    let nanos = ["1.5ms", "0.000000001s", "1.50us", "2.00000000000000000000ns", "0.0000000000025h"]
        .map(|text| span(text).map(TimeSpan::as_nanos));
    assert_eq!(nanos, [1_500_000, 1, 1_500, 2, 9].map(Ok));
    for text in ["0.5ns", "0.0000000001s", "1.0005us", "0.00000000000000000001h"] {
        assert_eq!(span(text), Err("a span of time cannot be finer than a nanosecond".into()));
    }
}

#[test]
fn what_is_not_a_span_of_time_is_refused_with_the_reason() {
    assert_eq!(span("-1ms"), Err("a span of time cannot be negative".into()));
    assert_eq!(span("10"), Err("a span of time needs a unit".into()));
    assert_eq!(span("10 ms"), Err("` ms` is not a unit of time".into()));
    assert_eq!(span("1e3ms"), Err("`e3ms` is not a unit of time".into()));
    for text in ["", "ms", ".5s", "5.s", "1.2.3s", "+1s", "٣s"] {
        assert_eq!(span(text), Err(format!("`{text}` is not a span of time")));
    }
}

#[test]
fn a_span_of_time_holds_64_bits_of_nanoseconds_and_no_more() {
    assert_eq!(span("18446744073709551615ns"), Ok(TimeSpan::from_nanos(u64::MAX)));
    assert_eq!(span("18446744073.709551615s"), Ok(TimeSpan::from_nanos(u64::MAX)));
    for text in ["18446744073709551616ns", "18446744073.709551616s", "99999999999999999999999h"] {
        assert_eq!(span(text), Err("a span of time cannot be longer than 584 years".into()));
    }
}

#[test]
fn a_span_of_time_prints_in_the_largest_unit_that_is_whole() {
    let printed =
        [0, 1, 1_500, 1_500_000, 500_000_000, 60_000_000_000, 90_000_000_000, 7_200_000_000_000]
            .map(|nanos| TimeSpan::from_nanos(nanos).to_string());
    assert_eq!(printed, ["0ms", "1ns", "1500ns", "1500us", "500ms", "1min", "90s", "2h"]);
}

#[test]
fn a_ratio_is_a_fraction_up_to_one() {
    let written = ["0/1", "3/100", "50/100", "4294967295/4294967295"];
    assert_eq!(
        written.map(|text| ratio(text).map(|ratio| ratio.to_string())),
        written.map(|text| Ok(text.into()))
    );
    assert_eq!(ratio("5/3"), Err("`5/3` is more than certain".into()));
    assert_eq!(ratio("1/0"), Err("a ratio cannot be out of zero".into()));
    for text in ["", "1", "1/", "/1", "-1/2", "+1/2", "1 / 2", "1/2/3", "0.5", "1/4294967296"] {
        assert_eq!(ratio(text), Err(format!("`{text}` is not a ratio")));
    }
}

#[test]
fn a_spread_is_a_fraction_above_nothing_and_up_to_four() {
    let written = ["1/4294967295", "1/2", "3/2", "4/1", "4294967295/1073741824"];
    assert_eq!(
        written.map(|text| spread(text).map(|spread| spread.to_string())),
        written.map(|text| Ok(text.into()))
    );
    assert_eq!(spread("0/3"), Err("a spread of zero spreads nothing".into()));
    assert_eq!(spread("1/0"), Err("a spread cannot be out of zero".into()));
    assert_eq!(spread("5/1"), Err("`5/1` is more than 4".into()));
    assert_eq!(
        spread("4294967295/1073741823"),
        Err("`4294967295/1073741823` is more than 4".into())
    );
    for text in ["", "1", "1/", "/1", "-1/2", "+1/2", "1 / 2", "1/2/3", "0.5", "1/4294967296"] {
        assert_eq!(spread(text), Err(format!("`{text}` is not a spread")));
    }
}

#[test]
fn a_spread_in_octaves_is_divided_by_the_logarithm_of_two() {
    // log2(e) is 1.44269504088896340735992468100189214, in units of 2^-48.
    let octaves =
        ["1/1", "1/2", "4/1", "1/4294967295"].map(|text| spread(text).map(Spread::in_octaves));
    let expected = [406_082_553_034_800, 203_041_276_517_400, 1_624_330_212_139_200, 94_548];
    assert_eq!(octaves, expected.map(Ok));
}

#[test]
fn never_and_always_are_known_however_they_are_written() {
    assert_eq!(Ratio::default(), Ratio::NEVER);
    assert!(ratio("0/7").is_ok_and(|ratio| ratio.is_never() && !ratio.is_always()));
    assert!(ratio("7/7").is_ok_and(|ratio| ratio.is_always() && !ratio.is_never()));
    assert!(Ratio::NEVER.is_never() && Ratio::ALWAYS.is_always());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_span_of_time_reads_back_the_same(nanos in any::<u64>(), zeros in 0_u32..13) {
        let scale = 10_u64.pow(zeros);
        let original = TimeSpan::from_nanos(nanos / scale * scale);
        prop_assert_eq!(span(&original.to_string()), Ok(original));
        let text = ron::to_string(&original).expect("a string");
        prop_assert_eq!(read::<TimeSpan>("x.ron", &text), Ok(original));
    }

    #[test]
    fn a_printed_ratio_reads_back_the_same(numerator: u32, denominator: u32) {
        if let Ok(original) = Ratio::new(numerator, denominator) {
            prop_assert_eq!(ratio(&original.to_string()), Ok(original));
            let text = ron::to_string(&original).expect("a string");
            prop_assert_eq!(read::<Ratio>("x.ron", &text), Ok(original));
        }
    }

    #[test]
    fn a_printed_spread_reads_back_the_same(numerator: u32, denominator: u32) {
        if let Ok(original) = Spread::new(numerator, denominator) {
            prop_assert_eq!(spread(&original.to_string()), Ok(original));
            let text = ron::to_string(&original).expect("a string");
            prop_assert_eq!(read::<Spread>("x.ron", &text), Ok(original));
        }
    }

    #[test]
    fn any_text_is_a_unit_or_refused(text in "[-+0-9./mnushi ]{0,24}|.*") {
        let _ = (span(&text), ratio(&text), spread(&text));
    }
}
