//! Where nothing moves.

use crate::oracle::Oracle;
use crate::waits::{Model, Waits, every, numbers};

use super::of_waits;

fn check(waits: &Waits, leader: u32) -> usize {
    let world = of_waits(waits, leader);
    let found: Vec<_> = world.verdicts().collect();
    let [(_, by, verdict)] = found[..] else { panic!("{waits:?}: {} verdicts", found.len()) };
    assert_eq!(by, leader);
    let deadlocked = numbers(&verdict.diagnosis.deadlocked);
    assert_eq!(deadlocked, Oracle::of(waits).deadlocked(), "{waits:?}, led by n{leader}");
    usize::from(verdict.is_deadlock())
}

#[test]
fn every_small_graph_has_its_dead_found() {
    let mut deadlocks = Vec::new();
    for nodes in 1..=4 {
        for model in [Model::And, Model::Or] {
            let all = every(model, nodes);
            deadlocks.push(all.map(|waits| check(&waits, 1 + nodes / 2)).sum::<usize>());
        }
    }
    // Of 1, 4, 64 and 4,096 graphs: those with a cycle, those with a knot.
    assert_eq!(deadlocks, [0, 0, 1, 1, 39, 30, 3553, 2563]);
}

#[test]
fn whatever_is_needed_of_so_many_the_dead_are_found() {
    let all = (1..=3).flat_map(|nodes| every(Model::And, nodes));
    let all: Vec<_> = all.flat_map(|waits| waits.with_needs(|of| of.min(1)..=of)).collect();
    let deadlocks = all.iter().map(|waits| check(waits, 1)).sum::<usize>();
    assert_eq!((all.len(), deadlocks), (1 + 4 + 125, 77));
}
