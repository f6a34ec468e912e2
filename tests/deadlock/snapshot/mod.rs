//! A state of the whole that a leader has recorded.

mod counts;
mod motion;
mod still;

use std::time::Duration;

use rehearsal_protocol::deadlock::snapshot::{Config, Snapshot};
use rehearsal_protocol::deadlock::{Detector, DetectorInput};

use super::drive::{Delay, World, ms};
use super::support::node;
use super::waits::Waits;

/// A constant delay.
const D: u64 = 10;

fn rules(nodes: u32, period: Duration) -> Config {
    Config { nodes, period, victims: None }
}

/// Nodes that begin a snapshot in every period, once one of them leads.
fn detectors(nodes: u32, period: u64, delay: Delay, seed: u64) -> World<Detector> {
    World::new(nodes, delay, seed, |id| Snapshot::new(rules(nodes, ms(period)), id).into())
}

fn leads(leader: u32) -> DetectorInput {
    DetectorInput::Leader(Some(node(leader)))
}

/// One snapshot of what does not move, led by this node from 7 ms on.
fn of_waits(waits: &Waits, leader: u32) -> World<Detector> {
    let mut world = detectors(waits.nodes, 1_000, Delay::Constant(ms(D)), 0);
    world.see(waits);
    world.ask_at(7, leader, leads(leader));
    world.run_until(999);
    world
}
