//! How many digraphs a search in depth calls deadlocked, and how many are.

use rehearsal::protocol::deadlock::graph::{Roots, Rule, WaitForGraph};

use crate::oracle::Oracle;
use crate::support::{given, node};
use crate::waits::{Model, Waits, digraphs};

/// For 2, 3, 4, 5 nodes: digraphs without loops; those with a cycle; found by
/// the rules as printed; as meant, from node 1 alone; as meant, from every
/// node; with a knot; with a cycle but no knot.
const EXPECTED: [[u32; 7]; 4] = [
    [4, 1, 0, 1, 1, 1, 0],
    [64, 39, 0, 35, 39, 30, 9],
    [4_096, 3_553, 0, 3_193, 3_553, 2_563, 990],
    [1_048_576, 1_019_295, 0, 950_543, 1_019_295, 780_180, 239_115],
];

fn is_found(graph: &WaitForGraph, rule: Rule, roots: Roots) -> bool {
    graph.search(rule, roots).is_some()
}

#[test]
fn the_rules_as_printed_find_nothing_and_a_single_root_misses_cycles() {
    for (nodes, expected) in (2..=given("REHEARSAL_DIGRAPHS", 4) as u32).zip(EXPECTED) {
        let mut counts = [0; 7];
        for masks in digraphs(nodes, false) {
            let waits = Waits::of_masks(Model::And, &masks);
            let (graph, oracle) = (waits.graph(), Oracle::of(&waits));
            let (is_cyclic, has_knot) = (oracle.is_cyclic(), !graph.knots().is_empty());
            let row = [
                true,
                is_cyclic,
                is_found(&graph, Rule::Printed, Roots::All),
                is_found(&graph, Rule::Meant, Roots::Only(node(1))),
                is_found(&graph, Rule::Meant, Roots::All),
                has_knot,
                is_cyclic && !has_knot,
            ];
            for (count, is_so) in counts.iter_mut().zip(row) {
                *count += u32::from(is_so);
            }
        }
        assert_eq!(counts, expected, "{nodes} nodes");
    }
}

#[cfg(feature = "mutants")]
#[test]
fn whoever_takes_a_visited_node_for_a_cycle_raises_false_alarms() {
    use rehearsal::machine::mutant;

    for (nodes, expected) in (2..).zip([1, 18, 505]) {
        let is_false_alarm = |masks: &Vec<u32>| {
            let waits = Waits::of_masks(Model::And, masks);
            let search = || is_found(&waits.graph(), Rule::Meant, Roots::All);
            mutant::with("VisitedIsCycle", search).0 && !search()
        };
        assert_eq!(
            digraphs(nodes, false).filter(is_false_alarm).count(),
            expected,
            "{nodes} nodes"
        );
    }
}
