//! Nodes that crash, and start again or not.

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use super::{down, five, millis, outputs, three};
use crate::courier::{AsWritten, at, couriers, ms, node};

#[test]
fn a_crash_loses_deadlines_and_state_but_no_saves() {
    let commands = at(10, 1, "Keep(7)") + &at(20, 1, "Nap") + &at(30, 1, "Mood(true)");
    let faults = r#"(at: "21ms", do: Bounce(node: 1, down: "1ms")),"#;
    let report = five(commands, faults).run(1);
    let told = report.world.outputs(node(1));
    assert_eq!(told.len(), 2, "no deadline came: {told:?}");
    assert!(told[1].ends_with("{(): 7}"), "{told:?}");
}

#[test]
fn a_deadline_of_a_dead_incarnation_does_not_fire_in_the_next_one() {
    // Same name, same count: only the incarnation tells the two deadlines apart.
    let commands = at(10, 1, "Nap") + &at(12, 1, "Nap") + &at(40, 1, "Nap") + &at(41, 1, "Nap");
    let faults = r#"(at: "20ms", do: Bounce(node: 1, down: "1ms")),"#;
    for seed in 0..50 {
        let events = five(&commands, faults).events(seed);
        let mut armed = events.iter().filter_map(|event| match event.what {
            EventKind::Arm { deadline, .. } => Some(deadline),
            _ => None,
        });
        let fired = events.iter().filter(|event| matches!(event.what, EventKind::Timer { .. }));
        let mut fired: Vec<_> = fired.map(|event| event.at).collect();
        fired.retain(|at| *at > millis(20));
        assert_eq!(fired, [armed.next_back().expect("it napped")], "seed {seed}");
    }
}

#[test]
fn faults_of_one_instant_strike_in_their_order_in_the_file() {
    let up = |faults| three(faults).run(1).world.is_up(node(1));
    assert!(!up(r#"(at: "10ms", do: Restart(1)), (at: "10ms", do: Crash(1)),"#));
    assert!(up(r#"(at: "10ms", do: Crash(1)), (at: "10ms", do: Restart(1)),"#));
    let crashed_again = r#"(at: "5ms", do: Crash(1)), (at: "5ms", do: Restart(1)),
        (at: "5ms", do: Crash(1)),"#;
    assert!(!up(crashed_again));
}

#[test]
fn a_crash_after_an_effect_cuts_the_rest_of_the_step() {
    // The first effect of node 2 is what it tells at its start; the second would be the next.
    let five = three("(when: Effect(of: 1, nth: 2), do: Crash(1)),");
    assert_eq!(outputs(&five, 2), ["letter 1"], "the message that was sent is on its way");
    let events = five.events(1);
    let crash = events.iter().position(|event| matches!(event.what, EventKind::Crash { .. }));
    let before = &events[crash.expect("it crashed") - 1].what;
    assert!(matches!(before, EventKind::Send { message, .. } if message.nth == 1), "{before:?}");
}

#[test]
fn a_crash_at_its_start_keeps_a_node_from_starting() {
    let five = three(r#"(at: "0ms", do: Crash(2)), (at: "250ms", do: Restart(2)),"#);
    let report = five.run(1);
    assert_eq!(report.world.outputs(node(2)).len(), 2, "one start and the third letter");
    assert_eq!(report.tally.lost[&Lost::Down], 2);
    assert_eq!(report.world.incarnation(node(2)), Some(1));
}

#[test]
fn a_crash_after_a_restart_takes_back_what_an_earlier_bounce_planned() {
    let faults = r#"(at: "1s", do: Bounce(node: 1, down: "2s")), (at: "1500ms", do: Restart(1)),
        (at: "2s", do: Crash(1)),"#;
    let report = three(faults).run(1);
    assert!(!report.world.is_up(node(1)), "nobody restarted it after the last crash");
}

#[test]
fn a_bounce_may_take_no_time() {
    let report = three(r#"(at: "1s", do: Bounce(node: 1, down: "0ms")),"#).run(1);
    assert_eq!(report.world.incarnation(node(1)), Some(2));
}

#[test]
fn a_command_to_a_node_that_is_down_is_gone() {
    let commands = at(200, 3, "Roll") + &at(400, 3, "Roll");
    let faults = r#"(at: "100ms", do: Bounce(node: 3, down: "200ms")),"#;
    let report = five(commands, faults).run(1);
    assert_eq!(report.world.outputs(node(3)).len(), 3, "two starts and the second roll");
}

#[test]
fn a_node_that_is_down_stays_down_through_the_calm_unless_it_is_started() {
    let down = |faults: &str| down(&couriers().wrong(faults).calm_at(ms(3_000)).run(0));
    assert_eq!(down(r#"(at: "1s", do: Crash(5)),"#), [5]);
    assert!(down(r#"(at: "1s", do: Crash(5)), (at: "4s", do: Restart(5)),"#).is_empty());
    assert!(down(r#"(at: "2900ms", do: Bounce(node: 5, down: "1s")),"#).is_empty());
}
