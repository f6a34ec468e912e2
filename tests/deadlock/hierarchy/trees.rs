//! What is a tree, and what is said of what is not.

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::hierarchy::Tree;

use super::{subtree, tree};
use crate::support::node as n;

fn misfit(controllers: &[u32]) -> String {
    let controllers = controllers.iter().map(|number| NodeId::new(*number)).collect();
    Tree::new(controllers).expect_err("it is no tree").to_string()
}

#[test]
fn what_is_no_tree_is_refused_in_words() {
    let refused = [
        misfit(&[]),
        misfit(&[0, 1, 9, 1]),
        misfit(&[0, 1, 0]),
        misfit(&[0, 2]),
        misfit(&[0, 3, 4, 2, 2]),
        misfit(&[2, 1]),
    ];
    let expected = [
        "a tree needs a node at least",
        "the controller of n3 is n9, but the nodes are n1 to n4: name one of them",
        "both n1 and n3 have no controller: only the root has none, so give one of them one",
        "no controller may be below itself, as n2 -> n2 are: leave one of these without a \
         controller, or give it another",
        "no controller may be below itself, as n2 -> n3 -> n4 -> n2 are: leave one of these \
         without a controller, or give it another",
        "no controller may be below itself, as n1 -> n2 -> n1 are: leave one of these without \
         a controller, or give it another",
    ];
    assert_eq!(refused, expected);
}

#[test]
fn a_tree_knows_who_is_below_whom() {
    for controllers in [&[0][..], &[0, 1, 1, 2, 2, 3, 6], &[2, 3, 4, 5, 0], &[3, 3, 0, 3]] {
        let tree = tree(controllers);
        for top in 1..=tree.nodes() {
            let has = (1..=tree.nodes()).filter(|node| tree.has(n(top), n(*node)));
            assert!(has.eq(subtree(&tree, top)), "{controllers:?}, n{top}");
        }
        assert!(!tree.has(n(1), n(99)) && !tree.has(n(99), n(1)));
    }
}

#[test]
fn heights_count_the_levels_below() {
    let tree = tree(&[0, 1, 1, 2, 2, 3, 6]);
    let heights: Vec<_> = (1..=8).map(|node| tree.height(n(node))).collect();
    assert_eq!(heights, [3, 1, 2, 0, 0, 1, 0, 0]);
}

#[test]
fn a_very_long_chain_is_a_tree() {
    let tree = tree(&(0..100_000).collect::<Vec<_>>());
    assert_eq!(tree.height(tree.root()), 99_999);
}
