use rehearsal_machine::Time;

use super::clerk::Clerk;
use super::life;
use crate::Lost;
use crate::recording::{Mismatch, Outcome, replay};

#[test]
fn a_deadline_that_came_too_early_is_no_deadline() {
    let mut life = life();
    // It was armed at 101 ms, for 5 ms later.
    life.steps[4].at = Time::from_nanos(105_999_999);
    let difference = replay(&life, Clerk::default()).expect_err("too early");
    assert_eq!(difference.step, 5);
    assert_eq!(difference.what, Mismatch::Deadline(Some(Time::from_millis(106))));
    assert_eq!(
        difference.to_string(),
        "step 5 at 105.999999ms: Timer(Retry(6)): the deadline came, and was armed for 106ms"
    );
}

#[test]
fn a_deadline_that_nobody_armed_is_none() {
    let mut life = life();
    // Once it has come it is gone; and so it is once it was disarmed.
    let again = life.steps[4].clone();
    life.steps.insert(5, again);
    let difference = replay(&life, Clerk::default()).expect_err("not armed");
    assert_eq!((difference.step, difference.what), (6, Mismatch::Deadline(None)));
    let mut life = self::life();
    let mut after_the_stop = life.steps[5].clone();
    after_the_stop.at = Time::from_millis(500);
    life.steps.push(after_the_stop);
    let difference = replay(&life, Clerk::default()).expect_err("disarmed");
    assert_eq!((difference.step, difference.what), (8, Mismatch::Deadline(None)));
}

#[test]
fn a_span_is_one_of_those_that_were_asked_for() {
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
fn only_what_can_be_made_of_an_effect_is_believed() {
    let sent = Outcome::Sent { count: 1, lost: Some(Lost::Down) };
    let armed = Outcome::Armed { after: 10_000_000 };
    // The first effects of the steps: an arming, a message, a save.
    let wrong =
        [(0, sent), (0, Outcome::Plain), (1, armed), (1, Outcome::Plain), (2, sent), (2, armed)];
    for (step, outcome) in wrong.into_iter().chain([(1, Outcome::Sent { count: 0, lost: None })]) {
        let mut life = life();
        life.steps[step].effects[0].outcome = outcome;
        let difference = replay(&life, Clerk::default()).expect_err("it cannot be");
        assert_eq!(difference.step, step + 1);
        assert!(matches!(difference.what, Mismatch::Outcome { number: 1, .. }), "{difference}");
    }
}

#[test]
fn what_is_said_to_a_node_that_does_not_exist_is_lost_and_not_counted() {
    let mut life = life();
    let sends = life.steps.iter_mut().flat_map(|step| &mut step.effects);
    for done in sends.filter(|done| done.sent_message().is_some()) {
        done.outcome = Outcome::Sent { count: 0, lost: Some(Lost::Down) };
    }
    assert_eq!(replay(&life, Clerk::default()), Ok(()));
}
