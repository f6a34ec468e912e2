//! Questions: what they cost, how long they take, who finds what, who gives up.

use rehearsal::protocol::deadlock::any::Message;
use rehearsal::protocol::deadlock::diffusing::{self, Query};
use rehearsal::protocol::deadlock::{DetectorInput, Early, Victims};
use rehearsal::protocol::resource::View;

use super::rounds::{DELAY, Form, PERIOD, QUIET, Rules};
use crate::drive::{Delay, at, ms};
use crate::oracle::Oracle;
use crate::support::node;
use crate::waits::{Model, NOBODY, Waits, clique, every, id};

const QUESTIONS: Form = Form::Diffusing;

#[test]
fn a_round_asks_along_every_edge_it_reaches_and_all_answer_whoever_is_dead() {
    for (is_dead, queries, replies) in QUESTIONS.assert_rounds() {
        assert!(if is_dead { replies == queries } else { replies < queries.max(1) });
    }
}

#[test]
fn when_all_begin_all_who_are_dead_find_it_and_nobody_else() {
    QUESTIONS.assert_all_find_it_once();
}

#[test]
fn a_ring_takes_twice_its_length_in_messages_and_in_delays() {
    for n in 2..=64 {
        let world = QUESTIONS.begin(&Waits::ring(n), 1);
        assert_eq!(["query", "reply"].map(|kind| world.count(kind)), [n as usize; 2]);
        assert_eq!(world.found(), [(at(2 * u64::from(n) * DELAY), 1)]);
    }
}

#[test]
fn where_all_wait_for_all_every_edge_is_asked_along_and_answered() {
    for n in 2..=16 {
        let world = QUESTIONS.begin(&Waits::of(Model::Or, n, &clique(n)), 1);
        let edges = (n * (n - 1)) as usize;
        assert_eq!(["query", "reply"].map(|kind| world.count(kind)), [edges; 2]);
        assert_eq!((world.sent.len(), world.finders()), (2 * edges, vec![1]));
    }
}

#[test]
fn late_doubled_and_lost_messages_do_no_harm() {
    let rules = |seed| Rules { patience: ms(seed % 50), period: ms(400), ..QUIET };
    let delay = Delay::Copies(&[0, 1, 1, 1, 1, 1, 2, 3], ms(50));
    QUESTIONS.assert_found_in_the_end(delay, rules);
}

/// 1 waits for 2, that for 3, that for 4, which does not wait. 2 forgets in a
/// crash that it was asked, and is asked once more.
#[test]
fn nobody_answers_for_one_that_has_forgotten_that_it_asked() {
    let waits = Waits::of(Model::Or, 4, &[(1, 2), (2, 3), (3, 4)]);
    let mut world = QUESTIONS.settled(&waits, QUIET);
    world.ask(1, DetectorInput::Check);
    world.run_until(PERIOD / 4);
    world.start(2, QUESTIONS.detector(4, QUIET, node(2)));
    let mut second = waits.view(2);
    second.wait.as_mut().unwrap().open = vec![(node(3), id(2, 2))];
    world.look(2, &second);
    world.look(3, &View { pending: vec![(node(2), id(2, 2))], ..waits.view(3) });
    let again = Query { initiator: id(1, 1), round: 1, request: id(1, 1) };
    world.deliver(1, 2, Message::Diffusing(diffusing::Message::Query(again)));
    world.run_until(PERIOD / 2);
    assert_eq!(["query", "reply"].map(|kind| world.count(kind)), [4, 0]);
    assert_eq!(world.finders(), NOBODY);
}

#[test]
fn a_question_that_overtakes_its_request_is_missed_once_or_answered_as_soon_as_it_can_be() {
    let next_round = PERIOD + 6 * DELAY;
    assert_eq!(QUESTIONS.overtaking(Early::Drop), [next_round]);
    assert_eq!(QUESTIONS.overtaking(Early::Buffer), [PERIOD / 2 + 4 * DELAY, next_round]);
}

/// Of all that the initiator finds in one round, what it has give up.
pub(crate) fn condemned_by(waits: &Waits, initiator: u32) -> Vec<u32> {
    let rules = Rules { victims: Some(Victims::Highest), ..QUIET };
    let mut world = QUESTIONS.settled(waits, rules);
    world.ask(initiator, DetectorInput::Check);
    world.run_until(PERIOD - 1);
    world.condemned()
}

#[test]
fn a_node_on_a_cycle_has_one_on_a_cycle_give_up_and_a_node_behind_one_none() {
    for waits in (2..=4).flat_map(|nodes| every(Model::Or, nodes)) {
        let oracle = Oracle::of(&waits);
        let (stuck, on_cycles) = (oracle.without_way_out(), oracle.on_cycles());
        for initiator in 1..=waits.nodes {
            let condemned = condemned_by(&waits, initiator);
            let condemns = stuck.contains(&initiator) && on_cycles.contains(&initiator);
            assert_eq!(condemned.len(), usize::from(condemns), "{initiator} of {waits:?}");
            assert!(condemned.iter().all(|node| on_cycles.contains(node)), "{waits:?}");
        }
    }
}

#[test]
fn the_initiator_condemns_the_greatest_of_all_it_has_reached() {
    for n in 2..=16 {
        for (victims, expected) in [(Victims::Highest, n), (Victims::Youngest, 1)] {
            let rules = Rules { victims: Some(victims), ..QUIET };
            let mut world = QUESTIONS.settled(&Waits::ring(n), rules);
            world.ask(1, DetectorInput::Check);
            world.run_until(PERIOD - 1);
            assert_eq!(world.condemned(), [expected]);
        }
    }
}
