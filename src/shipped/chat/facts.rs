use rehearsal_machine::NodeId;
use rehearsal_protocol::chat::{Cell, Chat, Output, Saved};
use rehearsal_protocol::half_duplex::HalfDuplex;
use rehearsal_protocol::link;
use rehearsal_protocol::ordering::Waiting;
use rehearsal_sim::{Violation, World};
use serde::Deserialize;

use crate::shipped::{deadlock, election};

/// What can be expected of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// Every user hears each other one in the order in which it spoke, and
    /// nothing twice.
    InOrder,
    /// What a user takes for delivered has reached its receiver, which has saved that.
    AcknowledgedIsHeard,
    /// Nobody has heard a message whose number its sender has not saved: after
    /// a restart it would name another one.
    SavedBeforeSaid,
    /// Nobody waits for an acknowledgement.
    Quiet,
    /// What can be expected of an election.
    Election(election::Fact),
    /// What can be expected of users who wait for each other.
    Resources(deadlock::Fact),
}

type Users = World<HalfDuplex<Chat>>;

pub(super) fn holds(fact: Fact, world: &Users, changed: NodeId) -> Result<(), Violation> {
    match fact {
        Fact::InOrder => in_order(world, changed),
        Fact::AcknowledgedIsHeard => {
            world.nodes().try_for_each(|peer| is_heard(world, changed, peer))?;
            world.nodes().try_for_each(|peer| is_heard(world, peer, changed))
        }
        Fact::SavedBeforeSaid => {
            world.nodes().try_for_each(|peer| is_saved(world, changed, peer))?;
            world.nodes().try_for_each(|peer| is_saved(world, peer, changed))
        }
        Fact::Quiet => quiet(world, changed),
        Fact::Election(fact) => election::holds(fact, world, changed),
        Fact::Resources(fact) => deadlock::holds(fact, world, changed),
    }
}

fn in_order(world: &Users, node: NodeId) -> Result<(), Violation> {
    let mut heard = world.outputs(node).iter().rev().filter_map(|output| match output {
        Output::Hears { from, number, .. } => Some((*from, *number)),
        _ => None,
    });
    // What came before was looked at when it came.
    let Some((from, number)) = heard.next() else { return Ok(()) };
    match heard.find(|(other, _)| *other == from) {
        Some((_, before)) if before >= number => {
            let detail = format!("{node} hears {from}'s message {number} after message {before}");
            Err(Violation::new("a user hears messages out of order", detail))
        }
        _ => Ok(()),
    }
}

/// Has `to` heard what `from` takes for delivered?
fn is_heard(world: &Users, from: NodeId, to: NodeId) -> Result<(), Violation> {
    let Some(user) = world.machine(from) else { return Ok(()) };
    let acknowledged = user.inner().link().acknowledged(to);
    let heard = saved(world, to, link::Cell::Heard(from));
    if acknowledged <= heard {
        return Ok(());
    }
    let detail = format!(
        "{from} takes message {acknowledged} to {to} for delivered, which has heard {heard}"
    );
    Err(Violation::new("what is taken for delivered is not", detail))
}

/// Has `from` saved the number of all that `to` has heard?
fn is_saved(world: &Users, from: NodeId, to: NodeId) -> Result<(), Violation> {
    let said = saved(world, from, link::Cell::Said(to));
    let heard = saved(world, to, link::Cell::Heard(from));
    if heard <= said {
        return Ok(());
    }
    let detail =
        format!("{to} has heard {from}'s message {heard}, of which {from} has saved {said}");
    Err(Violation::new("a message has a number that is not saved", detail))
}

fn saved(world: &Users, node: NodeId, cell: link::Cell) -> u64 {
    match world.storage(node).get(&Cell::Link(cell)) {
        Some(Saved::Number(number)) => *number,
        _ => 0,
    }
}

fn quiet(world: &Users, node: NodeId) -> Result<(), Violation> {
    let Some(user) = world.machine(node) else { return Ok(()) };
    let in_script = user.inner().scripted().and_then(|scripted| match scripted.waiting() {
        Waiting::Acknowledgement { from, .. } => Some(from),
        _ => None,
    });
    match user.inner().link().awaited().next().or(in_script) {
        None => Ok(()),
        Some(peer) => {
            let detail = format!("{node} waits for an acknowledgement by {peer}");
            Err(Violation::new("somebody waits for an acknowledgement", detail))
        }
    }
}
