//! Graphs that are told by hand, the paper's among them.

use rehearsal::protocol::deadlock::graph::{Roots, Rule};

use crate::support::node;
use crate::waits::{Model, NOBODY, Waits, numbers, requests};

/// What the paper's three users said they need, one edge a line.
const PAPER: [(u32, u32); 5] = [(1, 3), (1, 6), (1, 4), (3, 5), (3, 6)];

#[test]
fn the_papers_file_is_the_edges_in_the_order_they_came_in() {
    let graph = Waits::of(Model::And, 6, &PAPER).graph();
    let lines: Vec<_> = graph.edges().map(|edge| edge.to_string()).collect();
    assert_eq!(lines, ["n1 -> n3", "n1 -> n6", "n1 -> n4", "n3 -> n5", "n3 -> n6"]);
    let mut graph = Waits { nodes: 3, waits: vec![(3, 1, vec![1])] }.graph();
    graph.wait(node(2), 0, []).unwrap();
    graph.wait(node(1), 1, requests(1, &[2])).unwrap();
    let lines: Vec<_> =
        graph.edges().map(|edge| (edge.to_string(), edge.request.to_string())).collect();
    assert_eq!(lines, [("n3 -> n1".into(), "n3#1".into()), ("n1 -> n2".into(), "n1#1".into())]);
}

#[test]
fn a_cycle_that_the_root_does_not_reach_is_found_from_every_root_alone() {
    let graph = Waits::of(Model::And, 4, &[(1, 2), (3, 4), (4, 3)]).graph();
    assert_eq!(graph.search(Rule::Meant, Roots::Only(node(1))), None);
    let found = graph.search(Rule::Meant, Roots::All).expect("there is one");
    assert_eq!(found.to_string(), "n3 -> n4 -> n3");
    assert_eq!(graph.search(Rule::Meant, Roots::Only(node(9))), None, "nobody is there");
}

#[test]
fn it_counts_how_many_of_its_requests_a_node_needs() {
    let of_three = |need| Waits {
        nodes: 4,
        waits: vec![(1, need, vec![2, 3, 4]), (2, 1, vec![1]), (3, 1, vec![1])],
    };
    assert_eq!(numbers(&of_three(2).graph().deadlocked()), [1, 2, 3]);
    assert_eq!(numbers(&of_three(1).graph().deadlocked()), NOBODY);
}

#[test]
fn two_requests_to_the_same_node_are_two_grants() {
    let waits = Waits { nodes: 3, waits: vec![(1, 2, vec![2, 2, 3]), (3, 1, vec![1])] };
    assert_eq!(numbers(&waits.graph().deadlocked()), NOBODY);
    let waits = Waits { nodes: 3, waits: vec![(1, 3, vec![2, 2, 3]), (3, 1, vec![1])] };
    assert_eq!(numbers(&waits.graph().deadlocked()), [1, 3]);
}
