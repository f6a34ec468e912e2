//! What must hold of every graph, put to the test on all small ones.

use std::collections::BTreeSet;

use rehearsal::protocol::deadlock::graph::{Roots, Rule};

use super::oracle::Oracle;
use super::sketch::{Model, Sketch, digraphs, lists, numbers};
use crate::support::node;

/// All that is read from this graph is what the oracle says.
pub(crate) fn check(sketch: &Sketch) {
    let (graph, oracle) = (sketch.graph(), Oracle::of(sketch));
    let deadlocked = oracle.deadlocked();
    assert_eq!(numbers(&graph.deadlocked()), deadlocked, "{sketch:?}");
    assert_eq!(lists(&graph.components()), oracle.components(), "{sketch:?}");
    assert_eq!(lists(&graph.knots()), oracle.knots(), "{sketch:?}");

    let diagnosis = graph.diagnosis();
    let stuck = deadlocked.iter().copied().collect();
    let on_cycle: BTreeSet<_> = oracle.components_of(&stuck).into_iter().flatten().collect();
    assert_eq!(numbers(&diagnosis.deadlocked), deadlocked, "{sketch:?}");
    assert!(on_cycle.iter().eq(&numbers(&diagnosis.on_cycle)), "{sketch:?}");
    assert!(stuck.difference(&on_cycle).eq(&numbers(&diagnosis.behind)), "{sketch:?}");
    let cycle = numbers(&diagnosis.cycle);
    assert_eq!(cycle.first(), on_cycle.first(), "{sketch:?}");
    if let Some(&first) = cycle.first() {
        assert!(oracle.is_cycle(&cycle), "{cycle:?} in {sketch:?}");
        assert!(cycle.iter().all(|node| on_cycle.contains(node)), "{cycle:?} in {sketch:?}");
        assert_eq!(Some(cycle.len()), oracle.girth(first, &stuck), "{cycle:?} in {sketch:?}");
    }

    let found = graph.search(Rule::Meant, Roots::All);
    assert_eq!(found.is_some(), oracle.is_cyclic(), "{sketch:?}");
    if let Some(cycle) = found {
        assert!(oracle.is_cycle(&numbers(&cycle)), "{cycle} in {sketch:?}");
    }
    assert_eq!(graph.search(Rule::Printed, Roots::All), None, "{sketch:?}");

    let rank = |number: u32| number.wrapping_mul(0x9E37_79B9) >> 29;
    let victims = numbers(&graph.victims(|node| rank(node.number())));
    assert_eq!(victims, oracle.victims(rank), "{sketch:?}");
    let highest = numbers(&graph.victims(|node| node));
    assert_eq!(highest, oracle.victims(|number| number), "{sketch:?}");
}

/// And what tells a deadlock where all requests are needed, or one.
pub(crate) fn check_model(model: Model, sketch: &Sketch) {
    check(sketch);
    let (graph, oracle) = (sketch.graph(), Oracle::of(sketch));
    let deadlocked = numbers(&graph.deadlocked());
    match model {
        Model::And => {
            assert_eq!(deadlocked, oracle.behind_cycles(), "{sketch:?}");
            assert_eq!(deadlocked.is_empty(), !oracle.is_cyclic(), "{sketch:?}");
        }
        Model::Or => {
            assert_eq!(deadlocked, oracle.without_way_out(), "{sketch:?}");
            assert_eq!(deadlocked.is_empty(), graph.knots().is_empty(), "{sketch:?}");
        }
    }
}

fn check_all(nodes: u32, with_loops: bool) {
    for masks in digraphs(nodes, with_loops) {
        for model in [Model::And, Model::Or] {
            check_model(model, &Sketch::of_masks(model, &masks));
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
        let whole = Sketch::of_masks(Model::And, &masks);
        let needs_of = |node: usize| 0..=whole.waits[node].1 + 1;
        let mut needs: Vec<u32> = vec![0; masks.len()];
        loop {
            let mut sketch = whole.clone();
            for (wait, need) in sketch.waits.iter_mut().zip(&needs) {
                wait.1 = *need;
            }
            check(&sketch);
            // The next of all combinations, as a counter's digits have it.
            let Some(digit) = (0..needs.len()).find(|&node| needs[node] < *needs_of(node).end())
            else {
                break;
            };
            needs[..digit].fill(0);
            needs[digit] += 1;
        }
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
        let sketch = Sketch::of_masks(Model::And, &masks);
        let expected = first_cycle(sketch.nodes, &Oracle::of(&sketch));
        assert_eq!(numbers(&sketch.graph().diagnosis().cycle), expected, "{sketch:?}");
    }
    let edges = [(1, 4), (1, 3), (4, 1), (3, 1)];
    let graph = Sketch::of(Model::And, 4, &edges).graph();
    assert_eq!(*graph.diagnosis().cycle, [node(1), node(3)], "not the one asked first");
}
