//! Nodes that come back with another configuration.

use rehearsal::sim::trace::EventKind;

use super::node;
use crate::courier::{AsWritten, Five, Setting, at, couriers};

fn five(faults: &str) -> Five {
    couriers().commands(at(50, 2, "Keep(7)")).wrong(faults).upgrade(Setting::edition(2))
}

/// What the node has told of its edition and of what it found saved, at each
/// start, the first one left out.
fn starts(five: &Five, number: u32) -> Vec<(bool, bool)> {
    let report = five.run(1);
    let told = report.world.outputs(node(number));
    let is_new = |place: usize| told.get(place + 1).is_some_and(|next| next == "edition 2");
    let starts = told.iter().enumerate().filter(|(_, text)| text.starts_with("start"));
    starts.map(|(place, text)| (is_new(place), text.ends_with("{(): 7}"))).skip(1).collect()
}

#[test]
fn an_upgraded_node_runs_by_the_other_configuration_and_keeps_what_it_saved() {
    let five = five(r#"(at: "100ms", do: Crash(2)), (at: "200ms", do: Upgrade(2)),"#);
    assert_eq!(starts(&five, 2), [(true, true)]);
}

#[test]
fn an_upgraded_node_stays_so_whoever_starts_it_later() {
    let five = five(
        r#"(at: "100ms", do: Crash(2)), (at: "200ms", do: Upgrade(2)),
        (at: "300ms", do: Bounce(node: 2, down: "10ms")), (at: "400ms", do: Crash(2)),
        (at: "500ms", do: Restart(2)), (at: "600ms", do: Crash(2)), (at: "700ms", do: Amnesia(2)),
        (at: "800ms", do: Crash(2)), (at: "900ms", do: Upgrade(2)),"#,
    );
    let all = [(true, true), (true, true), (true, true), (true, false), (true, false)];
    assert_eq!(starts(&five, 2), all);
    let is_upgrade = |what: &EventKind| matches!(what, EventKind::Upgrade { .. });
    let upgrades = five.events(1).iter().filter(|event| is_upgrade(&event.what)).count();
    assert_eq!(upgrades, 1, "it is told once");
}

#[test]
fn the_others_go_on_as_they_were() {
    let five = five(
        r#"(at: "100ms", do: Crash(2)), (at: "200ms", do: Upgrade(2)),
        (at: "300ms", do: Bounce(node: 3, down: "10ms")),"#,
    );
    assert_eq!(starts(&five, 3), [(false, false)]);
}

#[test]
fn a_node_that_is_up_is_not_upgraded() {
    let five = five(
        r#"(at: "100ms", do: Upgrade(2)), (at: "200ms", do: Upgrade("any")),
        (at: "300ms", do: Bounce(node: 2, down: "10ms")),"#,
    );
    assert_eq!(starts(&five, 2), [(false, true)]);
    assert_eq!(five.run(1).unstruck(), [0, 1]);
}

#[test]
fn anybody_is_somebody_who_is_down() {
    let faults = r#"(at: "100ms", do: Crash(2)), (at: "200ms", do: Upgrade("any")),"#;
    assert_eq!(starts(&five(faults), 2), [(true, true)]);
}

#[test]
fn a_crash_at_the_same_instant_keeps_it_down_and_what_was_installed_stays() {
    let five = five(
        r#"(at: "100ms", do: Crash(2)), (at: "200ms", do: Upgrade(2)), (at: "200ms", do: Crash(2)),
        (at: "300ms", do: Restart(2)),"#,
    );
    assert_eq!(starts(&five, 2), [(true, true)]);
}
