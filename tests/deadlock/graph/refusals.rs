//! Waits that a graph does not take.

use rehearsal::protocol::deadlock::graph::{Problem, WaitForGraph};

use crate::support::node;
use crate::waits::{Model, Waits, numbers, requests};

#[track_caller]
fn assert_refused(graph: &WaitForGraph, from: u32, targets: &[u32], problem: Problem, text: &str) {
    let mut after = graph.clone();
    assert_eq!(after.wait(node(from), 1, requests(from, targets)), Err(problem));
    assert_eq!(after, *graph, "a wait that is refused changes nothing");
    assert_eq!(problem.to_string(), text);
}

#[test]
fn strangers_are_refused_whether_they_wait_or_are_waited_for() {
    let graph = Waits::of(Model::And, 3, &[(1, 2)]).graph();
    let problem = Problem::Stranger { node: node(4), nodes: 3 };
    let text = "n4 is a stranger: name one of the nodes n1 to n3";
    assert_refused(&graph, 4, &[1], problem, text);
    assert_refused(&graph, 2, &[1, 4, 3], problem, text);
    let problem = Problem::Stranger { node: node(u32::MAX), nodes: 3 };
    let text = "n4294967295 is a stranger: name one of the nodes n1 to n3";
    assert_refused(&graph, 2, &[1, u32::MAX], problem, text);
    let problem = Problem::Stranger { node: node(1), nodes: 0 };
    let text = "n1 is a stranger: the graph has no nodes; make it with some";
    assert_refused(&WaitForGraph::new(0), 1, &[], problem, text);
}

#[test]
fn a_node_waits_once() {
    let mut graph = Waits::of(Model::And, 3, &[(1, 2)]).graph();
    graph.wait(node(3), 0, []).unwrap();
    let text = |node| {
        format!(
            "{node} waits already: put all its requests into one wait, and begin a new graph when \
             they change"
        )
    };
    for from in [1, 3] {
        let problem = Problem::WaitsAlready { node: node(from) };
        assert_refused(&graph, from, &[2], problem, &text(node(from)));
    }
}

#[test]
fn a_node_can_be_put_in_after_it_was_refused() {
    let mut graph = WaitForGraph::new(2);
    graph.wait(node(1), 1, requests(1, &[2, 9])).unwrap_err();
    graph.wait(node(1), 1, requests(1, &[2])).unwrap();
    graph.wait(node(2), 1, requests(2, &[1])).unwrap();
    assert_eq!(numbers(&graph.deadlocked()), [1, 2]);
}

#[test]
fn nobody_waits_in_a_new_graph_and_a_stranger_needs_nothing() {
    let graph = WaitForGraph::new(2);
    assert_eq!(graph.nodes().collect::<Vec<_>>(), [node(1), node(2)]);
    assert_eq!((graph.edges().count(), graph.need(node(1)), graph.need(node(7))), (0, 0, 0));
    assert_eq!(graph.edges_of(node(7)).count(), 0);
}
