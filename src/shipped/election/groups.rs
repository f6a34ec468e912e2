//! The two assertions of Garcia-Molina's paper: what holds of groups that have
//! a coordinator.

use std::fmt::Display;

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::Election;
use rehearsal_protocol::election::garcia_molina::GarciaMolina;
use rehearsal_sim::Violation;

use super::has_election::{HasElection, election_of};
use super::memory::View;

/// Assertion 1: nodes that reorganise or work have the same coordinator.
pub(super) fn one_coordinator<M: HasElection>(
    view: &View<'_, M>,
    node: NodeId,
) -> Result<(), Violation> {
    agree(view, node, GarciaMolina::coordinator, "two groups have coordinators")
}

/// Assertion 2: nodes that work have the same task.
pub(super) fn one_task<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    agree(view, node, GarciaMolina::task, "two groups have tasks")
}

fn agree<M: HasElection, T: PartialEq + Display>(
    view: &View<'_, M>,
    node: NodeId,
    of: impl Fn(&GarciaMolina) -> Option<T>,
    reason: &'static str,
) -> Result<(), Violation> {
    if let Some(Election::Bully(_) | Election::Hardened(_)) = election_of(view, node) {
        return Err(view.violation("this form has no groups", || {
            format!("{node} holds elections of another form than that of 1982")
        }));
    }
    let of = |node: NodeId| match election_of(view, node) {
        Some(Election::GarciaMolina(node)) => of(&node.machine),
        _ => None,
    };
    let Some(ours) = of(node) else { return Ok(()) };
    let others = view.nodes().filter_map(|other| Some((other, of(other)?)));
    match others.into_iter().find(|(_, theirs)| *theirs != ours) {
        None => Ok(()),
        Some((other, theirs)) => {
            Err(view.violation(reason, || format!("{node} has {ours}, {other} has {theirs}")))
        }
    }
}
