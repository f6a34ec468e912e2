//! What holds of leaders that have epochs, and of what they write.

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::{Election, Epoch, Output};
use rehearsal_sim::{Violation, World};

use super::elects::{Elects, election_of, told_by};

/// Each epoch that a node leads in is its own, and later than those before.
pub(super) fn rise<M: Elects>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    let mut led = led(world, node);
    let (Some(last), before) = (led.next(), led.next()) else { return Ok(()) };
    if last.leader != node {
        let detail = format!("{node} leads in epoch {last}");
        return Err(Violation::new("a node leads in another one's epoch", detail));
    }
    match before {
        Some(before) if before == last => {
            let detail = format!("{node} leads in epoch {last} a second time");
            Err(Violation::new("an epoch was taken twice", detail))
        }
        Some(before) if before > last => {
            let detail = format!("{node} leads in epoch {last} after {before}");
            Err(Violation::new("an epoch fell", detail))
        }
        _ => Ok(()),
    }
}

/// The latest epoch that the node knows of is none before any that it has told of.
pub(super) fn kept<M: Elects>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    let hardened = match election_of(world, node) {
        Some(Election::Hardened(hardened)) => hardened,
        Some(_) => {
            let detail = format!("{node} saves no epochs");
            return Err(Violation::new("this form has no epochs that are kept", detail));
        }
        None => return Ok(()),
    };
    let told = told_by(world, node).filter_map(|output| match output {
        Output::Leads { epoch } | Output::Follows { epoch, .. } => *epoch,
        Output::Asks { epoch } => Some(*epoch),
        _ => None,
    });
    match (told.max(), hardened.machine.latest()) {
        (Some(told), latest) if latest < Some(told) => {
            let latest = latest.map_or_else(|| "none".to_owned(), |latest| latest.to_string());
            let detail = format!("{node} has told of {told}, and knows of {latest} as the latest");
            Err(Violation::new("a node has forgotten an epoch", detail))
        }
        _ => Ok(()),
    }
}

/// Nobody else has led in the term in which the node has led last.
pub(super) fn one_leader_per_term<M: Elects>(
    world: &World<M>,
    node: NodeId,
) -> Result<(), Violation> {
    let Some(ours) = led(world, node).next() else { return Ok(()) };
    let mut others = world.nodes().filter(|other| *other != node);
    // A node's terms rise, so those before ours need not be looked at.
    let same = others.find_map(|other| {
        led(world, other)
            .take_while(|epoch| epoch.counter >= ours.counter)
            .find(|epoch| epoch.counter == ours.counter)
    });
    same.map_or(Ok(()), |other| {
        let detail = format!("{node} and {} lead in term {}", other.leader, ours.counter);
        Err(Violation::new("two lead in one term", detail))
    })
}

/// What a resource lets in is never older than what it let in before.
pub(super) fn writes_in_order<M: Elects>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    match election_of(world, node) {
        Some(Election::Hardened(hardened)) if hardened.machine.resource().is_some() => {}
        Some(_) => return no_resource(node),
        None => {}
    }
    let mut admitted = told_by(world, node).rev().filter_map(|output| match output {
        Output::Admits { epoch } => Some(*epoch),
        _ => None,
    });
    match (admitted.next(), admitted.next()) {
        (Some(last), Some(before)) if last < before => {
            let detail = format!("{node} took a write of {last} after one of {before}");
            Err(Violation::new("a leader of the past could write", detail))
        }
        _ => Ok(()),
    }
}

/// A node that keeps a resource has refused a write.
pub(super) fn refused<M: Elects>(world: &World<M>, node: NodeId) -> Result<(), Violation> {
    let is_right = match election_of(world, node) {
        Some(Election::Hardened(hardened)) if hardened.machine.resource().is_some() => {
            hardened.machine.is_member()
        }
        Some(_) => return no_resource(node),
        None => false,
    };
    let has_refused = |output: &Output| matches!(output, Output::Refuses { .. });
    if is_right || told_by(world, node).any(has_refused) {
        return Ok(());
    }
    Err(Violation::new("no write was refused", format!("{node} has refused no write")))
}

fn no_resource(node: NodeId) -> Result<(), Violation> {
    Err(Violation::new("nobody keeps a resource", format!("{node} knows of none to write to")))
}

/// The node has not become the leader more often than this.
pub(super) fn leads_at_most<M: Elects>(
    most: u32,
    world: &World<M>,
    node: NodeId,
) -> Result<(), Violation> {
    let leads = |output: &&Output| matches!(output, Output::Leads { .. });
    let times = told_by(world, node).filter(leads).count();
    if times <= most as usize {
        return Ok(());
    }
    let detail = format!("{node} has taken the lead {times} times");
    Err(Violation::new("a node took the lead too often", detail))
}

/// The epochs that a node has led in, the last one first.
fn led<M: Elects>(world: &World<M>, node: NodeId) -> impl Iterator<Item = Epoch> {
    told_by(world, node).rev().filter_map(|output| match output {
        Output::Leads { epoch } => *epoch,
        _ => None,
    })
}
