//! Controllers in a tree.

mod motion;
mod rounds;
mod still;
mod trees;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::deadlock::hierarchy::{Config, Hierarchy, Tree};
use rehearsal_protocol::deadlock::{Detector, DetectorInput, Output};

use super::drive::{Delay, World, at, ms, n};
use super::oracle::{Waits, views};

/// A constant delay.
const D: u64 = 10;

/// The tree of these controllers of n1, n2, and so on; 0 is none.
fn tree(controllers: &[u32]) -> Arc<Tree> {
    let controllers = controllers.iter().map(|number| NodeId::new(*number)).collect();
    Arc::new(Tree::new(controllers).expect("it is a tree"))
}

fn rules(tree: &Arc<Tree>) -> Config {
    let (period, window, ask) = (ms(1_000), ms(50), ms(500));
    Config { tree: tree.clone(), period, window, ask, victims: None }
}

fn still(waits: &Waits, rules: &Config, delay: Delay) -> World<Detector> {
    let nodes = waits.len() as u32;
    let build = |id| Detector::from(Hierarchy::new(rules.clone(), id));
    let mut world = World::new(nodes, delay, 0, build);
    for (place, view) in views(waits).into_iter().enumerate() {
        world.ask(NodeId::from_index(place), DetectorInput::Look(view));
    }
    world
}

/// One round of what does not move.
fn round(waits: &Waits, tree: &Arc<Tree>) -> World<Detector> {
    let mut world = still(waits, &rules(tree), Delay::Constant(ms(D)));
    world.ask_at(at(7), tree.root(), DetectorInput::Check);
    world.run_until(at(999), |_| {});
    world
}

/// Who has found whom dead.
fn findings(world: &World<Detector>) -> BTreeMap<NodeId, BTreeSet<NodeId>> {
    let mut found = BTreeMap::new();
    for (_, node, output) in &world.told {
        let Output::Finds(verdict) = output else { continue };
        let dead = verdict.diagnosis.deadlocked.iter().copied().collect();
        assert_eq!(found.insert(*node, dead), None, "{node} has told it twice");
    }
    found
}

/// Everybody below this one, and itself, going by the tree alone.
fn subtree(tree: &Tree, top: NodeId) -> BTreeSet<NodeId> {
    let is_below = |node: &NodeId| {
        let mut here = Some(*node);
        while let Some(node) = here.filter(|node| *node != top) {
            here = tree.controller(node);
        }
        here == Some(top)
    };
    (1..=tree.nodes()).map(n).filter(is_below).collect()
}
