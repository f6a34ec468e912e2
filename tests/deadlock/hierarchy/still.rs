//! Where nothing moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::hierarchy::Tree;

use super::{findings, round, subtree, tree};
use crate::oracle::Oracle;
use crate::support::node;
use crate::waits::{Model, Waits, every};

fn dead(waits: &Waits) -> BTreeSet<u32> {
    Oracle::of(waits).deadlocked_but(&[])
}

/// Who is dead where whatever is outside these gives what it was asked for.
fn dead_within(waits: &Waits, nodes: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut within = waits.clone();
    within.waits.retain(|(from, ..)| nodes.contains(from));
    for (_, need, of) in &mut within.waits {
        let all = of.len();
        of.retain(|to| nodes.contains(to));
        *need = need.saturating_sub((all - of.len()) as u32);
    }
    dead(&within)
}

/// What each controller shall find: those who are dead within its subtree, but
/// not within that of one below it; and the root, that all is well.
fn expected(waits: &Waits, tree: &Tree) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut expected = BTreeMap::new();
    for top in 1..=tree.nodes() {
        let mut found = dead_within(waits, &subtree(tree, top));
        for below in tree.below(node(top)) {
            for node in dead_within(waits, &subtree(tree, below.number())) {
                found.remove(&node);
            }
        }
        if !found.is_empty() {
            expected.insert(top, found);
        }
    }
    if expected.is_empty() {
        expected.insert(tree.root().number(), BTreeSet::new());
    }
    expected
}

fn check(waits: &Waits, tree: &Arc<Tree>) {
    let world = round(waits, tree);
    let found = findings(&world);
    assert_eq!(found, expected(waits, tree), "{waits:?}, {tree:?}");
    let all: BTreeSet<_> = found.into_values().flatten().collect();
    assert_eq!(all, dead(waits), "{waits:?}, {tree:?}");
    let edges = tree.nodes() as usize - 1;
    assert_eq!((world.count("ask"), world.count("report")), (edges, edges));
}

/// All rooted trees of so many nodes: Cayley has n^(n-1) of them.
fn every_tree(nodes: u32) -> Vec<Arc<Tree>> {
    let choices = u64::from(nodes) + 1;
    let all = (0..choices.pow(nodes)).map(|code| {
        let place = |place| (code / choices.pow(place) % choices) as u32;
        Tree::new((0..nodes).map(place).map(NodeId::new).collect())
    });
    all.filter_map(Result::ok).map(Arc::new).collect()
}

#[test]
fn there_are_as_many_trees_as_cayley_says() {
    let trees: Vec<_> = (1..=5).map(|nodes| every_tree(nodes).len()).collect();
    assert_eq!(trees, [1, 2, 9, 64, 625]);
}

#[test]
fn in_every_tree_of_three_all_find_what_lies_wholly_below_them() {
    for nodes in 1..=3 {
        for tree in every_tree(nodes) {
            let all = every(Model::And, nodes);
            let all = all.flat_map(|waits| waits.with_needs(|of| of.min(1)..=of));
            all.for_each(|waits| check(&waits, &tree));
        }
    }
}

#[test]
fn in_every_kind_of_tree_of_four_all_find_what_lies_wholly_below_them() {
    // A star, a chain, two levels with the root on top or in the middle, and a fork.
    for controllers in [[0, 1, 1, 1], [0, 1, 2, 3], [0, 1, 1, 2], [2, 0, 1, 2], [2, 3, 0, 2]] {
        let tree = tree(&controllers);
        for model in [Model::And, Model::Or] {
            every(model, 4).for_each(|waits| check(&waits, &tree));
        }
    }
}

/// Of graphs whose cycles are one, and of all trees: exactly the lowest node that
/// has the cycle below it finds it.
#[test]
fn a_cycle_is_found_by_the_lowest_node_that_has_all_of_it_below() {
    let mut met = 0;
    for nodes in 2..=4 {
        let all: Vec<_> = every(Model::And, nodes)
            .filter(|waits| waits.waits.iter().all(|(_, _, of)| of.len() <= 1))
            .collect();
        for tree in every_tree(nodes) {
            for waits in &all {
                let oracle = Oracle::of(waits);
                let [cycle] = &oracle.components()[..] else { continue };
                if oracle.behind_cycles() != *cycle {
                    continue;
                }
                let mut top = cycle[0];
                while !cycle.iter().all(|number| subtree(&tree, top).contains(number)) {
                    let above = tree.controller(node(top)).expect("the root has all of them");
                    top = above.number();
                }
                let found = findings(&round(waits, &tree));
                assert_eq!(found, BTreeMap::from([(top, cycle.iter().copied().collect())]));
                met += 1;
            }
        }
    }
    // Of 2, 3 and 4 nodes 1, 5 and 32 such graphs, each in all trees.
    assert_eq!(met, 2 + 5 * 9 + 32 * 64);
}
