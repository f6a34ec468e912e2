//! Nodes that join late or handle nothing for a while, and a calm for some of
//! them only.

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use super::{deadlines, deliveries, five, letters, node, outputs};
use crate::courier::{AsWritten, Five, ROUGH, Setting, at, couriers, ms, on_every_link};

#[test]
fn an_absent_node_is_not_there_until_it_is_started() {
    let start = r#"(at: "200ms", do: Start(4)),"#;
    let five = five(letters(1, 4, &[100, 300]), start).absent([4, 5].map(node));
    assert_eq!(outputs(&five, 4), ["letter 2"]);
    let report = five.run(1);
    assert_eq!(report.tally.lost[&Lost::Absent], 1);
    assert_eq!(report.world.incarnation(node(4)), Some(1));
    assert!(report.world.outputs(node(5)).is_empty(), "nobody started it");
}

#[test]
fn a_late_start_draws_what_a_start_with_the_run_would_have_drawn() {
    let late = couriers().wrong(r#"(at: "200ms", do: Start(4)),"#).absent([4].map(node));
    let first = |five: &Five| five.run(1).world.outputs(node(4))[0].clone();
    assert_eq!(first(&late), first(&couriers()));
}

#[test]
fn no_restart_brings_a_node_that_has_yet_to_join() {
    for fault in [
        "Restart(4)",
        "Amnesia(4)",
        "Upgrade(4)",
        "Restart('x')",
        "Restart(\"any\")",
        "Amnesia(\"any\")",
        "Upgrade(\"any\")",
    ] {
        let faults = format!(r#"(at: "100ms", do: {fault}), (at: "200ms", do: Start(4)),"#);
        let commands = letters(1, 4, &[150, 300]);
        let five = five(commands, faults).absent([node(4)]).upgrade(Setting::edition(2));
        assert_eq!(outputs(&five, 4), ["letter 2"], "{fault}");
        assert_eq!(five.run(1).unstruck(), [0], "{fault}");
    }
}

#[test]
fn a_crash_of_a_node_that_has_joined_can_be_undone_as_any() {
    let faults = r#"(at: "100ms", do: Start(4)), (at: "200ms", do: Crash(4)),
        (at: "300ms", do: Restart('x')),"#;
    let five = five(letters(1, 4, &[400]), faults).absent([node(4)]);
    assert_eq!(outputs(&five, 4).last().map(String::as_str), Some("letter 1"));
}

#[test]
fn what_comes_for_a_node_that_pauses_is_handled_afterwards_in_its_order() {
    let commands = letters(1, 2, &[200, 300])
        + &at(250, 2, "Roll")
        + &at(100, 2, "Wait(150)")
        + &letters(1, 3, &[200]);
    let five = five(commands, r#"(at: "150ms", do: Pause(node: 2, lasts: "350ms")),"#);
    let told = outputs(&five, 2);
    assert_eq!(told[0], "letter 1");
    // At 250 ms the deadline comes before the command, and both before the second letter.
    assert!(told[1] == "awake" && told[2].starts_with("rolled") && told[3] == "letter 2");
    assert_eq!(deliveries(&five), ["210", "500", "500"], "node 3 is not concerned");
}

#[test]
fn a_deadline_that_was_put_off_to_within_a_pause_comes_at_its_end() {
    let commands = at(100, 2, "Wait(100)") + &at(120, 2, "Wait(200)");
    let five = five(commands, r#"(at: "150ms", do: Pause(node: 2, lasts: "350ms")),"#);
    assert_eq!(deadlines(&five), ["500"]);
}

#[test]
fn a_pause_without_an_end_lasts_until_it_is_resumed_or_calm() {
    let sent = letters(1, 2, &[200]);
    let pause = r#"(at: "150ms", do: Pause(node: 2)),"#;
    assert!(deliveries(&five(&sent, pause)).is_empty(), "it has no end");
    let resumed = format!(r#"{pause} (at: "700ms", do: Resume(2)),"#);
    assert_eq!(deliveries(&five(&sent, resumed)), ["700"]);
    assert_eq!(deliveries(&five(sent, pause).calm_at(ms(3_000))), ["3000"]);
}

#[test]
fn the_later_end_counts_where_a_pause_is_followed_by_another() {
    let faults = r#"(at: "100ms", do: Pause(node: 2, lasts: "300ms")),
        (at: "200ms", do: Pause(node: 2, lasts: "400ms")),"#;
    assert_eq!(deliveries(&five(letters(1, 2, &[250]), faults)), ["600"]);
}

#[test]
fn what_waited_for_a_node_that_pauses_goes_down_with_it() {
    let faults =
        r#"(at: "150ms", do: Pause(node: 2)), (at: "300ms", do: Bounce(node: 2, down: "1ms")),"#;
    let five = five(letters(1, 2, &[200, 400]), faults);
    assert_eq!(outputs(&five, 2)[1..], ["letter 2"], "it is awake after the crash");
    assert_eq!(five.run(1).tally.lost[&Lost::Down], 1);
}

#[test]
fn a_crash_while_it_handles_what_waited_loses_the_rest() {
    let faults = r#"(at: "150ms", do: Pause(node: 2, lasts: "300ms")),
        (when: Emits(node: 2, text: "letter 2"), do: Crash("it")),"#;
    let five = five(letters(1, 2, &[200, 220, 240]), faults);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2"]);
    assert_eq!(five.run(1).tally.lost[&Lost::Down], 1);
}

#[test]
fn a_node_that_is_down_has_no_pause_and_what_comes_for_it_does_not_wait() {
    let faults = r#"(at: "100ms", do: Crash(2)), (at: "150ms", do: Pause(node: 2, lasts: "350ms")),
        (at: "400ms", do: Restart(2)),"#;
    let five = five(letters(1, 2, &[200, 410]), faults);
    assert_eq!(outputs(&five, 2)[1..], ["letter 2"], "after the second start");
    assert_eq!(five.run(1).tally.lost[&Lost::Down], 1);
    assert_eq!(deliveries(&five), ["420"]);
}

#[test]
fn a_run_over_its_fault_budget_is_judged_on_safety_alone() {
    let five = |faults: &str| {
        couriers()
            .wrong(faults)
            .calm_at(ms(2_000))
            .claims(r#"Reaches(Up), Eventually(what: Up, within: "1s")"#)
            .budget(1)
    };
    let within = r#"(at: "1s", do: Crash(1)),"#;
    assert!(!five(within).run(1).held(), "one may be down, and is missed");
    let beyond = r#"(at: "1s", do: Crash(1)), (at: "1s", do: Crash(2)),"#;
    let report = five(beyond).run(1);
    assert!(report.held());
    assert_eq!(report.safety_alone, Some("more nodes were down than the budget has"));
    let in_turn = r#"(at: "1s", do: Bounce(node: 1, down: "10ms")), (at: "1100ms", do: Crash(2)),"#;
    assert_eq!(five(in_turn).run(1).safety_alone, None, "never two at a time");
}

#[test]
fn a_calm_for_a_core_leaves_the_rest_broken() {
    let five = couriers()
        .over(ROUGH)
        .commands(on_every_link(400, 3_000, 10))
        .wrong(
            r#"(at: "1s", do: Partition([[1, 4]])), (at: "2s", do: Hold(from: 5, to: 1)),
            (at: "4s", do: Crash(5)),"#,
        )
        .calm_at(ms(3_000))
        .calm_for([1, 2, 3].map(node));
    let (mut core, mut cut, mut lost) = (0, 0, 0);
    for event in five.events(1) {
        let EventKind::Send { message, lost: why, arrives, .. } = event.what else { continue };
        let (node, to) = (message.from, message.to);
        if node == to {
            continue;
        }
        if node.number() <= 3 && to.number() <= 3 {
            core += 1;
            assert_eq!((why, arrives.len()), (None, 1), "within the core at {}", event.at);
        } else {
            cut += usize::from(why == Some(Lost::Partition));
            lost += usize::from(why == Some(Lost::Loss));
        }
    }
    assert!(core > 50 && cut > 20 && lost > 10, "{core} {cut} {lost}");
}

#[test]
fn a_calm_for_a_core_asks_only_its_nodes() {
    let five = |expect| {
        couriers()
            .wrong(r#"(at: "1s", do: Crash(5)),"#)
            .calm_at(ms(3_000))
            .calm_for([1, 2, 3].map(node))
            .claims(expect)
    };
    assert!(five(r#"Eventually(what: Up, within: "1s")"#).run(1).held());
    assert!(!five("Always(Up)").run(1).held(), "safety is everybody's");
}
