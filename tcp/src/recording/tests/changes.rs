use std::collections::BTreeSet;

use super::clerk::{Bell, Change, Clerk, Say};
use super::{bytes, life, node};
use crate::recording::{Drawn, Mismatch, RecordedInput, replay};

/// Which step of the recorded life each change shows in, and how it is told.
#[test]
fn a_machine_that_does_something_else_is_told_from_the_first_step_on_that_shows_it() {
    let told = [
        (
            Change::Span,
            "step 1 at 100ms: Start({Count: 0x28}): effect 1: recorded is Arm { timer: Idle, \
             after: 10000000..=20000000 ns }, now it is Arm { timer: Idle, after: \
             10000000..=21000000 ns }",
        ),
        (
            Change::Range,
            "step 2 at 101ms: Command(Greet(n3)): draw 1: recorded is a number from 1..=6, now it \
             is a number from 0..=6",
        ),
        (
            Change::NoDraw,
            "step 2 at 101ms: Command(Greet(n3)): draw 1: recorded is a number from 1..=6, now it \
             is nothing",
        ),
        (
            Change::Count,
            "step 3 at 102ms: Message { from: n1~4 #1, message: Ping(2) }: effect 1: recorded is \
             Save { cell: Count, value: Some(0x2a) }, now it is Save { cell: Count, value: \
             Some(0x2c) }",
        ),
        (
            Change::Silent,
            "step 3 at 102ms: Message { from: n1~4 #1, message: Ping(2) }: effect 3: recorded is \
             Emit(..), that is 0x04002a, now it is nothing",
        ),
        (
            Change::OneMoreDraw,
            "step 5 at 106ms: Timer(Retry(6)): draw 3: recorded is nothing, now it is a number \
             from 0..=1",
        ),
        (
            Change::Talkative,
            "step 7 at 121ms: Command(Stop): effect 2: recorded is nothing, now it is \
             Emit(Count(42)), that is 0x04002a",
        ),
    ];
    for (change, describe) in told {
        let difference = replay(&life(), Clerk::with(change)).expect_err("a change");
        assert_eq!(difference.to_string(), describe, "{change:?}");
    }
}

#[test]
fn any_changed_byte_of_any_effect_is_found_in_its_step() {
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
    assert_eq!(kinds.len(), 5, "all kinds of effects are recorded");
}

#[test]
fn effects_that_read_alike_are_told_by_their_bytes() {
    let mut life = life();
    // Two bytes for a number that has room in one.
    life.steps[6].effects[0].effect = vec![2, 0x80, 0].into();
    let difference = replay(&life, Clerk::default()).expect_err("a change");
    assert_eq!(
        difference.to_string(),
        "step 7 at 121ms: Command(Stop): effect 1: recorded is Disarm(Idle), that is 0x028000, \
         now it is Disarm(Idle), that is 0x0200"
    );
}

#[test]
fn an_effect_that_is_missing_or_too_much_is_found_in_its_step() {
    let life = life();
    for (number, step) in life.steps.iter().enumerate() {
        let mut fewer = life.clone();
        fewer.steps[number].effects.pop();
        let mut more = life.clone();
        more.steps[number].effects.push(step.effects[0].clone());
        for other in [fewer, more] {
            let difference = replay(&other, Clerk::default()).expect_err("a change");
            assert_eq!(difference.step, number + 1);
            assert!(matches!(difference.what, Mismatch::Effect { .. }));
        }
    }
}

#[test]
fn another_number_in_a_draw_leads_to_another_effect() {
    let mut life = life();
    assert_eq!(life.steps[1].draws, [Drawn { low: 1, high: 6, value: 6 }]);
    life.steps[1].draws[0].value = 5;
    let difference = replay(&life, Clerk::default()).expect_err("a change");
    assert_eq!(difference.step, 2);
    assert!(matches!(difference.what, Mismatch::Effect { number: 1, .. }), "{difference}");
}

#[test]
fn a_draw_from_another_range_is_told_whichever_end_differs() {
    for (low, high) in [(0, 6), (1, 7), (1, 5), (2, 6)] {
        let mut life = life();
        let recorded = Drawn { low, high, ..life.steps[1].draws[0] };
        life.steps[1].draws[0] = recorded;
        let difference = replay(&life, Clerk::default()).expect_err("a change");
        let what = Mismatch::Draw { number: 1, recorded: Some(recorded), asked: Some((1, 6)) };
        assert_eq!((difference.step, difference.what), (2, what));
    }
}

#[test]
fn an_input_that_is_none_of_the_machines_is_told_in_bytes() {
    let mut trailing = bytes(&Say::Ping(1)).to_vec();
    trailing.push(0);
    let message = |bytes| RecordedInput::Message { from: node(1), incarnation: 1, count: 1, bytes };
    let strange = [
        (message(trailing.into()), "Message { from: n1~1 #1, message: 0x000100 }"),
        (RecordedInput::Command(bytes(&7_u8)), "Command(0x07)"),
        (RecordedInput::Timer(bytes(&7_u8)), "Timer(0x07)"),
    ];
    for (input, describe) in strange {
        let mut life = life();
        life.steps[2].input = input;
        let difference = replay(&life, Clerk::default()).expect_err("no input");
        assert_eq!((difference.step, difference.what), (3, Mismatch::Input));
        assert_eq!(difference.input, describe);
    }
}

#[test]
fn long_values_are_told_by_their_beginning() {
    let describe = RecordedInput::Command(vec![0xff; 70].into()).describe::<Clerk>();
    assert_eq!(describe, format!("Command(0x{}.. (70 bytes))", "ff".repeat(64)));
    assert_eq!(
        RecordedInput::timer::<Clerk>(&Bell::Retry(3)).expect("plain").describe::<Clerk>(),
        "Timer(Retry(3))"
    );
}
