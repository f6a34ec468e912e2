//! Graphs of a shape that is known to have cycles or not to.

use rehearsal::protocol::deadlock::graph::{Roots, Rule, WaitForGraph};

use crate::waits::{Model, Waits, chain, lists, numbers, ring};

pub(crate) fn both_ways(edges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    edges.iter().flat_map(|&(from, to)| [(from, to), (to, from)]).collect()
}

fn graph(nodes: u32, edges: &[(u32, u32)]) -> WaitForGraph {
    Waits::of(Model::And, nodes, edges).graph()
}

#[track_caller]
fn assert_free(nodes: u32, edges: &[(u32, u32)]) {
    let graph = graph(nodes, edges);
    assert_eq!(graph.diagnosis(), WaitForGraph::new(nodes).diagnosis());
    assert!(graph.components().is_empty() && graph.search(Rule::Meant, Roots::All).is_none());
}

/// All nodes are one component, and deadlocked in either model.
#[track_caller]
fn assert_knotted(nodes: u32, edges: &[(u32, u32)]) {
    let all: Vec<_> = (1..=nodes).collect();
    for model in [Model::And, Model::Or] {
        let graph = Waits::of(model, nodes, edges).graph();
        assert_eq!(numbers(&graph.diagnosis().on_cycle), all);
        assert_eq!(lists(&graph.components()), std::slice::from_ref(&all));
        assert_eq!(lists(&graph.knots()), std::slice::from_ref(&all));
    }
}

#[test]
fn trees_and_paths_are_free() {
    let tree: Vec<_> = (2..=31).map(|child| (child / 2, child)).collect();
    assert_free(31, &tree);
    assert_free(10, &chain(10));
}

#[test]
fn a_ring_is_one_knot() {
    assert_knotted(7, &ring(7));
    assert_eq!(graph(7, &ring(7)).diagnosis().cycle.len(), 7);
}

#[test]
fn where_each_edge_goes_both_ways_all_are_knotted_and_a_pair_is_shown() {
    let outer = ring(5);
    let spokes: Vec<_> = (1..=5).map(|node| (node, node + 5)).collect();
    let star: Vec<_> = (0..5).map(|node| (node + 6, (node + 2) % 5 + 6)).collect();
    let petersen = both_ways(&[outer, spokes, star].concat());
    assert_eq!(petersen.len(), 30);
    for (nodes, edges) in [(6, both_ways(&chain(6))), (6, both_ways(&ring(6))), (10, petersen)] {
        assert_knotted(nodes, &edges);
        assert_eq!(graph(nodes, &edges).diagnosis().cycle.to_string(), "n1 -> n2 -> n1");
    }
}

/// Straight from a rule, for so many that looking a wait up would take long.
fn long(nodes: u32, last_waits_for: Option<u32>) -> WaitForGraph {
    let next = |from| if from == nodes { last_waits_for } else { Some(from + 1) };
    let wait = |from| next(from).map(|to| (from, 1, vec![to]));
    Waits { nodes, waits: (1..=nodes).filter_map(wait).collect() }.graph()
}

#[test]
fn a_hundred_thousand_in_a_chain_are_gone_through_without_recursion() {
    let nodes = 100_000;
    let graph = long(nodes, None);
    assert_eq!(graph.diagnosis(), WaitForGraph::new(nodes).diagnosis());
    assert!(graph.components().is_empty() && graph.search(Rule::Meant, Roots::All).is_none());
    assert_eq!(graph.search(Rule::Printed, Roots::All), None);

    let behind = long(nodes, Some(nodes)).diagnosis();
    assert_eq!(
        (behind.behind.len(), behind.cycle.to_string()),
        (99_999, "n100000 -> n100000".into())
    );
}

#[test]
fn a_hundred_thousand_in_a_ring_are_gone_through_without_recursion() {
    let nodes = 100_000;
    let graph = long(nodes, Some(1));
    let all: Vec<_> = graph.nodes().collect();
    let diagnosis = graph.diagnosis();
    assert_eq!((&diagnosis.on_cycle, &diagnosis.cycle.0), (&all, &all));
    assert_eq!(graph.knots(), std::slice::from_ref(&all));
    assert_eq!(graph.search(Rule::Meant, Roots::All).expect("a ring").0, all);
    assert_eq!(numbers(&graph.victims(|node| node)), [nodes]);
}
