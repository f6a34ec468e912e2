//! Each planted bug is caught: what holds without it fails with it.

use rehearsal::machine::mutant;
use rehearsal::machine::{NodeId, Time};
use rehearsal::protocol::deadlock::DetectorInput;
use rehearsal::protocol::deadlock::diffusing::Message;
use rehearsal::protocol::resource::{Model as Requests, RequestId, View, Wait};

use super::chasing;
use super::diffusing;
use super::driver::{Delays, constant, node};
use super::graphs::Graph;
use super::labels;
use super::motion::{Form, Setup, run};

fn with<T>(name: &'static str, body: impl FnOnce() -> T) -> T {
    let (value, is_reached) = mutant::with(name, body);
    assert!(is_reached, "nobody asks for {name}");
    value
}

fn id(by: usize, number: u64) -> RequestId {
    RequestId { by: node(by), number }
}

fn view(open: Option<(usize, RequestId)>, pending: Option<(usize, RequestId)>) -> View {
    let edge = |(peer, id): (usize, RequestId)| (node(peer), id);
    let since = Some(Time::ZERO);
    let wait = |of| Wait { need: 1, open: vec![edge(of)], since };
    View { wait: open.map(wait), pending: pending.map(edge).into_iter().collect() }
}

#[test]
fn whoever_sends_every_probe_on_shows_in_the_count() {
    // Two ways lead from 1 to 4.
    let edges = vec![(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)];
    let graph = Graph { nodes: 5, edges };
    let cost = || {
        let mut world = chasing::settled(&graph, chasing::rules(5));
        world.notice(1, DetectorInput::Check);
        world.run_until(chasing::PERIOD / 2);
        world.sent("probe")
    };
    assert_eq!((cost(), with("ForwardsEveryTime", cost)), (5, 6));
}

/// 1 waits for 2, which gives it what it wants, and then asks 1 for something
/// before that has arrived. There is no cycle at any time.
fn grant_in_flight() -> Vec<NodeId> {
    let mut world = chasing::world(chasing::rules(2));
    world.look(1, &view(Some((2, id(1, 1))), None));
    world.look(2, &view(None, Some((1, id(1, 1)))));
    world.notice(1, DetectorInput::Check);
    world.look(2, &view(Some((1, id(2, 1))), None));
    world.look(1, &view(Some((2, id(1, 1))), Some((2, id(2, 1)))));
    world.run_until(chasing::PERIOD / 2);
    world.finders()
}

#[test]
fn whoever_does_not_ask_along_which_request_a_probe_came_sees_a_phantom() {
    assert_eq!(grant_in_flight(), []);
    assert_eq!(with("AnyRequestWillDo", grant_in_flight), [node(1)]);
    let (form, model) = (Form::Chasing, Requests::And);
    let setup = Setup { form, model, resolves: false, is_rough: false };
    let mistaken = || (0..50).map(|seed| run(setup, seed).mistaken).sum::<usize>();
    assert_eq!(mistaken(), 0);
    assert!(with("AnyRequestWillDo", mistaken) > 0);
}

#[test]
fn whoever_answers_a_copy_of_its_engagers_question_answers_too_early() {
    // 3 waits for nothing.
    let graph = Graph { nodes: 3, edges: vec![(1, 2), (2, 3)] };
    let finders = || {
        let twice: Delays<Message> = Box::new(|_, _, _| vec![7, 8]);
        let mut world = diffusing::settled(&graph, diffusing::rules(3), twice);
        world.notice(1, DetectorInput::Check);
        world.run_until(500);
        world.finders()
    };
    assert_eq!(finders(), []);
    assert_eq!(with("AnswersCopies", finders), [node(1)]);
}

/// 1 waits for 2, which waits, is helped, helps 1, and asks it for something
/// before that has arrived.
fn two_waits() -> Vec<NodeId> {
    let mut world = labels::world(3, constant(7));
    world.look(1, &view(Some((2, id(1, 1))), None));
    world.look(2, &view(Some((3, id(2, 1))), Some((1, id(1, 1)))));
    world.run_until(100);
    world.look(2, &View::default());
    world.look(2, &view(Some((1, id(2, 2))), None));
    world.look(1, &view(Some((2, id(1, 1))), Some((2, id(2, 2)))));
    world.run_until(labels::PERIOD / 2);
    world.finders()
}

#[test]
fn whoever_makes_the_same_label_for_another_wait_sees_a_phantom() {
    assert_eq!(two_waits(), []);
    assert_eq!(with("SameLabelAgain", two_waits), [node(2)]);
}

#[test]
fn a_counter_that_is_forgotten_hides_a_deadlock() {
    let finders = || labels::after_a_crash().finders();
    assert_eq!(finders(), [node(2)]);
    assert_eq!(with("ForgetsCounter", finders), []);
}
