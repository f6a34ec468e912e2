//! What must hold of every graph, put to the test on all small ones.

use std::collections::BTreeSet;

use rehearsal::protocol::deadlock::graph::{Roots, Rule};

use crate::oracle::Oracle;
use crate::support::node;
use crate::waits::{Model, Waits, digraphs, lists, numbers};

/// All that is read from this graph is what the oracle says.
pub(crate) fn check(waits: &Waits) {
    let (graph, oracle) = (waits.graph(), Oracle::of(waits));
    let deadlocked = oracle.deadlocked();
    assert_eq!(numbers(&graph.deadlocked()), deadlocked, "{waits:?}");
    assert_eq!(lists(&graph.components()), oracle.components(), "{waits:?}");
    assert_eq!(lists(&graph.knots()), oracle.knots(), "{waits:?}");

    let diagnosis = graph.diagnosis();
    let stuck = deadlocked.iter().copied().collect();
    let on_cycle: BTreeSet<_> = oracle.components_of(&stuck).into_iter().flatten().collect();
    assert_eq!(numbers(&diagnosis.deadlocked), deadlocked, "{waits:?}");
    assert!(on_cycle.iter().eq(&numbers(&diagnosis.on_cycle)), "{waits:?}");
    assert!(stuck.difference(&on_cycle).eq(&numbers(&diagnosis.behind)), "{waits:?}");
    let cycle = numbers(&diagnosis.cycle);
    assert_eq!(cycle.first(), on_cycle.first(), "{waits:?}");
    if let Some(&first) = cycle.first() {
        assert!(oracle.is_cycle(&cycle), "{cycle:?} in {waits:?}");
        assert!(cycle.iter().all(|node| on_cycle.contains(node)), "{cycle:?} in {waits:?}");
        assert_eq!(Some(cycle.len()), oracle.girth(first, &stuck), "{cycle:?} in {waits:?}");
    }

    let found = graph.search(Rule::Meant, Roots::All);
    assert_eq!(found.is_some(), oracle.is_cyclic(), "{waits:?}");
    if let Some(cycle) = found {
        assert!(oracle.is_cycle(&numbers(&cycle)), "{cycle} in {waits:?}");
    }
    assert_eq!(graph.search(Rule::Printed, Roots::All), None, "{waits:?}");

    let rank = |number: u32| number.wrapping_mul(0x9E37_79B9) >> 29;
    let victims = numbers(&graph.victims(|node| rank(node.number())));
    assert_eq!(victims, oracle.victims(rank), "{waits:?}");
    let highest = numbers(&graph.victims(|node| node));
    assert_eq!(highest, oracle.victims(|number| number), "{waits:?}");
}

/// And what tells a deadlock where all requests are needed, or one.
pub(crate) fn check_model(model: Model, waits: &Waits) {
    check(waits);
    let (graph, oracle) = (waits.graph(), Oracle::of(waits));
    let deadlocked = numbers(&graph.deadlocked());
    match model {
        Model::And => {
            assert_eq!(deadlocked, oracle.behind_cycles(), "{waits:?}");
            assert_eq!(deadlocked.is_empty(), !oracle.is_cyclic(), "{waits:?}");
        }
        Model::Or => {
            assert_eq!(deadlocked, oracle.without_way_out(), "{waits:?}");
            assert_eq!(deadlocked.is_empty(), graph.knots().is_empty(), "{waits:?}");
        }
    }
}

fn check_all(nodes: u32, with_loops: bool) {
    for masks in digraphs(nodes, with_loops) {
        for model in [Model::And, Model::Or] {
            check_model(model, &Waits::of_masks(model, &masks));
        }
    }
}

#[test]
fn every_digraph_of_up_to_four_nodes_without_loops_is_as_the_oracles_have_it() {
    (2..=4).for_each(|nodes| check_all(nodes, false));
}

#[test]
fn every_digraph_of_up_to_three_nodes_with_loops_is_as_the_oracles_have_it() {
    (1..=3).for_each(|nodes| check_all(nodes, true));
}

#[test]
fn every_need_in_every_digraph_of_up_to_three_nodes_is_as_the_oracles_have_it() {
    for masks in (1..=3).flat_map(|nodes| digraphs(nodes, true)) {
        let whole = Waits::of_masks(Model::And, &masks);
        whole.with_needs(|of| 0..=of + 1).iter().for_each(check);
    }
}

/// The first of all sequences of nodes, the shorter ones first, that begins
/// with the smallest node on a cycle and is one.
fn first_cycle(nodes: u32, oracle: &Oracle) -> Vec<u32> {
    let Some(&first) = oracle.components().iter().flatten().min() else { return Vec::new() };
    let mut sequences = vec![vec![first]];
    loop {
        if let Some(cycle) = sequences.iter().find(|sequence| oracle.is_cycle(sequence)) {
            return cycle.clone();
        }
        let longer = |sequence: &Vec<u32>| {
            let sequence = sequence.clone();
            (1..=nodes).map(move |next| [&sequence[..], &[next]].concat())
        };
        sequences = sequences.iter().flat_map(longer).collect();
    }
}

#[test]
fn of_the_shortest_cycles_through_the_smallest_node_it_shows_the_first_by_numbers() {
    for masks in (2..=4).flat_map(|nodes| digraphs(nodes, false)) {
        let waits = Waits::of_masks(Model::And, &masks);
        let expected = first_cycle(waits.nodes, &Oracle::of(&waits));
        assert_eq!(numbers(&waits.graph().diagnosis().cycle), expected, "{waits:?}");
    }
    let edges = [(1, 4), (1, 3), (4, 1), (3, 1)];
    let graph = Waits::of(Model::And, 4, &edges).graph();
    assert_eq!(*graph.diagnosis().cycle, [node(1), node(3)], "not the one asked first");
}
