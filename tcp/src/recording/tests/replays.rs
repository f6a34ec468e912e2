//! Replays of a recording that was changed, and with a machine that was changed.

use std::collections::BTreeSet;

use rehearsal_machine::Time;

use super::clerk::{Change, Clerk, Say, Timer};
use super::{bytes, life, node};
use crate::Lost;
use crate::recording::{Difference, Drawn, Life, Mismatch, Outcome, RecordedInput, Step, replay};

/// The first difference of a replay of the life that was changed like this.
#[track_caller]
fn difference(change: impl FnOnce(&mut Life)) -> Difference {
    let mut life = life();
    change(&mut life);
    replay(&life, Clerk::default()).expect_err("a change")
}

/// Each change is reported at the first step in which it shows.
#[test]
fn a_changed_machine_differs_at_the_first_step_that_shows_the_change() {
    let reports = [
        (
            Change::Span,
            "step 1 at 100ms: Start({Count: 0x28}): effect 1: recorded Arm { timer: Idle, \
             after: 10000000..=20000000 ns }, now Arm { timer: Idle, after: \
             10000000..=21000000 ns }",
        ),
        (
            Change::Range,
            "step 2 at 101ms: Command(Greet(n3)): draw 1: recorded a number from 1..=6, now a number from 0..=6",
        ),
        (
            Change::NoDraw,
            "step 2 at 101ms: Command(Greet(n3)): draw 1: recorded a number from 1..=6, now nothing",
        ),
        (
            Change::Count,
            "step 3 at 102ms: Message { from: n1~4 #1, message: Ping(2) }: effect 1: recorded \
             Save { cell: Count, value: Some(0x2a) }, now Save { cell: Count, value: \
             Some(0x2c) }",
        ),
        (
            Change::Silent,
            "step 3 at 102ms: Message { from: n1~4 #1, message: Ping(2) }: effect 3: recorded \
             Emit(..), that is 0x04002a, now nothing",
        ),
        (
            Change::OneMoreDraw,
            "step 5 at 106ms: Timer(Retry(6)): draw 3: recorded nothing, now a number \
             from 0..=1",
        ),
        (
            Change::Talkative,
            "step 7 at 121ms: Command(Stop): effect 2: recorded nothing, now \
             Emit(Count(42)), that is 0x04002a",
        ),
    ];
    for (change, report) in reports {
        let difference = replay(&life(), Clerk::with(change)).expect_err("a change");
        assert_eq!(difference.to_string(), report, "{change:?}");
    }
}

#[test]
fn a_changed_byte_of_an_effect_is_found_in_its_step() {
    let life = life();
    let mut kinds = BTreeSet::new();
    for (number, step) in life.steps.iter().enumerate() {
        for (index, done) in step.effects.iter().enumerate() {
            kinds.insert(done.effect[0]);
            for at in 0..done.effect.len() {
                for pattern in (0..8).map(|bit| 1 << bit) {
                    let mut other = life.clone();
                    let mut changed = done.effect.to_vec();
                    changed[at] ^= pattern;
                    other.steps[number].effects[index].effect = changed.into();
                    let difference = replay(&other, Clerk::default()).expect_err("a change");
                    assert_eq!(difference.step, number + 1);
                    assert!(
                        matches!(difference.what, Mismatch::Effect { number, .. } if number == index + 1)
                    );
                }
            }
        }
    }
    assert_eq!(kinds.len(), 5, "the recording has all kinds of effects");
}

#[test]
fn effects_with_the_same_text_are_shown_as_bytes() {
    // A number encoded in two bytes that fits into one.
    let encoded_otherwise = vec![2, 0x80, 0].into();
    assert_eq!(
        difference(|life| life.steps[6].effects[0].effect = encoded_otherwise).to_string(),
        "step 7 at 121ms: Command(Stop): effect 1: recorded Disarm(Idle), that is 0x028000, \
         now Disarm(Idle), that is 0x0200"
    );
}

#[test]
fn a_missing_or_additional_effect_is_found_in_its_step() {
    for (number, step) in life().steps.iter().enumerate() {
        let fewer = difference(|life| drop(life.steps[number].effects.pop()));
        let more = difference(|life| life.steps[number].effects.push(step.effects[0].clone()));
        for difference in [fewer, more] {
            assert_eq!(difference.step, number + 1);
            assert!(matches!(difference.what, Mismatch::Effect { .. }));
        }
    }
}

#[test]
fn another_drawn_number_leads_to_another_effect() {
    assert_eq!(life().steps[1].draws, [Drawn { low: 1, high: 6, value: 6 }]);
    let difference = difference(|life| life.steps[1].draws[0].value = 5);
    assert_eq!(difference.step, 2);
    assert!(matches!(difference.what, Mismatch::Effect { number: 1, .. }), "{difference}");
}

#[test]
fn a_draw_from_a_range_with_another_end_is_a_difference() {
    for (low, high) in [(0, 6), (1, 7), (1, 5), (2, 6)] {
        let recorded = Drawn { low, high, value: 6 };
        let difference = difference(|life| life.steps[1].draws[0] = recorded);
        let what = Mismatch::Draw { number: 1, recorded: Some(recorded), asked: Some((1, 6)) };
        assert_eq!((difference.step, difference.what), (2, what));
    }
}

#[test]
fn an_input_that_the_machine_cannot_decode_is_shown_as_bytes() {
    let mut trailing = bytes(&Say::Ping(1)).to_vec();
    trailing.push(0);
    let message = |bytes| RecordedInput::Message { from: node(1), incarnation: 1, count: 1, bytes };
    let strange = [
        (message(trailing.into()), "Message { from: n1~1 #1, message: 0x000100 }"),
        (RecordedInput::Command(bytes(&7_u8)), "Command(0x07)"),
        (RecordedInput::Timer(bytes(&7_u8)), "Timer(0x07)"),
    ];
    for (input, text) in strange {
        let difference = difference(|life| life.steps[2].input = input);
        assert_eq!((difference.step, difference.what), (3, Mismatch::Input));
        assert_eq!(difference.input, text);
    }
}

#[test]
fn of_long_values_the_beginning_is_shown() {
    let text = RecordedInput::Command(vec![0xff; 70].into()).describe::<Clerk>();
    assert_eq!(text, format!("Command(0x{}.. (70 bytes))", "ff".repeat(64)));
    assert_eq!(
        RecordedInput::timer::<Clerk>(&Timer::Retry(3)).expect("plain").describe::<Clerk>(),
        "Timer(Retry(3))"
    );
}

#[test]
fn a_deadline_that_fired_too_early_is_a_difference() {
    // It was armed at 101 ms, for 5 ms later.
    let difference = difference(|life| life.steps[4].at = Time::from_nanos(105_999_999));
    let armed_for = Mismatch::Deadline(Some(Time::from_millis(106)));
    assert_eq!((difference.step, &difference.what), (5, &armed_for));
    assert_eq!(
        difference.to_string(),
        "step 5 at 105.999999ms: Timer(Retry(6)): the deadline fired, but it is armed for 106ms"
    );
}

#[test]
fn a_deadline_that_is_not_armed_is_a_difference() {
    // A deadline is no longer armed after it fired, nor after it was disarmed.
    let fired = difference(|life| life.steps.insert(5, life.steps[4].clone()));
    assert_eq!((fired.step, fired.what), (6, Mismatch::Deadline(None)));
    let disarmed = difference(|life| {
        life.steps.push(Step { at: Time::from_millis(500), ..life.steps[5].clone() });
    });
    assert_eq!((disarmed.step, disarmed.what), (8, Mismatch::Deadline(None)));
}

#[test]
fn a_recorded_span_must_be_in_its_range() {
    for (after, is_possible) in
        [(9_999_999, false), (10_000_000, true), (20_000_000, true), (20_000_001, false)]
    {
        let mut life = life();
        life.steps.truncate(1);
        life.steps[0].effects[0].outcome = Outcome::Armed { after };
        let replayed = replay(&life, Clerk::default());
        assert_eq!(replayed.is_ok(), is_possible, "{after}");
        if let Err(difference) = replayed {
            assert!(matches!(difference.what, Mismatch::Outcome { number: 1, .. }));
        }
    }
}

#[test]
fn an_impossible_outcome_of_an_effect_is_a_difference() {
    let sent = Outcome::Sent { count: 1, lost: Some(Lost::Down) };
    let armed = Outcome::Armed { after: 10_000_000 };
    // The first effects of the steps are an arming, a message and a save.
    let wrong =
        [(0, sent), (0, Outcome::Plain), (1, armed), (1, Outcome::Plain), (2, sent), (2, armed)];
    for (step, outcome) in wrong.into_iter().chain([(1, Outcome::Sent { count: 0, lost: None })]) {
        let difference = difference(|life| life.steps[step].effects[0].outcome = outcome);
        assert_eq!(difference.step, step + 1);
        assert!(matches!(difference.what, Mismatch::Outcome { number: 1, .. }), "{difference}");
    }
}

#[test]
fn a_message_to_a_node_that_does_not_exist_is_lost_with_count_zero() {
    let mut life = life();
    let sends = life.steps.iter_mut().flat_map(|step| &mut step.effects);
    for done in sends.filter(|done| done.sent_message().is_some()) {
        done.outcome = Outcome::Sent { count: 0, lost: Some(Lost::Down) };
    }
    assert_eq!(replay(&life, Clerk::default()), Ok(()));
}
