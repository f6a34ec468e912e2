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
use rehearsal_protocol::deadlock::{Detector, DetectorInput};

use super::drive::{Delay, World, ms};
use super::support::node;
use super::waits::{Waits, numbers};

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
    let build = |id| Hierarchy::new(rules.clone(), id).into();
    let mut world = World::new(waits.nodes, delay, 0, build);
    world.see(waits);
    world
}

/// One round of what does not move.
fn round(waits: &Waits, tree: &Arc<Tree>) -> World<Detector> {
    let mut world = still(waits, &rules(tree), Delay::Constant(ms(D)));
    world.ask_at(7, tree.root().number(), DetectorInput::Check);
    world.run_until(999);
    world
}

/// Which node has found which node deadlocked.
fn findings(world: &World<Detector>) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut found = BTreeMap::new();
    for (_, number, verdict) in world.verdicts() {
        let dead = numbers(&verdict.diagnosis.deadlocked).into_iter().collect();
        assert_eq!(found.insert(number, dead), None, "n{number} has told it twice");
    }
    found
}

/// Everybody below this one, and itself, going by the tree alone.
fn subtree(tree: &Tree, top: u32) -> BTreeSet<u32> {
    let is_below = |number: &u32| {
        let mut here = Some(node(*number));
        while let Some(above) = here.filter(|here| *here != node(top)) {
            here = tree.controller(above);
        }
        here == Some(node(top))
    };
    (1..=tree.nodes()).filter(is_below).collect()
}
