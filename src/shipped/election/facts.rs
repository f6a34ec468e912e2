use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::bully::Bully;
use rehearsal_protocol::election::{Election, Elector, Role};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Answer, Question, Violation};
use serde::Deserialize;

use super::has_election::{HasElection, election_of};
use super::memory::{Memory, View};
use super::{epochs, groups};

/// The properties of an election. A node that is down has no leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// At most one node leads. An old leader still leads while the announcement of
    /// the new one is in flight. A form that promises that two nodes lead no longer
    /// than that satisfies `LeadsTo(from: TwoLeaders, to: OneLeader, ..)`.
    OneLeader,
    /// Two or more nodes lead.
    TwoLeaders,
    /// At least one node leads.
    SomebodyLeads,
    /// Every node that is up takes the highest of them for the leader.
    Agreed,
    /// No node announced itself although a higher node had answered it within the
    /// time for which it must wait then.
    Unopposed,
    /// No node takes a lower node for the leader, unless it has found that no majority would
    /// have it.
    NobodyBelow,
    /// In forms with epochs: every epoch in which a node leads is its own, and later
    /// than those in which it led before.
    EpochsRise,
    /// In forms with epochs: the latest epoch that a node knows is never older than
    /// one in which it led, followed or asked for votes, in any incarnation.
    EpochsKept,
    /// In forms with epochs: no two nodes ever led in epochs with the same counter.
    OneLeaderPerTerm,
    /// In forms with epochs: from `since` on, nodes take or ask for at most `most` epochs. If
    /// nothing changes in the network any more, this says that the leader is stable.
    StableEpochs {
        /// From when on epochs count.
        since: TimeSpan,
        /// How many there may be.
        most: u32,
    },
    /// The resource accepts no write after one with a later epoch.
    WritesInOrder,
    /// The resource has refused a write.
    WriteRefused,
    /// No node becomes leader more often than this.
    LeadsAtMost(u32),
    /// In the form of 1982: all nodes that reorganise or work have the same coordinator.
    OneCoordinator,
    /// In the form of 1982: all nodes that work have the same task.
    OneTask,
}

pub(crate) fn holds<M: HasElection>(fact: Fact, question: Question<'_, M, Memory>) -> Answer {
    match fact {
        Fact::OneLeader => question.of_every_node(one_leader),
        Fact::TwoLeaders => question.of_world(two_leaders),
        Fact::SomebodyLeads => question.of_world(somebody_leads),
        Fact::Agreed => question.of_every_node(agreed),
        Fact::Unopposed => question.of_every_node(unopposed),
        Fact::NobodyBelow => question.of_every_node(nobody_below),
        Fact::EpochsRise => question.of_every_node(epochs::rise),
        Fact::EpochsKept => question.of_every_node(epochs::kept),
        Fact::OneLeaderPerTerm => question.of_every_node(epochs::one_leader_per_term),
        Fact::StableEpochs { since, most } => {
            question.of_world(|view| epochs::stable(since, most, view))
        }
        Fact::WritesInOrder => question.of_every_node(epochs::writes_in_order),
        Fact::WriteRefused => question.of_world(epochs::refused),
        Fact::LeadsAtMost(most) => {
            question.of_every_node(|view, node| epochs::leads_at_most(most, view, node))
        }
        Fact::OneCoordinator => question.of_every_node(groups::one_coordinator),
        Fact::OneTask => question.of_every_node(groups::one_task),
    }
}

fn leads<M: HasElection>(view: &View<'_, M>, node: NodeId) -> bool {
    election_of(view, node).is_some_and(|node| node.role() == Role::Leads)
}

fn leaders<M: HasElection>(view: &View<'_, M>) -> impl Iterator<Item = NodeId> {
    view.nodes().filter(|node| leads(view, *node))
}

fn one_leader<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    if !leads(view, node) {
        return Ok(());
    }
    match leaders(view).find(|other| *other != node) {
        None => Ok(()),
        Some(other) => {
            Err(view.violation("two nodes lead", || format!("{node} leads, and so does {other}")))
        }
    }
}

fn two_leaders<M: HasElection>(view: &View<'_, M>) -> Result<(), Violation> {
    let mut leaders = leaders(view);
    match (leaders.next(), leaders.next()) {
        (_, Some(_)) => Ok(()),
        (only, None) => Err(view.violation("two nodes do not lead", || match only {
            Some(leader) => format!("{leader} leads, and nobody else"),
            None => "nobody leads".to_owned(),
        })),
    }
}

fn somebody_leads<M: HasElection>(view: &View<'_, M>) -> Result<(), Violation> {
    if leaders(view).next().is_some() {
        return Ok(());
    }
    Err(view.violation("nobody leads", || {
        let is_up = |node: &NodeId| election_of(view, *node).is_some();
        let up: Vec<_> = view.nodes().filter(is_up).map(|node| node.to_string()).collect();
        format!("none of {} leads", up.join(" "))
    }))
}

fn agreed<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    let wrong = |node: NodeId, leader: Option<NodeId>, highest: NodeId| {
        let followed = leader.map_or_else(|| "nobody".to_owned(), |leader| leader.to_string());
        Err(view.violation("a node does not follow the highest that is alive", || {
            format!("{node} takes {followed} for the leader; the highest alive is {highest}")
        }))
    };
    let takes_part =
        |node: &NodeId| election_of(view, *node).is_some_and(|node| node.role() != Role::Apart);
    let Some(highest) = view.nodes().rfind(takes_part) else { return Ok(()) };
    let leader = |node| election_of(view, node).and_then(Elector::leader);
    // The highest may have come just now, and one that has gone may have left
    // others behind who follow it: their beliefs are as they were, and wrong.
    let concerned: Option<NodeId> = if node == highest {
        let others = view.nodes().filter(takes_part);
        others.into_iter().find(|other| leader(*other) != Some(highest))
    } else if takes_part(&node) {
        Some(node).filter(|node| leader(*node) != Some(highest))
    } else {
        view.nodes().find(|other| leader(*other) == Some(node))
    };
    concerned.map_or(Ok(()), |node| wrong(node, leader(node), highest))
}

fn unopposed<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    let opposed = match election_of(view, node) {
        Some(Election::Bully(bully)) => silence_broken_by(&bully.machine)
            .map(|silence| format!("{silence:?} after an answer from above")),
        Some(Election::Hardened(hardened)) if hardened.machine.usurps() => {
            Some("although it was answered".to_owned())
        }
        _ => None,
    };
    opposed.map_or(Ok(()), |how| {
        Err(view.violation("a node announced itself though one above it is alive", || {
            format!("{node} announced itself {how}")
        }))
    })
}

/// How long after an answer it announced itself, if it should have waited longer.
fn silence_broken_by(bully: &Bully) -> Option<Duration> {
    let announced = bully.announced()?;
    let silence = announced.at.since(announced.answered_at?);
    Some(silence).filter(|silence| *silence < bully.config().patience())
}

fn nobody_below<M: HasElection>(view: &View<'_, M>, node: NodeId) -> Result<(), Violation> {
    if let Some(Election::Hardened(hardened)) = election_of(view, node)
        && hardened.machine.is_alone()
    {
        return Ok(());
    }
    match election_of(view, node).and_then(Elector::leader) {
        Some(leader) if leader < node => Err(view
            .violation("a node follows one below itself", || {
                format!("{node} takes {leader} for the leader")
            })),
        _ => Ok(()),
    }
}
