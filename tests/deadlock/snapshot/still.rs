//! Where nothing moves.

use std::collections::BTreeSet;

use super::super::drive::n;
use super::super::oracle::{Waits, and, dead, every_graph, every_need, or, reaches_a_cycle};
use super::{findings, of_waits};

fn check(waits: &Waits, leader: u32) -> usize {
    let world = of_waits(waits, n(leader));
    let found = findings(&world);
    let [(_, by, verdict)] = found[..] else { panic!("{waits:?}: {} verdicts", found.len()) };
    assert_eq!(by, n(leader));
    let deadlocked: BTreeSet<_> = verdict.diagnosis.deadlocked.iter().copied().collect();
    assert_eq!(deadlocked, dead(waits), "{waits:?}, led by n{leader}");
    usize::from(verdict.is_deadlock())
}

#[test]
fn every_small_graph_has_its_dead_found() {
    let mut deadlocks = Vec::new();
    for nodes in 1..=4 {
        for need in [and, or] {
            let graphs = every_graph(nodes, need);
            deadlocks.push(graphs.map(|waits| check(&waits, 1 + nodes / 2)).sum::<usize>());
        }
    }
    // Of 1, 4, 64 and 4,096 graphs: those with a cycle, those with a knot.
    assert_eq!(deadlocks, [0, 0, 1, 1, 39, 30, 3553, 2563]);
}

#[test]
fn where_all_is_needed_the_dead_are_those_who_reach_a_cycle() {
    for waits in every_graph(4, and) {
        assert_eq!(dead(&waits), reaches_a_cycle(&waits), "{waits:?}");
    }
}

#[test]
fn whatever_is_needed_of_so_many_the_dead_are_found() {
    let graphs: Vec<_> = (1..=3).flat_map(every_need).collect();
    let deadlocks = graphs.iter().map(|waits| check(waits, 1)).sum::<usize>();
    assert_eq!((graphs.len(), deadlocks), (1 + 4 + 125, 77));
}
