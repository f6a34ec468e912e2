//! The two assertions of Garcia-Molina's paper: what holds of groups that have
//! a coordinator.

use std::fmt::Display;

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::Election;
use rehearsal_protocol::election::garcia_molina::GarciaMolina;
use rehearsal_sim::{Violation, World};

use super::elects::{Elects, election_of};

/// Assertion 1: nodes that reorganise or work have the same coordinator.
pub(super) fn one_coordinator<M: Elects>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    agree(world, node, GarciaMolina::coordinator, "two groups have coordinators")
}

/// Assertion 2: nodes that work have the same task.
pub(super) fn one_task<M: Elects>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    agree(world, node, GarciaMolina::task, "two groups have tasks")
}

fn agree<M: Elects, T: PartialEq + Display>(
    world: &World<M>,
    node: NodeId,
    of: impl Fn(&GarciaMolina) -> Option<T>,
    reason: &'static str,
) -> Result<(), Violation> {
    if let Some(Election::Bully(_) | Election::Hardened(_)) = election_of(world, node) {
        let detail = format!("{node} holds elections of another form than that of 1982");
        return Err(Violation::new("this form has no groups", detail));
    }
    let of = |node: NodeId| match election_of(world, node) {
        Some(Election::GarciaMolina(node)) => of(&node.machine),
        _ => None,
    };
    let Some(ours) = of(node) else { return Ok(()) };
    let others = world.nodes().filter_map(|other| Some((other, of(other)?)));
    match others.into_iter().find(|(_, theirs)| *theirs != ours) {
        None => Ok(()),
        Some((other, theirs)) => {
            Err(Violation::new(reason, format!("{node} has {ours}, {other} has {theirs}")))
        }
    }
}
