//! The one loss that the paper's algorithm does not survive, message by message.

use super::cost::known_delay;
use super::support::{PAPER_50, Run, Sketch, Talk};
use super::windows::expected;

/// The run in which only the first acknowledgement of this message is lost.
fn without_ack_of(number: usize, sketch: Sketch) -> Run {
    let messages = Talk::read(PAPER_50).messages;
    let (from, to) = messages[number - 1];
    // Nothing else is lost and no copy comes after the first acknowledgement is
    // back, so that each earlier message of this link was acknowledged once.
    let nth = messages[..number].iter().filter(|link| **link == (from, to)).count();
    let lost = format!("when: Sends(from: {to}, to: {from}, kind: \"ack\", nth: {nth}), do: Lose");
    let run = sketch.resend(401).links(known_delay).fault(lost).run();
    assert_eq!(run.0.tally.lost.values().sum::<u64>(), 1, "message {number}");
    run
}

#[test]
fn the_repaired_form_survives_the_loss_of_any_first_acknowledgement() {
    for number in 1..=50 {
        let run = without_ack_of(number, Sketch::of(PAPER_50));
        run.assert_held();
        assert!(!run.is_stuck(), "message {number}");
        assert_eq!(run.0.windows, expected(50), "message {number}");
    }
}

#[test]
fn the_printed_form_is_stuck_by_the_loss_of_any_first_acknowledgement() {
    for number in 1..=50 {
        let run = without_ack_of(number, Sketch::of(PAPER_50).printed_form());
        assert!(run.is_stuck(), "message {number}");
    }
}

#[test]
fn nine_such_losses_make_the_printed_form_take_a_message_for_another() {
    let is_right = |run: &Run| {
        let talk = Talk::read(PAPER_50);
        run.shown().iter().zip(talk.windows()).all(|(shown, right)| right.starts_with(shown))
    };
    let run = |number| without_ack_of(number, Sketch::of(PAPER_50).printed_form());
    let wrong: Vec<_> = (1..=50).filter(|number| !is_right(&run(*number))).collect();
    assert_eq!(wrong.len(), 9, "{wrong:?}");
    assert_eq!(run(8).shown()[3], [6, 8, 8]);
}

#[test]
fn users_who_both_send_before_they_listen_deliver_nothing() {
    let talk = Talk { users: 2, messages: vec![(1, 2), (2, 1)] };
    let run = Sketch::of(&talk.source()).orders(&[vec![1, 2], vec![2, 1]]).run();
    assert!(run.is_stuck());
    assert!(run.delivered().is_empty());
}
