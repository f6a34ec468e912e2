//! Where nothing moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::hierarchy::Tree;

use super::super::drive::n;
use super::super::oracle::{Waits, and, dead, every_graph, every_need, or, reaches_a_cycle};
use super::{findings, round, subtree, tree};

/// Who is dead where whatever is outside these gives what it was asked for.
fn dead_within(waits: &Waits, nodes: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let within = (1..).map(n).zip(waits).map(|(node, (need, of))| {
        let inside: Vec<_> = of.iter().copied().filter(|to| nodes.contains(to)).collect();
        let granted = (of.len() - inside.len()) as u32;
        if nodes.contains(&node) { (need.saturating_sub(granted), inside) } else { (0, vec![]) }
    });
    dead(&within.collect())
}

/// What each controller shall find: those who are dead within its subtree, but
/// not within that of one below it; and the root, that all is well.
fn expected(waits: &Waits, tree: &Tree) -> BTreeMap<NodeId, BTreeSet<NodeId>> {
    let mut expected = BTreeMap::new();
    for top in (1..=tree.nodes()).map(n) {
        let mut found = dead_within(waits, &subtree(tree, top));
        for below in tree.below(top) {
            for node in dead_within(waits, &subtree(tree, *below)) {
                found.remove(&node);
            }
        }
        if !found.is_empty() {
            expected.insert(top, found);
        }
    }
    if expected.is_empty() {
        expected.insert(tree.root(), BTreeSet::new());
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
            every_need(nodes).for_each(|waits| check(&waits, &tree));
        }
    }
}

#[test]
fn in_every_kind_of_tree_of_four_all_find_what_lies_wholly_below_them() {
    // A star, a chain, two levels with the root on top or in the middle, and a fork.
    for controllers in [[0, 1, 1, 1], [0, 1, 2, 3], [0, 1, 1, 2], [2, 0, 1, 2], [2, 3, 0, 2]] {
        let tree = tree(&controllers);
        for need in [and, or] {
            every_graph(4, need).for_each(|waits| check(&waits, &tree));
        }
    }
}

/// Of graphs whose cycles are one, and of all trees: exactly the lowest node that
/// has the cycle below it finds it.
#[test]
fn a_cycle_is_found_by_the_lowest_node_that_has_all_of_it_below() {
    let mut met = 0;
    for nodes in 2..=4 {
        let every: Vec<_> = every_graph(nodes, and)
            .filter(|waits| waits.iter().all(|(_, of)| of.len() <= 1))
            .collect();
        for tree in every_tree(nodes) {
            for waits in &every {
                let cycle = on_the_cycle(waits);
                let [first, rest @ ..] = &cycle[..] else { continue };
                if reaches_a_cycle(waits).len() != cycle.len() {
                    continue;
                }
                let mut top = *first;
                while !rest.iter().all(|node| subtree(&tree, top).contains(node)) {
                    top = tree.controller(top).expect("the root has all of them");
                }
                let found = findings(&round(waits, &tree));
                assert_eq!(found, BTreeMap::from([(top, cycle.into_iter().collect())]));
                met += 1;
            }
        }
    }
    // Of 2, 3 and 4 nodes 1, 5 and 32 such graphs, each in all trees.
    assert_eq!(met, 2 + 5 * 9 + 32 * 64);
}

/// The nodes of the only cycle where everybody waits for one at most; none if
/// there are two.
fn on_the_cycle(waits: &Waits) -> Vec<NodeId> {
    let next = |node: &NodeId| waits[node.index()].1.first().copied();
    let comes_back = |first: &NodeId| {
        let mut here = next(first);
        for _ in 0..waits.len() {
            if here == Some(*first) {
                return true;
            }
            here = here.as_ref().and_then(next);
        }
        false
    };
    let on: Vec<_> = (1..=waits.len() as u32).map(n).filter(comes_back).collect();
    let round = on.first().map(|first| std::iter::successors(Some(*first), next).skip(1));
    let length = round.into_iter().flatten().take_while(|node| *node != on[0]).count() + 1;
    if length == on.len() { on } else { Vec::new() }
}
