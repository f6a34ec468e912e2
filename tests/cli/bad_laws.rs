//! A law that cannot be sampled is refused with its place, its path and a remedy,
//! wherever it stands.

use super::bad_scenarios::is_told;

/// The only law of the scenario, which stands at 5:22, with another one in its place.
#[track_caller]
fn delay_is_told(law: &str, (column, path): (u32, &str), wrong: &str, remedy: &str) {
    let at = (format!("5:{column}"), format!("network.delay{path}"));
    is_told((r#"Fixed("10ms")"#, law), (&at.0, &at.1), wrong, remedy);
}

const SHORTER_FIRST: &str = "write the shorter span first";

#[test]
fn a_range_that_ends_before_it_begins_is_refused() {
    let wrong = "the range is empty: 10ms is more than 1ms";
    delay_is_told(r#"Uniform("10ms", "1ms")"#, (22, ""), wrong, SHORTER_FIRST);
    let usual = r#"Bimodal(usual: ("10ms", "1ms"), rare: ("1s", "2s"), share: "1/9")"#;
    delay_is_told(usual, (37, ".Bimodal.usual"), wrong, SHORTER_FIRST);
    let rare = r#"Bimodal(usual: ("1s", "2s"), rare: ("10ms", "1ms"), share: "0/1")"#;
    delay_is_told(rare, (57, ".Bimodal.rare"), wrong, SHORTER_FIRST);
}

#[test]
fn a_workloads_gap_is_checked_as_a_delay_is() {
    let gap =
        ("    calm_at:", "    workload: (count: 9, gap: Exponential(\"0ms\")),\n    calm_at:");
    let wrong = "a mean of no time leaves nothing to chance";
    let remedy = "for no delay at all write `Fixed(\"0ms\")`";
    is_told(gap, ("9:43", "workload.gap.Exponential"), wrong, remedy);
}

#[test]
fn a_mean_or_a_median_of_no_time_is_refused() {
    let remedy = "for no delay at all write `Fixed(\"0ms\")`";
    let wrong = "a mean of no time leaves nothing to chance";
    delay_is_told(r#"Exponential("0s")"#, (34, ".Exponential"), wrong, remedy);
    let wrong = "a median of no time leaves nothing to chance";
    let median = r#"LogNormal(median: "0s", spread: "1/2")"#;
    delay_is_told(median, (40, ".LogNormal.median"), wrong, remedy);
}

#[test]
fn a_law_that_can_take_longer_than_time_has_room_for_is_refused() {
    let wrong = "this can take longer than 584 years";
    let remedy = "its longest span is 22.2 means: give one of at most 26 years";
    delay_is_told(r#"Exponential("240000h")"#, (34, ".Exponential"), wrong, remedy);
    let remedy = "its longest span is the median times e to the power of 6.23 spreads: \
                  make one of the two smaller";
    let median = r#"LogNormal(median: "24h", spread: "4/1")"#;
    delay_is_told(median, (40, ".LogNormal.median"), wrong, remedy);
}

#[test]
fn a_spread_that_is_none_or_absurd_is_refused() {
    let law = |spread| format!(r#"LogNormal(median: "10ms", spread: {spread})"#);
    let at = (56, ".LogNormal.spread");
    let remedy = "for a span that is always the same write `Fixed`, or a spread up to \"4/1\"";
    delay_is_told(&law(r#""0/1""#), at, "a spread of zero spreads nothing", remedy);
    let remedy = "write it as a fraction above \"0/1\", up to \"4/1\": \"1/2\"";
    delay_is_told(&law(r#""9/2""#), at, "`9/2` is more than 4", remedy);
    delay_is_told(&law(r#""1/0""#), at, "a spread cannot be out of zero", remedy);
    delay_is_told(&law(r#""0.5""#), at, "`0.5` is not a spread", remedy);
    delay_is_told(&law("0.5"), at, "a spread is a string", remedy);
    delay_is_told(&law("-1"), at, "a spread cannot be negative", remedy);
}

#[test]
fn a_share_above_one_and_a_misspelt_field_are_refused_as_anywhere() {
    let law = r#"Bimodal(usual: ("1ms", "2ms"), rare: ("1s", "2s"), share: "2/1")"#;
    let remedy = "write it as a fraction from \"0/1\" to \"1/1\": \"3/100\"";
    delay_is_told(law, (80, ".Bimodal.share"), "`2/1` is more than certain", remedy);
    let wrong = "unknown field `spred`";
    let law = r#"LogNormal(median: "10ms", spred: "1/2")"#;
    delay_is_told(law, (48, ".LogNormal.spred"), wrong, "did you mean `spread`?");
}
