//! One identity: the key that a trace shows of a message or a timer decides it
//! in a plan.

use rehearsal::sim::network::Lost;
use rehearsal::sim::plan::{Decision, DecisionKey, Decisions, Rest};
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Keep, Options, run};

use crate::courier::{AsWritten, Five, ROUGH, at, couriers, letters};

/// Letters and naps on a network that loses, doubles and holds, with crashes.
fn busy() -> Five {
    let naps: String = (1..=40).map(|nap| at(nap * 170, nap % 5 + 1, "Nap")).collect();
    couriers().over(ROUGH).commands(letters() + &naps).wrong(
        r#"(at: "1s", do: Bounce(node: 2, down: "300ms")), (at: "2s", do: Hold(from: 1, to: 3)),
        (at: "3s", do: Release(from: 1, to: 3)),"#,
    )
}

/// The same run, with one decision listed.
fn decided(key: DecisionKey, decision: Decision) -> Vec<Event> {
    let decisions = Decisions::listed([(key, decision)], Rest::Seed);
    let options = Options::seed(3).keep(Keep::Trace).decisions(decisions);
    run(&busy().scenario(), options).outcome.events.expect("they were kept").to_vec()
}

/// Lists a decision for every seventeenth of these events of the run, beginning
/// with that at `of`, and gives each with what became of it. Up to there nothing may
/// change.
fn redecided(
    of: usize,
    decision: &Decision,
    is_wanted: fn(&EventKind) -> bool,
) -> Vec<(Event, Event)> {
    let before = busy().events(3);
    let wanted = before.iter().enumerate().filter(|(_, event)| is_wanted(&event.what));
    let chosen = wanted.skip(of).step_by(17).map(|(place, event)| {
        let key = event.what.key().expect("it has one");
        let after = decided(key.clone(), decision.clone());
        assert_eq!(after[..place], before[..place], "{key}");
        assert_eq!(after[place].what.key(), Some(key));
        (event.clone(), after[place].clone())
    });
    chosen.collect()
}

#[test]
fn the_key_of_a_message_in_a_trace_loses_that_message_in_a_plan() {
    // What a node sends to itself is never lost.
    let arrives = |what: &EventKind| matches!(what, EventKind::Send { message, lost: None, .. } if message.from != message.to);
    let chosen = redecided(5, &Decision::Lose, arrives);
    for (_, after) in &chosen {
        let EventKind::Send { lost, .. } = &after.what else { panic!("{after:?}") };
        assert_eq!(*lost, Some(Lost::Loss), "{after:?}");
    }
    assert!(chosen.len() > 10);
}

#[test]
fn the_key_of_a_timer_in_a_trace_puts_off_that_timer_in_a_plan() {
    let is_armed = |what: &EventKind| matches!(what, EventKind::Arm { .. });
    let chosen = redecided(0, &Decision::Arm(TimeSpan::from_millis(7_777)), is_armed);
    for (before, after) in &chosen {
        let EventKind::Arm { deadline, .. } = &after.what else { panic!("{after:?}") };
        assert_eq!(*deadline, before.at + TimeSpan::from_millis(7_777).as_duration());
    }
    assert!(chosen.len() > 2);
}

#[test]
fn the_cause_of_a_fault_is_the_event_that_set_it_off() {
    let faults = r#"(when: Sends(from: 1, kind: "letter", nth: 2), do: Bounce(node: 2, down: "5ms",
        disk: LosesLast)), (at: "700ms", do: Crash(4)),"#;
    let commands = at(10, 2, "Keep(7)") + &letters();
    let events = couriers().commands(commands).wrong(faults).events(1);
    let caused = |event: &Event| event.cause.map(|cause| &events[cause as usize - 1].what);
    let of = |node: u32| {
        let is_it = move |event: &&Event| {
            let is_fault = matches!(event.what, EventKind::Crash { .. } | EventKind::Disk { .. });
            is_fault && event.what.node().is_some_and(|of| of.number() == node)
        };
        events.iter().filter(is_it).map(caused).collect::<Vec<_>>()
    };
    let by_second =
        |what: &EventKind| matches!(what, EventKind::Send { text, .. } if text == "letter 5");
    assert!(of(2)[0].is_some_and(by_second), "{:?}", of(2));
    assert!(of(4)[0].is_none(), "{:?}", of(4));
    let restart =
        events.iter().find(|event| matches!(event.what, EventKind::Start { incarnation: 2, .. }));
    let crash = caused(restart.expect("it was restarted"));
    assert!(matches!(crash, Some(EventKind::Crash { .. })), "{crash:?}");
}
