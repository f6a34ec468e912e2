//! Each planted bug is caught: what holds without it fails with it.

use rehearsal::protocol::deadlock::DetectorInput;
use rehearsal::protocol::resource::{Model as Requests, View};

use super::motion::{of_probes, run};
use super::rounds::{DELAY, Form, PERIOD, QUIET};
use super::withdrawal::outlived;
use super::{diffusing, labels};
use crate::drive::{Delay, ms};
use crate::support::planted;
use crate::waits::{Model, NOBODY, Waits, edges, id};

#[test]
fn whoever_sends_every_probe_on_shows_in_the_count() {
    // Two ways lead from 1 to 4.
    let waits = Waits::of(Model::And, 5, &[(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]);
    let cost = || Form::Chasing.begin(&waits, 1).count("probe");
    assert_eq!((cost(), planted("ForwardsEveryTime", cost)), (5, 6));
}

/// 1 waits for 2, which gives it what it wants, and then asks 1 for something
/// before that has arrived. There is no cycle at any time.
fn grant_in_flight() -> Vec<u32> {
    let mut world = Form::Chasing.world(2, QUIET, Delay::Constant(ms(DELAY)));
    world.look(1, &edges(Some((2, id(1, 1))), None));
    world.look(2, &edges(None, Some((1, id(1, 1)))));
    world.ask(1, DetectorInput::Check);
    world.look(2, &edges(Some((1, id(2, 1))), None));
    world.look(1, &edges(Some((2, id(1, 1))), Some((2, id(2, 1)))));
    world.run_until(PERIOD / 2);
    world.finders()
}

#[test]
fn whoever_does_not_ask_along_which_request_a_probe_came_sees_a_phantom() {
    assert_eq!(grant_in_flight(), NOBODY);
    assert_eq!(planted("AnyRequestWillDo", grant_in_flight), [1]);
    let mistaken =
        || (0..50).map(|seed| run(of_probes(Requests::And), seed).mistaken).sum::<usize>();
    assert_eq!(mistaken(), 0);
    assert!(planted("AnyRequestWillDo", mistaken) > 0);
}

#[test]
fn whoever_answers_a_copy_of_its_engagers_question_answers_too_early() {
    // 3 waits for nothing.
    let waits = Waits::of(Model::Or, 3, &[(1, 2), (2, 3)]);
    let finders = || {
        let mut world = Form::Diffusing.world(3, QUIET, Delay::Twice(ms(DELAY)));
        world.settle(&waits);
        world.ask(1, DetectorInput::Check);
        world.run_until(PERIOD / 2);
        world.finders()
    };
    assert_eq!(finders(), NOBODY);
    assert_eq!(planted("AnswersCopies", finders), [1]);
}

#[test]
fn a_node_that_takes_one_reply_for_all_overlooks_a_way_out() {
    // 3 waits for nothing.
    let waits = Waits::of(Model::Or, 3, &[(1, 2), (1, 3), (2, 1)]);
    let finders = || Form::Diffusing.begin(&waits, 1).finders();
    assert_eq!(finders(), NOBODY);
    assert_eq!(planted("FirstReplyDecides", finders), [1]);
}

#[test]
fn a_node_that_replies_although_it_waits_for_nothing_is_taken_for_stuck() {
    let waits = Waits::of(Model::Or, 2, &[(1, 2)]);
    let finders = || Form::Diffusing.begin(&waits, 1).finders();
    assert_eq!(finders(), NOBODY);
    assert_eq!(planted("FreeReplies", finders), [1]);
}

#[test]
fn a_verdict_that_is_never_withdrawn_outlives_its_deadlock() {
    for (place, name) in [(0, "NeverWithdraws"), (1, "NeverWithdraws"), (2, "LabelStands")] {
        let (outlived, _) = planted(name, || outlived(place));
        assert!(outlived > 0, "{name}, {place}");
    }
}

#[test]
fn a_node_behind_a_cycle_that_names_itself_as_a_victim_is_one() {
    let waits = Waits::of(Model::Or, 3, &[(1, 2), (2, 1), (3, 1)]);
    let condemned = || diffusing::condemned_by(&waits, 3);
    assert_eq!(condemned(), NOBODY);
    assert_eq!(planted("VictimBehind", condemned), [3]);
}

/// 1 waits for 2, which waits, is helped, helps 1, and asks it for something
/// before that has arrived.
fn two_waits() -> Vec<u32> {
    let mut world = labels::steady(3);
    world.look(1, &edges(Some((2, id(1, 1))), None));
    world.look(2, &edges(Some((3, id(2, 1))), Some((1, id(1, 1)))));
    world.run_until(100);
    world.look(2, &View::default());
    world.look(2, &edges(Some((1, id(2, 2))), None));
    world.look(1, &edges(Some((2, id(1, 1))), Some((2, id(2, 2)))));
    world.run_until(PERIOD / 2);
    world.finders()
}

#[test]
fn whoever_makes_the_same_label_for_another_wait_sees_a_phantom() {
    assert_eq!(two_waits(), NOBODY);
    assert_eq!(planted("SameLabelAgain", two_waits), [2]);
}

#[test]
fn a_counter_that_is_forgotten_hides_a_deadlock() {
    let finders = || labels::after_a_crash().finders();
    assert_eq!(finders(), [2; 20]);
    assert_eq!(planted("ForgetsCounter", finders), NOBODY);
}
