//! A law that cannot be sampled is refused with its place, its path and a remedy,
//! wherever it stands.

use super::bad_scenarios::SCENARIO;

const MISTAKES: &str = r#"
! the range is empty: 10ms is more than 1ms
= help: write the shorter span first
    ^Uniform("10ms", "1ms") | network.delay
    Bimodal(usual: ^("10ms", "1ms"), rare: ("1s", "2s"), share: "1/9") | network.delay.Bimodal.usual
    Bimodal(usual: ("1s", "2s"), rare: ^("10ms", "1ms"), share: "0/1") | network.delay.Bimodal.rare

! a mean of no time leaves nothing to chance
= help: for no delay at all write `Fixed("0ms")`
    Exponential(^"0s") | network.delay.Exponential
    nodes: 6 => nodes: 6, workload: (count: 9, gap: Exponential(^"0ms")) | workload.gap.Exponential
! a median of no time leaves nothing to chance
    LogNormal(median: ^"0s", spread: "1/2") | network.delay.LogNormal.median

! this can take longer than 584 years
= help: its longest span is 22.2 means: give one of at most 26 years
    Exponential(^"240000h") | network.delay.Exponential
! this can take longer than 584 years
= help: its longest span is the median times e to the power of 6.23 spreads: make one of the two smaller
    LogNormal(median: ^"24h", spread: "4/1") | network.delay.LogNormal.median

! a spread of zero spreads nothing
= help: for a span that is always the same write `Fixed`, or a spread up to "4/1"
    LogNormal(median: "10ms", spread: ^"0/1") | network.delay.LogNormal.spread
! `9/2` is more than 4
= help: write it as a fraction above "0/1", up to "4/1": "1/2"
    LogNormal(median: "10ms", spread: ^"9/2") | network.delay.LogNormal.spread
! a spread cannot be out of zero
    LogNormal(median: "10ms", spread: ^"1/0") | network.delay.LogNormal.spread
! `0.5` is not a spread
    LogNormal(median: "10ms", spread: ^"0.5") | network.delay.LogNormal.spread
! a spread is a string
    LogNormal(median: "10ms", spread: ^0.5) | network.delay.LogNormal.spread
! a spread cannot be negative
    LogNormal(median: "10ms", spread: ^-1) | network.delay.LogNormal.spread

! `2/1` is more than certain
= help: write it as a fraction from "0/1" to "1/1": "3/100"
    Bimodal(usual: ("1ms", "2ms"), rare: ("1s", "2s"), share: ^"2/1") | network.delay.Bimodal.share
! unknown field `spred`
= help: did you mean `spread`?
    LogNormal(median: "10ms", ^spred: "1/2") | network.delay.LogNormal.spred
"#;

#[test]
fn a_law_that_cannot_be_sampled_is_refused() {
    SCENARIO.refuses(r#"Fixed("10ms")"#, MISTAKES);
}
