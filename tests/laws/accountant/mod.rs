//! An accountant of the couriers' world, who knows the scenario and the trace,
//! and shares no code with the engine. Each of its books is about one thing;
//! together they say what no run may do, whatever goes wrong in it.
//!
//! The trace looks ahead: what is sent says at once when it arrives. So there
//! are two things to check: that what is announced is within the laws, and that
//! what happens is what was announced.

mod causes;
mod clocks;
mod cuts;
mod disks;
mod links;
mod mail;
mod nodes;
mod sessions;

use std::collections::BTreeMap;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::network::{Lost, Network};
use rehearsal::sim::trace::{Event, EventKind};

use causes::Causes;
use clocks::Clocks;
use cuts::Cuts;
use disks::Disks;
use mail::Mail;
use nodes::Nodes;
use sessions::Sessions;

/// What a book has to say of an event that may not be.
type Audit = Result<(), String>;

/// What the accountant knows of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    pub(crate) nodes: u32,
    pub(crate) network: Network,
    pub(crate) calm_at: Option<Time>,
    /// The nodes that the calm is for; all if empty.
    pub(crate) core: Vec<NodeId>,
    pub(crate) until: Time,
    /// The nodes of which disturbances may outlive the calm: it promises them nothing.
    pub(crate) outlived: Vec<NodeId>,
    /// Who is to start then without anything that it saved, if it is down.
    pub(crate) amnesia: Vec<(Time, NodeId)>,
}

/// What a run comes to, by the trace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) sent: u64,
    pub(crate) delivered: u64,
    pub(crate) duplicates: u64,
    pub(crate) lost: BTreeMap<Lost, u64>,
    /// Copies that wait on a link, for a node that pauses, or for their time.
    pub(crate) under_way: u64,
    /// Copies that are earlier or later than law and chance allow, or more than
    /// chance makes: each must be the doing of a fault on a message.
    pub(crate) disturbed: u64,
    /// Messages sent or set off in the calm, within it.
    pub(crate) in_calm: u64,
    /// Messages that waited on a link that is not held: the doing of faults, too.
    pub(crate) withheld: u64,
}

impl Circumstances {
    fn is_core(&self, node: NodeId) -> bool {
        self.is_covered(node) && !self.is_outlived(node)
    }

    /// Is the calm for the node, whatever outlives it?
    fn is_covered(&self, node: NodeId) -> bool {
        self.core.is_empty() || self.core.contains(&node)
    }

    fn are_covered(&self, from: NodeId, to: NodeId) -> bool {
        self.is_covered(from) && self.is_covered(to)
    }

    fn is_outlived(&self, node: NodeId) -> bool {
        self.outlived.contains(&node)
    }

    fn are_core(&self, from: NodeId, to: NodeId) -> bool {
        self.is_core(from) && self.is_core(to)
    }
}

pub(crate) fn audit(events: &[Event], of: &Circumstances) -> Result<Account, String> {
    let mut books = Books {
        of,
        is_calm: false,
        now: Time::ZERO,
        nodes: Nodes::new(of),
        cuts: Cuts::new(of),
        sessions: Sessions::new(of),
        mail: Mail::new(of),
        clocks: Clocks::new(of),
        disks: Disks::default(),
        causes: Causes::default(),
    };
    for event in events {
        books.see(event).map_err(|wrong| format!("{wrong}: {event:?}"))?;
    }
    books.end_of_instant().and_then(|()| books.end())?;
    Ok(books.mail.account)
}

struct Books<'a> {
    of: &'a Circumstances,
    is_calm: bool,
    now: Time,
    nodes: Nodes<'a>,
    cuts: Cuts<'a>,
    sessions: Sessions<'a>,
    mail: Mail<'a>,
    clocks: Clocks<'a>,
    disks: Disks,
    causes: Causes,
}

impl Books<'_> {
    fn see(&mut self, event: &Event) -> Audit {
        self.causes.see(event)?;
        is(event.at >= self.now, "time runs backwards")?;
        is(event.at < self.of.until, "after the end")?;
        if event.at > self.now {
            self.end_of_instant()?;
        }
        self.now = event.at;
        if let EventKind::Calm = event.what {
            is(self.of.calm_at == Some(event.at) && !self.is_calm, "no time for a calm")?;
            self.is_calm = true;
        }
        self.nodes.see(event, self.is_calm)?;
        self.cuts.see(event);
        let lost = self.sessions.see(event, self.is_calm, &self.nodes, &self.cuts, &self.mail)?;
        for link in lost {
            self.mail.forget(link, self.now);
        }
        self.mail.see(event, self.is_calm, &self.nodes, &self.cuts, &self.sessions)?;
        self.clocks.see(event, &self.nodes)?;
        self.disks.see(event, &self.of.amnesia)
    }

    fn end_of_instant(&mut self) -> Audit {
        let is_late = !self.is_calm && self.of.calm_at.is_some_and(|calm_at| calm_at <= self.now);
        // A run may end before its calm, if nothing is pending but that.
        is(!is_late, "the calm did not come")?;
        self.nodes.end_of_instant(self.is_calm)?;
        self.sessions.end_of_instant(self.now, self.is_calm, &self.nodes, &self.cuts)?;
        self.mail.end_of_instant(self.is_calm, &self.nodes, &self.sessions)?;
        if self.is_calm { self.clocks.run_true() } else { Ok(()) }
    }

    fn end(&mut self) -> Audit {
        self.mail.end(&self.nodes)?;
        self.clocks.end(&self.nodes)
    }
}

fn is(right: bool, wrong: &str) -> Audit {
    if right { Ok(()) } else { Err(wrong.to_owned()) }
}
