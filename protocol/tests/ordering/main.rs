//! Disciplines of ordering as pure structures: model cases, counts, and random runs against
//! an oracle that knows sends and deliveries only.

mod bounds;
mod causal;
mod counts;
mod history;
mod multicast;
#[cfg(feature = "mutants")]
mod mutants;
mod random;
mod recovery;
mod sizes;
mod total;
mod world;

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::Epoch;

fn node(number: u32) -> NodeId {
    NodeId::new(number).unwrap()
}

fn epoch(counter: u64, leader: u32) -> Epoch {
    Epoch { counter, leader: node(leader) }
}
