//! Clocks that do not run true: what a node's `now` shows, and when its
//! deadlines come.

use rehearsal::sim::trace::EventKind;

use super::{deadlines, five, millis, outputs};
use crate::courier::{AsWritten, at, ms};

#[test]
fn a_skewed_clock_shows_another_time_by_just_so_much() {
    let looks = at(100, 1, "Look") + &at(300, 1, "Look") + &at(300, 2, "Look");
    let ahead = r#"(at: "200ms", do: Skew(node: 1, by: Ahead("50ms"))),"#;
    assert_eq!(outputs(&five(&looks, ahead), 1), ["it is 100", "it is 350"]);
    assert_eq!(outputs(&five(&looks, ahead), 2), ["it is 300"]);
    let behind = r#"(at: "200ms", do: Skew(node: 1, by: Behind("50ms"))),"#;
    assert_eq!(outputs(&five(&looks, behind), 1), ["it is 100", "it is 250"]);
}

#[test]
fn skews_replace_and_steps_add_up() {
    let faults = |what: &str| {
        format!(
            r#"(at: "100ms", do: {what}(node: 1, by: Ahead("50ms"))),
            (at: "200ms", do: {what}(node: 1, by: Ahead("50ms"))),"#
        )
    };
    let look = at(300, 1, "Look");
    assert_eq!(outputs(&five(&look, faults("Skew")), 1), ["it is 350"]);
    assert_eq!(outputs(&five(&look, faults("Step")), 1), ["it is 400"]);
}

#[test]
fn a_clock_shows_no_time_before_the_runs_beginning() {
    let faults = r#"(at: "100ms", do: Step(node: 1, by: Behind("5s"))),"#;
    assert_eq!(outputs(&five(at(300, 1, "Look"), faults), 1), ["it is 200"]);
}

#[test]
fn a_drifting_clock_gains_or_loses_its_share() {
    let look = at(1_000, 1, "Look");
    let fast = r#"(at: "0ms", do: Drift(node: 1, by: Fast("1/10"))),"#;
    assert_eq!(outputs(&five(&look, fast), 1), ["it is 1100"]);
    let slow = r#"(at: "500ms", do: Drift(node: 1, by: Slow("1/10"))),"#;
    assert_eq!(outputs(&five(&look, slow), 1), ["it is 950"]);
}

#[test]
fn a_deadline_comes_when_its_nodes_own_clock_says_so() {
    let wait = at(100, 1, "Wait(100)");
    assert_eq!(deadlines(&five(&wait, "")), ["200"]);
    let drift = |by: &str| format!(r#"(at: "0ms", do: Drift(node: 1, by: {by})),"#);
    assert_eq!(deadlines(&five(&wait, drift(r#"Slow("1/2")"#))), ["300"]);
    assert_eq!(deadlines(&five(&wait, drift(r#"Fast("1/1")"#))), ["150"]);
}

#[test]
fn a_clock_that_jumps_takes_armed_deadlines_along() {
    let wait = at(100, 1, "Wait(100)");
    let jump = |by: &str| format!(r#"(at: "150ms", do: Step(node: 1, by: {by})),"#);
    assert_eq!(deadlines(&five(&wait, jump(r#"Ahead("20ms")"#))), ["180"]);
    assert_eq!(deadlines(&five(&wait, jump(r#"Behind("20ms")"#))), ["220"]);
    assert_eq!(deadlines(&five(&wait, jump(r#"Ahead("1h")"#))), ["150"], "at once");
}

#[test]
fn in_the_calm_a_clock_runs_true_from_what_it_shows() {
    let commands = at(3_000, 1, "Look") + &at(1_900, 1, "Wait(200)");
    let slow = r#"(at: "1s", do: Drift(node: 1, by: Slow("1/2"))),"#;
    let five = five(commands, slow).calm_at(ms(2_000));
    // 1 s, then half of one, then a whole one again.
    assert_eq!(outputs(&five, 1), ["awake", "it is 2500"]);
    assert_eq!(deadlines(&five), ["2150"], "50 of the 200 ms before the calm, 150 after it");
}

#[test]
fn a_clock_keeps_its_error_through_a_crash() {
    let faults = r#"(at: "100ms", do: Skew(node: 1, by: Ahead("1s"))),
        (at: "200ms", do: Bounce(node: 1, down: "10ms")),"#;
    let told = outputs(&five(at(300, 1, "Look"), faults), 1);
    assert_eq!(told.last().map(String::as_str), Some("it is 1300"));
    let changes = five("", faults).events(1);
    let clock = changes.iter().find_map(|event| match event.what {
        EventKind::Clock { shows, .. } => Some((event.at, shows)),
        _ => None,
    });
    assert_eq!(clock, Some((millis(100), millis(1_100))));
}
