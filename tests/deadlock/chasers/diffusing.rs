//! Questions: what they cost, how long they take, who finds what, who gives up.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::protocol::deadlock::diffusing::{Config, Diffusing, Message, Query};
use rehearsal::protocol::deadlock::{DetectorInput, Early, Victims};
use rehearsal::protocol::resource::{RequestId, View};

use super::driver::{Delays, World, constant, node};
use super::graphs::{Graph, Model, all, clique, ring};
use crate::chance::random;

const PERIOD: u64 = 1_000_000;
const DELAY: u64 = 7;

pub(crate) fn rules(nodes: usize) -> Config {
    Config {
        nodes: nodes as u32,
        patience: Duration::from_nanos(PERIOD),
        period: Duration::from_nanos(PERIOD),
        early: Early::Drop,
        victims: None,
    }
}

pub(crate) fn settled(graph: &Graph, rules: Config, delays: Delays<Message>) -> World<Diffusing> {
    let mut world = World::new(graph.nodes, |me| Diffusing::new(rules, me), delays);
    world.settle(graph, Model::Or);
    world
}

fn begin(graph: &Graph, initiator: usize) -> World<Diffusing> {
    let mut world = settled(graph, rules(graph.nodes), constant(DELAY));
    world.notice(initiator, DetectorInput::Check);
    world.run_until(PERIOD - 1);
    world
}

#[test]
fn a_round_asks_along_every_edge_it_reaches_and_all_answer_whoever_is_dead() {
    for graph in (2..=4).flat_map(all) {
        let dead = graph.dead_if_any_will_do();
        for initiator in 1..=graph.nodes {
            let world = begin(&graph, initiator);
            let queries = graph.edges_out_of_reached(initiator);
            assert_eq!(world.sent("query"), queries, "{initiator} of {graph:?}");
            let is_dead = dead.contains(&node(initiator));
            let expected: Vec<_> = is_dead.then(|| node(initiator)).into_iter().collect();
            assert_eq!(world.finders(), expected, "{initiator} of {graph:?}");
            let replies = world.sent("reply");
            assert!(if is_dead { replies == queries } else { replies < queries.max(1) });
        }
    }
}

#[test]
fn when_all_begin_all_who_are_dead_find_it_and_nobody_else() {
    for graph in (2..=4).flat_map(all) {
        let rules = Config { patience: Duration::ZERO, ..rules(graph.nodes) };
        // So that all are seen to wait before the first question arrives.
        let mut world = settled(&graph, rules, constant(DELAY));
        world.run_until(PERIOD - 1);
        let finders = world.finders();
        let once: BTreeSet<_> = finders.iter().copied().collect();
        assert_eq!((once.len(), once), (finders.len(), graph.dead_if_any_will_do()), "{graph:?}");
    }
}

#[test]
fn a_ring_takes_twice_its_length_in_messages_and_in_delays() {
    for n in 2..=64 {
        let world = begin(&ring(n), 1);
        assert_eq!((world.sent("query"), world.sent("reply")), (n as u64, n as u64));
        let found: Vec<_> = world.found().map(|(at, node, _)| (at, node)).collect();
        assert_eq!(found, [(2 * n as u64 * DELAY, node(1))]);
    }
}

#[test]
fn where_all_wait_for_all_every_edge_is_asked_along_and_answered() {
    for n in 2..=16 {
        let world = begin(&clique(n), 1);
        let edges = (n * (n - 1)) as u64;
        assert_eq!((world.sent("query"), world.sent("reply")), (edges, edges));
        assert_eq!(world.finders(), [node(1)]);
    }
    assert_eq!(begin(&clique(5), 1).counts.values().sum::<u64>(), 40);
}

#[test]
fn a_cycle_with_a_way_out_is_no_deadlock_where_any_will_do() {
    let graph = Graph { nodes: 3, edges: vec![(1, 2), (2, 1), (1, 3)] };
    assert!((1..=2).all(|initiator| begin(&graph, initiator).finders().is_empty()));
}

#[test]
fn whoever_is_behind_the_dead_finds_that_it_is_dead_too() {
    let graph = Graph { nodes: 4, edges: vec![(1, 2), (2, 3), (3, 4), (4, 2)] };
    assert_eq!(begin(&graph, 1).finders(), [node(1)]);
}

/// Whatever the delays, with copies and losses: who is not dead finds nothing,
/// and who is does in some round.
#[test]
fn late_doubled_and_lost_messages_do_no_harm() {
    let mut state = 1_u64;
    for (mut seed, graph) in (0..).zip(all(4).step_by(7)) {
        let delays: Delays<Message> = Box::new(move |_, _, _| {
            let copies = [0, 1, 1, 1, 1, 1, 2, 3][random(&mut seed) as usize % 8];
            (0..copies).map(|_| 1 + random(&mut seed) % 50).collect()
        });
        let rules = Config {
            patience: Duration::from_nanos(random(&mut state) % 50),
            period: Duration::from_nanos(400),
            ..rules(4)
        };
        let mut world = settled(&graph, rules, delays);
        world.run_until(400 * 100);
        let finders: BTreeSet<_> = world.finders().into_iter().collect();
        assert_eq!(finders, graph.dead_if_any_will_do(), "{graph:?}");
    }
}

/// 1 waits for 2, that for 3, that for 4, which does not wait. 2 forgets in a
/// crash that it was asked, and is asked once more.
#[test]
fn nobody_answers_for_one_that_has_forgotten_that_it_asked() {
    let graph = Graph { nodes: 4, edges: vec![(1, 2), (2, 3), (3, 4)] };
    let mut world = settled(&graph, rules(4), constant(DELAY));
    world.notice(1, DetectorInput::Check);
    world.run_until(PERIOD / 4);
    world.start(2);
    let id = |by, number| RequestId { by: node(by), number };
    let mut second = graph.view(2, Model::Or);
    second.wait.as_mut().unwrap().open = vec![(node(3), id(2, 2))];
    world.look(2, &second);
    world.look(3, &View { pending: vec![(node(2), id(2, 2))], ..graph.view(3, Model::Or) });
    let again = Query { initiator: id(1, 1), round: 1, request: id(1, 1) };
    world.deliver(1, 2, Message::Query(again));
    world.run_until(PERIOD / 2);
    assert_eq!((world.sent("query"), world.sent("reply"), world.finders()), (4, 0, vec![]));
}

#[test]
fn a_question_that_overtakes_its_request_is_missed_once_or_answered_as_soon_as_it_can_be() {
    for (early, expected) in [
        (Early::Drop, vec![PERIOD + 6 * DELAY]),
        (Early::Buffer, vec![PERIOD / 2 + 4 * DELAY, PERIOD + 6 * DELAY]),
    ] {
        let graph = ring(3);
        let rules = Config { early, ..rules(3) };
        let mut world = World::new(3, |me| Diffusing::new(rules, me), constant(DELAY));
        let mut first = graph.view(1, Model::Or);
        let pending = std::mem::take(&mut first.pending);
        world.look(1, &first);
        for number in 2..=3 {
            world.look(number, &graph.view(number, Model::Or));
        }
        world.notice(2, DetectorInput::Check);
        world.run_until(PERIOD / 2);
        assert!(world.finders().is_empty());
        first.pending = pending;
        world.look(1, &first);
        world.run_until(PERIOD + PERIOD / 2);
        let times = world.found().filter(|(_, by, _)| *by == node(2)).map(|(at, ..)| at);
        assert_eq!(times.collect::<Vec<_>>(), expected, "{early:?}");
    }
}

#[test]
fn the_initiator_condemns_the_greatest_of_all_it_has_reached() {
    for n in 2..=16 {
        for (victims, expected) in [(Victims::Highest, n), (Victims::Youngest, 1)] {
            let rules = Config { victims: Some(victims), ..rules(n) };
            let mut world = settled(&ring(n), rules, constant(DELAY));
            world.notice(1, DetectorInput::Check);
            world.run_until(PERIOD - 1);
            assert_eq!(world.condemned(), [node(expected)]);
        }
    }
}
