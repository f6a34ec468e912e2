//! A state of the whole that a leader has recorded.

mod counts;
mod motion;
mod still;

use std::time::Duration;

use rehearsal_machine::{NodeId, Time};
use rehearsal_protocol::deadlock::snapshot::{Config, Snapshot};
use rehearsal_protocol::deadlock::{Detector, DetectorInput, Output, Verdict};

use super::drive::{Delay, World, at, ms};
use super::oracle::{Waits, views};

/// A constant delay.
const D: u64 = 10;

fn rules(nodes: u32, period: Duration) -> Config {
    Config { nodes, period, victims: None }
}

/// One snapshot of what does not move, led by this node from 7 ms on.
fn of_waits(waits: &Waits, leader: NodeId) -> World<Detector> {
    let nodes = waits.len() as u32;
    let build = |id| Detector::from(Snapshot::new(rules(nodes, ms(1_000)), id));
    let mut world = World::new(nodes, Delay::Constant(ms(D)), 0, build);
    for (place, view) in views(waits).into_iter().enumerate() {
        world.ask(NodeId::from_index(place), DetectorInput::Look(view));
    }
    world.ask_at(at(7), leader, DetectorInput::Leader(Some(leader)));
    world.run_until(at(999), |_| {});
    world
}

fn findings(world: &World<Detector>) -> Vec<(Time, NodeId, &Verdict)> {
    let mut found = Vec::new();
    for (time, node, output) in &world.told {
        if let Output::Finds(verdict) = output {
            found.push((*time, *node, verdict));
        }
    }
    found
}
