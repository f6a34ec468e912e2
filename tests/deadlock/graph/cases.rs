//! Graphs that are told by hand, the paper's among them.

use rehearsal::protocol::deadlock::graph::{Roots, Rule};

use super::sketch::{Model, NOBODY, Sketch, numbers, requests};
use crate::support::node;

/// What the paper's three users said they need, one edge a line.
const PAPER: [(u32, u32); 5] = [(1, 3), (1, 6), (1, 4), (3, 5), (3, 6)];

fn deadlocked(model: Model, nodes: u32, edges: &[(u32, u32)]) -> Vec<u32> {
    numbers(&Sketch::of(model, nodes, edges).graph().deadlocked())
}

/// The cycle that is shown, if the paper's graph has these edges as well.
fn paper_with(more: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>, String, bool) {
    let edges = [&PAPER[..], more].concat();
    let all = Sketch::of(Model::And, 6, &edges).graph();
    let cycle = all.diagnosis().cycle.to_string();
    let is_found = all.search(Rule::Printed, Roots::All).is_some();
    (numbers(&all.deadlocked()), deadlocked(Model::Or, 6, &edges), cycle, is_found)
}

#[test]
fn the_papers_own_graph_is_not_in_deadlock() {
    assert_eq!(paper_with(&[]), (vec![], vec![], "none".into(), false));
}

#[test]
fn the_papers_file_is_the_edges_in_the_order_they_came_in() {
    let graph = Sketch::of(Model::And, 6, &PAPER).graph();
    let lines: Vec<_> = graph.edges().map(|edge| edge.to_string()).collect();
    assert_eq!(lines, ["n1 -> n3", "n1 -> n6", "n1 -> n4", "n3 -> n5", "n3 -> n6"]);
    let mut graph = Sketch { nodes: 3, waits: vec![(3, 1, vec![1])] }.graph();
    graph.wait(node(2), 0, []).unwrap();
    graph.wait(node(1), 1, requests(1, &[2])).unwrap();
    let lines: Vec<_> =
        graph.edges().map(|edge| (edge.to_string(), edge.request.to_string())).collect();
    assert_eq!(lines, [("n3 -> n1".into(), "n3#1".into()), ("n1 -> n2".into(), "n1#1".into())]);
}

#[test]
fn one_more_edge_can_close_a_circle_in_the_papers_graph_and_the_printed_rules_never_see_it() {
    let none = Vec::new;
    let cases = [
        ((5, 1), vec![1, 3, 5], "n1 -> n3 -> n5 -> n1"),
        ((6, 3), vec![1, 3, 6], "n3 -> n6 -> n3"),
        ((6, 1), vec![1, 3, 6], "n1 -> n6 -> n1"),
        ((4, 2), none(), "none"),
    ];
    for (edge, all, cycle) in cases {
        assert_eq!(paper_with(&[edge]), (all, none(), cycle.into(), false), "{edge:?}");
    }
}

#[test]
fn whoever_is_behind_a_cycle_is_told_apart_from_who_is_on_it() {
    let edges = [&PAPER[..], &[(6, 3)]].concat();
    let diagnosis = Sketch::of(Model::And, 6, &edges).graph().diagnosis();
    assert_eq!((numbers(&diagnosis.on_cycle), numbers(&diagnosis.behind)), (vec![3, 6], vec![1]));
}

#[test]
fn a_cycle_that_the_root_does_not_reach_is_found_from_every_root_alone() {
    let graph = Sketch::of(Model::And, 4, &[(1, 2), (3, 4), (4, 3)]).graph();
    assert_eq!(graph.search(Rule::Meant, Roots::Only(node(1))), None);
    let found = graph.search(Rule::Meant, Roots::All).expect("there is one");
    assert_eq!(found.to_string(), "n3 -> n4 -> n3");
    assert_eq!(graph.search(Rule::Meant, Roots::Only(node(9))), None, "nobody is there");
}

#[test]
fn a_node_that_two_wait_for_closes_no_circle() {
    let diamond = Sketch::of(Model::And, 4, &[(1, 2), (1, 3), (2, 4), (3, 4)]).graph();
    assert_eq!(diamond.search(Rule::Meant, Roots::All), None);
    assert_eq!(numbers(&diamond.deadlocked()), NOBODY);
    #[cfg(feature = "mutants")]
    {
        let search = || diamond.search(Rule::Meant, Roots::All).is_some();
        assert_eq!(rehearsal::machine::mutant::with("VisitedIsCycle", search), (true, true));
    }
}

#[test]
fn whoever_waits_for_itself_waits_for_ever() {
    let graph = Sketch::of(Model::And, 2, &[(2, 2)]).graph();
    assert_eq!(graph.search(Rule::Meant, Roots::All).expect("a circle").to_string(), "n2 -> n2");
    assert_eq!(graph.diagnosis().cycle.to_string(), "n2 -> n2");
    assert_eq!(deadlocked(Model::Or, 2, &[(2, 2)]), [2]);
    assert_eq!(deadlocked(Model::Or, 2, &[(2, 2), (2, 1)]), NOBODY);
}

#[test]
fn who_needs_one_grant_is_deadlocked_only_in_a_knot() {
    let with_way_out = [(1, 2), (2, 1), (1, 3)];
    let graph = Sketch::of(Model::Or, 3, &with_way_out).graph();
    assert!(graph.search(Rule::Meant, Roots::All).is_some() && graph.knots().is_empty());
    assert_eq!(numbers(&graph.deadlocked()), NOBODY);
    assert_eq!(deadlocked(Model::And, 3, &with_way_out), [1, 2]);
    assert_eq!(deadlocked(Model::Or, 3, &[(1, 2), (2, 1)]), [1, 2]);
}

#[test]
fn it_counts_how_many_of_its_requests_a_node_needs() {
    let of_three = |need| Sketch {
        nodes: 4,
        waits: vec![(1, need, vec![2, 3, 4]), (2, 1, vec![1]), (3, 1, vec![1])],
    };
    assert_eq!(numbers(&of_three(2).graph().deadlocked()), [1, 2, 3]);
    assert_eq!(numbers(&of_three(1).graph().deadlocked()), NOBODY);
}

#[test]
fn whoever_needs_more_grants_than_it_has_requests_is_never_free() {
    let sketch = Sketch { nodes: 3, waits: vec![(1, 2, vec![3]), (2, 1, vec![1])] };
    let diagnosis = sketch.graph().diagnosis();
    assert_eq!((numbers(&diagnosis.behind), numbers(&diagnosis.on_cycle)), (vec![1, 2], vec![]));
    assert!(diagnosis.cycle.is_empty());
}

#[test]
fn two_requests_to_the_same_node_are_two_grants() {
    let sketch = Sketch { nodes: 3, waits: vec![(1, 2, vec![2, 2, 3]), (3, 1, vec![1])] };
    assert_eq!(numbers(&sketch.graph().deadlocked()), NOBODY);
    let sketch = Sketch { nodes: 3, waits: vec![(1, 3, vec![2, 2, 3]), (3, 1, vec![1])] };
    assert_eq!(numbers(&sketch.graph().deadlocked()), [1, 3]);
}
