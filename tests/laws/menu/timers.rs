//! Timers that fire at another time than their machine asked for.

use super::{deadlines, five, times};
use crate::courier::{AsWritten as _, Five, at};
use rehearsal::sim::trace::EventKind;

/// Node 1 arms its timer at 100 ms, for 150 ms.
fn waiting(faults: &str) -> Five {
    five(at(100, 1, "Wait(150)"), faults)
}

#[test]
fn an_armed_timer_fires_when_a_fault_says_so_and_only_once() {
    assert_eq!(deadlines(&waiting("")), ["250"]);
    let early = waiting(r#"(at: "180ms", do: Fire(node: 1, timer: "()")),"#);
    assert_eq!(deadlines(&early), ["180"]);
    assert_eq!(times(&early, |what| matches!(what, EventKind::Move { .. })), ["180"]);
}

#[test]
fn a_timer_can_be_put_off_again_and_again_and_fire_all_the_same() {
    let late = r#"(at: "180ms", do: PutOff(node: 1, timer: "()", by: "100ms")),"#;
    assert_eq!(deadlines(&waiting(late)), ["350"]);
    let twice = format!("{late} {}", late.replace("180ms", "300ms"));
    assert_eq!(deadlines(&waiting(&twice)), ["450"]);
    let and_fires = format!(r#"{late} (at: "260ms", do: Fire(node: 1, timer: "()")),"#);
    assert_eq!(deadlines(&waiting(&and_fires)), ["260"]);
    let and_back = format!(
        r#"(at: "110ms", do: Fire(node: 1, timer: "()")), {late}
        (at: "120ms", do: Fire(node: 1, timer: "()")),"#
    );
    assert_eq!(deadlines(&waiting(&and_back)), ["110"], "then nothing is armed any more");
}

#[test]
fn a_timer_that_is_not_armed_is_left_alone() {
    for fault in [
        r#"(at: "50ms", do: Fire(node: 1, timer: "()")),"#,
        r#"(at: "300ms", do: PutOff(node: 1, timer: "()", by: "1s")),"#,
        r#"(at: "180ms", do: Fire(node: 1, timer: "resend")),"#,
        r#"(at: "180ms", do: Fire(node: 2, timer: "()")),"#,
    ] {
        assert_eq!(deadlines(&waiting(fault)), ["250"], "{fault}");
        assert_eq!(waiting(fault).run(1).unstruck(), [0], "{fault}");
    }
}

#[test]
fn of_any_nodes_one_is_meant_that_has_armed_the_timer() {
    for target in ["\"any\"", "AnyOf([1, 2, 3])"] {
        let fault = format!(r#"(at: "180ms", do: Fire(node: {target}, timer: "(*")),"#);
        assert_eq!(deadlines(&waiting(&fault)), ["180"], "{target}");
    }
}

#[test]
fn an_overdue_timer_that_is_put_off_fires_no_earlier_than_now() {
    let faults = r#"(at: "150ms", do: Pause(node: 1, lasts: "200ms")),
        (at: "300ms", do: PutOff(node: 1, timer: "()", by: "10ms")),"#;
    assert_eq!(deadlines(&waiting(faults)), ["350"]);
}

#[test]
fn a_timer_of_a_node_that_pauses_fires_when_the_pause_is_over() {
    let faults = r#"(at: "150ms", do: Pause(node: 1, lasts: "200ms")),
        (at: "200ms", do: Fire(node: 1, timer: "()")),"#;
    assert_eq!(deadlines(&waiting(faults)), ["350"]);
}

#[test]
fn a_timer_is_put_off_on_the_clock_of_its_node() {
    // A clock at half speed: what is left of 150 ms, and 100 ms more, take twice as long.
    let faults = r#"(at: "0ms", do: Drift(node: 1, by: Slow("1/2"))),
        (at: "200ms", do: PutOff(node: 1, timer: "()", by: "100ms")),"#;
    assert_eq!(deadlines(&waiting(faults)), ["600"]);
}
