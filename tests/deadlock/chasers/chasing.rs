//! Probes: what they cost, how long they take, who finds what, who gives up.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::chasing::{Chasing, Config, Message};
use rehearsal::protocol::deadlock::{DetectorInput, Early, Output, Refusal, Victims};
use rehearsal::protocol::resource::{RequestId, View, Wait};

use super::driver::{Delays, World, constant, node};
use super::graphs::{Graph, Model, all, clique, ring};
use crate::chance::random;

/// Rounds are so far apart that a test sees as many as it wants.
pub(crate) const PERIOD: u64 = 1_000_000;
pub(crate) const DELAY: u64 = 7;

/// Nobody begins by itself within the first period.
pub(crate) fn rules(nodes: usize) -> Config {
    Config {
        nodes: nodes as u32,
        patience: Duration::from_nanos(PERIOD),
        period: Duration::from_nanos(PERIOD),
        early: Early::Drop,
        victims: None,
    }
}

pub(crate) fn eager(nodes: usize) -> Config {
    Config { patience: Duration::ZERO, ..rules(nodes) }
}

pub(crate) fn world(rules: Config) -> World<Chasing> {
    let build = |me| Chasing::new(rules, me);
    World::new(rules.nodes as usize, build, constant(DELAY))
}

pub(crate) fn settled(graph: &Graph, rules: Config) -> World<Chasing> {
    let mut world = world(rules);
    world.settle(graph, Model::And);
    world
}

fn begin(graph: &Graph, initiator: usize) -> World<Chasing> {
    let mut world = settled(graph, rules(graph.nodes));
    world.notice(initiator, DetectorInput::Check);
    world.run_until(PERIOD - 1);
    world
}

#[test]
fn a_round_costs_the_edges_out_of_whom_it_reaches_and_finds_whoever_is_on_a_cycle() {
    let mut rounds = 0;
    for graph in (2..=4).flat_map(all) {
        let on_cycles = graph.on_cycles();
        for initiator in 1..=graph.nodes {
            let world = begin(&graph, initiator);
            let cost = graph.edges_out_of_reached(initiator);
            assert_eq!(world.sent("probe"), cost, "{initiator} of {graph:?}");
            let finds = on_cycles.contains(&node(initiator));
            let expected: Vec<_> = finds.then(|| node(initiator)).into_iter().collect();
            assert_eq!(world.finders(), expected, "{initiator} of {graph:?}");
            rounds += 1;
        }
    }
    assert_eq!(rounds, 2 * 4 + 3 * 64 + 4 * 4096);
}

#[test]
fn when_all_begin_all_on_a_cycle_find_it_and_nobody_else() {
    for graph in (2..=4).flat_map(all) {
        let mut world = settled(&graph, eager(graph.nodes));
        world.run_until(PERIOD - 1);
        let cost: u64 = (1..=graph.nodes).map(|from| graph.edges_out_of_reached(from)).sum();
        assert_eq!(world.sent("probe"), cost, "{graph:?}");
        let finders = world.finders();
        let once: BTreeSet<_> = finders.iter().copied().collect();
        assert_eq!((once.len(), once), (finders.len(), graph.on_cycles()), "{graph:?}");
    }
}

#[test]
fn a_ring_of_n_takes_n_probes_and_n_delays_and_n_squared_if_all_begin() {
    for n in 2..=64 {
        let world = begin(&ring(n), 1);
        assert_eq!(world.sent("probe"), n as u64);
        let found: Vec<_> = world.found().map(|(at, node, _)| (at, node)).collect();
        assert_eq!(found, [(n as u64 * DELAY, node(1))]);
        let mut world = settled(&ring(n), eager(n));
        world.run_until(PERIOD - 1);
        assert_eq!(world.sent("probe"), (n * n) as u64);
        assert_eq!(world.finders().len(), n);
    }
}

#[test]
fn where_all_wait_for_all_a_round_is_a_probe_on_every_edge() {
    for n in 2..=16 {
        let world = begin(&clique(n), 1);
        assert_eq!(world.sent("probe"), (n * (n - 1)) as u64);
        let found: Vec<_> = world.found().map(|(at, node, _)| (at, node)).collect();
        assert_eq!(found, [(2 * DELAY, node(1))]);
    }
}

#[test]
fn whoever_is_behind_a_cycle_sends_as_many_and_never_finds_it() {
    let graph = Graph { nodes: 4, edges: vec![(1, 2), (2, 3), (3, 4), (4, 2)] };
    let mut world = settled(&graph, rules(4));
    for _ in 0..5 {
        world.notice(1, DetectorInput::Check);
    }
    world.run_until(PERIOD - 1);
    assert_eq!((world.sent("probe"), world.finders()), (5 * 4, vec![]));
}

#[test]
fn rounds_go_on_while_the_wait_lasts() {
    let mut world = settled(&ring(3), rules(3));
    world.run_until(PERIOD - 1);
    assert_eq!(world.sent("probe"), 0);
    world.run_until(3 * PERIOD + PERIOD / 2);
    assert_eq!((world.sent("probe"), world.finders().len()), (3 * 9, 9));
    (1..=3).for_each(|number| world.look(number, &View::default()));
    world.run_until(9 * PERIOD);
    assert_eq!(world.sent("probe"), 3 * 9);
}

/// Whatever the delays, with copies and losses: whoever is on a cycle finds it
/// in some round, and nobody else does in any.
#[test]
fn late_doubled_and_lost_probes_do_no_harm() {
    for (mut fate, graph) in (0..).zip(all(4).step_by(7)) {
        let delays: Delays<Message> = Box::new(move |_, _, _| {
            let copies = [0, 1, 1, 2][random(&mut fate) as usize % 4];
            (0..copies).map(|_| 1 + random(&mut fate) % (3 * PERIOD)).collect()
        });
        let mut world = World::new(4, |me| Chasing::new(rules(4), me), delays);
        (1..=4).for_each(|number| world.look(number, &graph.view(number, Model::And)));
        world.run_until(100 * PERIOD);
        let finders: BTreeSet<_> = world.finders().into_iter().collect();
        assert_eq!(finders, graph.on_cycles(), "{graph:?}");
    }
}

#[test]
fn a_probe_of_a_wait_that_is_over_finds_nothing() {
    // 1 waits for 2, which waits for 3, which waits for 1; then 1 waits for 4 instead.
    let graph = Graph { nodes: 4, edges: vec![(1, 2), (2, 3), (3, 1)] };
    let mut world = settled(&graph, rules(4));
    world.notice(1, DetectorInput::Check);
    let mut view = graph.view(1, Model::And);
    view.wait.as_mut().unwrap().open = vec![(node(4), RequestId { by: node(1), number: 2 })];
    world.look(1, &view);
    world.notice(1, DetectorInput::Check);
    world.run_until(PERIOD / 2);
    assert_eq!((world.sent("probe"), world.finders()), (4, vec![]));
}

#[test]
fn whoever_does_not_wait_cannot_look() {
    let graph = Graph { nodes: 2, edges: vec![(1, 2)] };
    let mut world = settled(&graph, rules(2));
    world.notice(2, DetectorInput::Check);
    assert_eq!(world.told.pop().unwrap().2, Output::Refuses(Refusal::NotWaiting));
    let mut lent = graph.view(1, Model::And);
    lent.wait.as_mut().unwrap().since = None;
    world.look(1, &View::default());
    world.look(1, &lent);
    world.notice(1, DetectorInput::Check);
    assert_eq!(world.told.pop().unwrap().2, Output::Refuses(Refusal::Lock));
    world.run_until(2 * PERIOD);
    assert_eq!(world.sent("probe"), 0, "a lock does not begin");
}

/// 3 waits for 1; its request is a period and a half under way.
fn overtaking(early: Early) -> Vec<(u64, NodeId)> {
    let graph = ring(3);
    let rules = Config { early, ..rules(3) };
    let mut world = world(rules);
    let mut first = graph.view(1, Model::And);
    let pending = std::mem::take(&mut first.pending);
    for number in 2..=3 {
        world.look(number, &graph.view(number, Model::And));
    }
    world.look(1, &first);
    world.notice(2, DetectorInput::Check);
    world.run_until(PERIOD / 2);
    assert!(world.finders().is_empty());
    first.pending = pending;
    world.look(1, &first);
    world.run_until(PERIOD + PERIOD / 2);
    world.found().map(|(at, node, _)| (at, node)).filter(|(_, by)| *by == node(2)).collect()
}

#[test]
fn a_probe_that_overtakes_its_request_is_missed_once_or_found_as_soon_as_it_can_be() {
    let next_round = (PERIOD + 3 * DELAY, node(2));
    assert_eq!(overtaking(Early::Drop), [next_round]);
    let at_once = (PERIOD / 2 + DELAY, node(2));
    assert_eq!(overtaking(Early::Buffer), [at_once, next_round]);
}

#[test]
fn a_lock_that_is_lent_hands_probes_on_to_its_holder_and_is_no_victim() {
    // 1 holds lock 4 and waits for 2, which waits for the lock.
    let graph = Graph { nodes: 4, edges: vec![(1, 2), (2, 4)] };
    let lent = RequestId { by: node(1), number: 9 };
    for (victims, expected) in [(Victims::Highest, 2), (Victims::Youngest, 1)] {
        let mut world = world(Config { victims: Some(victims), ..rules(4) });
        let mut lock = graph.view(4, Model::And);
        let open = vec![(node(1), lent)];
        lock.wait = Some(Wait { need: 1, open, since: None });
        let mut holder = graph.view(1, Model::And);
        holder.pending.push((node(4), lent));
        world.look(1, &holder);
        world.look(2, &graph.view(2, Model::And));
        world.look(4, &lock);
        world.notice(1, DetectorInput::Check);
        world.run_until(PERIOD - 1);
        assert_eq!((world.sent("probe"), world.finders()), (3, vec![node(1)]));
        assert_eq!(world.condemned(), [node(expected)]);
    }
}

#[test]
fn all_on_a_ring_condemn_the_same_one() {
    for n in 2..=16 {
        for (victims, expected) in [(Victims::Highest, n), (Victims::Youngest, 1)] {
            let mut world = settled(&ring(n), Config { victims: Some(victims), ..eager(n) });
            world.run_until(PERIOD - 1);
            assert_eq!(world.condemned(), vec![node(expected); n]);
            assert_eq!(world.sent("condemn"), n as u64 - 1);
            assert!(world.found().all(|(_, _, verdict)| verdict.victims[0].by == node(expected)));
        }
    }
}

#[test]
fn a_victim_that_waits_for_something_else_by_now_is_spared() {
    let mut world = settled(&ring(2), rules(2));
    let mut request = ring(2).view(1, Model::And).wait.unwrap().open[0].1;
    request.number += 1;
    world.deliver(2, 1, Message::Condemn { request });
    assert_eq!(world.condemned(), []);
    assert!(matches!(world.told[0].2, Output::Ignores { .. }));
}
