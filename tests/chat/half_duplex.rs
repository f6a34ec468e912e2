//! Slots against arithmetic: two users whose slots agree in phase.

use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Keep, Options, run};

use super::support::read;

/// When user 2 hears what user 1 says at this time, and again after `resend` if it is missed; all in
/// milliseconds.
fn heard(slot: u64, delay: u64, resend: u64, said: u64, faults: &str) -> Vec<u64> {
    let text = format!(
        "(claim: \"a test\", nodes: 2, until: \"1s\",
        protocol: Chat((resend: \"{resend}ms\", slot: \"{slot}ms\", unsafe_timing: true, election: (
            form: Paper(answer_wait: \"1s\", coordinator_wait: \"9s\"), initial_leader: 2))),
        network: (delay: Fixed(\"{delay}ms\")), faults: [{faults}],
        commands: [(at: \"{said}ms\", to: 1, command: Say(to: 2, text: \"hello\"))], expect: [])"
    );
    let report = run(&read(&text), Options::seed(1).keep(Keep::Trace));
    let heard = |event: Event| match &event.what {
        EventKind::Emit { text, .. } if text.starts_with("hears") => {
            Some(event.at.as_nanos() / 1_000_000)
        }
        _ => None,
    };
    report.outcome.events.expect("it was kept").iter().filter_map(heard).collect()
}

#[test]
fn all_tries_are_missed_if_they_arrive_in_a_slot_in_which_the_other_one_sends() {
    for slot in 1..=12 {
        for delay in 1..=40 {
            let is_missed = delay % (2 * slot) < slot;
            let heard = heard(slot, delay, 2 * slot, 0, "");
            assert_eq!(heard.is_empty(), is_missed, "slots of {slot} ms, {delay} ms away");
        }
    }
}

/// The same over a way of 15 ms, with slots of 10 ms.
fn heard_at(said: u64, faults: &str) -> Vec<u64> {
    heard(10, 15, 500, said, faults)
}

const NOTHING: [u64; 0] = [];

#[test]
fn what_is_said_while_a_user_listens_waits_for_the_slot_after() {
    assert_eq!(heard_at(4, ""), [19]);
    assert_eq!(heard_at(6, ""), NOTHING, "it arrives at 21 ms, while the other one sends");
    assert_eq!(heard_at(12, ""), [35]);
    assert_eq!(heard_at(19, ""), [35]);
}

#[test]
fn slots_begin_anew_with_each_start() {
    // It sends from 28 ms to 38 ms, by the run's time from 20 ms to 30 ms and from 40 ms on.
    let faults = "(at: \"20ms\", do: Bounce(node: 1, down: \"8ms\"))";
    assert_eq!(heard_at(36, faults), [51]);
}

#[test]
fn what_waits_for_a_slot_is_gone_with_a_crash() {
    // Kept, it would go out at 55 ms, and arrive while the other one listens.
    let faults = "(at: \"15ms\", do: Bounce(node: 1, down: \"20ms\"))";
    assert_eq!(heard_at(12, faults), NOTHING);
}

#[test]
fn a_clock_that_is_set_back_keeps_the_slot_as_it_is() {
    // In the middle of a slot to listen, which lasts until the clock has caught up.
    let faults = "(at: \"15ms\", do: Step(node: 2, by: Behind(\"10s\")))";
    assert_eq!(heard_at(2, faults), [17]);
}
