//! A leader that has all nodes record a consistent state of the whole system.
//!
//! The leader records its own view and sends a marker to all others. A node that
//! receives the first marker of a snapshot records its own view and sends markers to
//! all others in turn. From then on it records the messages from each node until that
//! node's marker. When it has all markers, it reports to the leader (Chandy and
//! Lamport, "Distributed snapshots: determining global states of distributed systems",
//! 1985). Among n nodes this takes n(n-1) markers and n-1 reports. If each message
//! takes d, all nodes have recorded after d, every channel is closed after 2d, and the
//! leader has all reports after 3d.
//!
//! If no message overtakes another, the recorded state is one that the system could
//! have been in: what a sender had sent when it recorded is in the receiver's record
//! or in the record of the channel, and nothing else is. The leader combines the
//! records as if all channels had run empty. A request counts while it is open and no
//! grant of it is in flight, whether or not the holder knows of it already. A lent
//! lock waits for its holder, whether or not the holder has it already, unless the
//! holder does not want it any more or is giving it back. A node that is deadlocked in
//! that state stays deadlocked, since waiting nodes do nothing. A victim counts as
//! free. So the verdict is true when it is given. And every deadlock that existed when
//! the snapshot began is found, even if its last request was still in flight.
//!
//! The detector relies on the [`Site`](super::Site): it passes on an arriving message
//! ([`DetectorInput::Arrives`]) before its participant takes it, and the new view
//! ([`DetectorInput::Look`]) after all messages of the participant have been sent. So
//! no marker comes between the two. A view contains all messages that arrived before
//! it was recorded and none of those in the channels, and all that the participant
//! sends before a marker is part of the view.
//!
//! Channels must be first in, first out, and lose nothing. If a marker overtakes a
//! request, the edge is missed until the next snapshot. If a marker overtakes a grant,
//! this does no harm by itself, because requests are numbered: the holder does not owe
//! the grant any more, so the edge does not count. But if a request is sent twice, by
//! an impatient participant or by a network that duplicates, its second copy looks
//! like a request that the holder does not know of yet, and a phantom is reported.
//!
//! If a node does not report, because it crashed or a message was lost, the snapshot
//! is given up when the next one begins. Nodes keep a record of the latest snapshot of
//! every leader, so two leaders do not disturb each other.

mod recording;
mod settled;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use self::recording::Recording;
use self::settled::settled;
use super::detect::{Detect, detector};
use super::leader::{Heard, Lead, Leading, judge};
use super::reports::is_known;
use super::victims::announce;
use super::{DetectorInput, Output, Refusal, Unexpected, Verdict, Victims};
use crate::resource::{self, View};
use rehearsal_machine::{Context, NodeId, Storage, mutant};

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// From the beginning of one snapshot to that of the next, by which the
    /// first has come to its end or is given up. It takes three times as long as
    /// a message.
    pub period: Duration,
    /// How victims are chosen; if absent, no node gives up.
    pub victims: Option<Victims>,
}

/// Names a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    /// Who began it.
    pub by: NodeId,
    /// Its place among all that this node ever began, from 1.
    pub number: u64,
}

/// The leader that takes the snapshot, and the snapshot's number: `n3, 2`.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.by, self.number)
    }
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// What the sender said until now, it said before it recorded; what it says
    /// from now on, after it did.
    Marker(Name),
    /// What a node has recorded.
    Report {
        /// In which of the receiver's snapshots.
        snapshot: u64,
        /// What.
        record: Record,
    },
    /// What the leader has found.
    Verdict {
        /// In which of the sender's snapshots.
        snapshot: u64,
        /// What it is.
        verdict: Verdict,
    },
}

/// A node's part of a state of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// What its party knew.
    pub view: View,
    /// The messages in flight to the node, with their senders. Those of one sender
    /// are in order.
    pub channels: Vec<(NodeId, resource::Message)>,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Marker(_) => "marker",
            Self::Report { .. } => "report",
            Self::Verdict { .. } => "verdict",
        }
    }
}

/// A leader's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin the next snapshot.
    Period,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the last snapshot.
    Snapshots,
}

/// One node of those that record a state of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    config: Config,
    me: NodeId,
    view: View,
    leading: Leading,
    /// The number of our last snapshot.
    snapshots: u64,
    /// Who has reported what in it, while it goes on.
    records: Option<BTreeMap<NodeId, Record>>,
    /// Our part in the latest snapshot of each.
    recordings: BTreeMap<NodeId, Recording>,
    heard: Heard,
}

impl Snapshot {
    /// The detector of node `me`, which does not lead yet.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            view: View::default(),
            leading: Leading::default(),
            snapshots: 0,
            records: None,
            recordings: BTreeMap::new(),
            heard: Heard::default(),
        }
    }

    fn follow(&mut self, leader: Option<NodeId>, cx: &mut Context<'_, Self>) {
        match self.leading.follow(leader, self.me) {
            Lead::Taken => self.next_period(cx),
            Lead::Lost => {
                self.records = None;
                cx.disarm(Timer::Period);
            }
            Lead::AsBefore => {}
        }
    }

    fn next_period(&mut self, cx: &mut Context<'_, Self>) {
        let period = self.config.period;
        cx.arm(Timer::Period, period..=period);
        self.begin(cx);
    }

    /// Begins a snapshot; one that is not complete by now is given up.
    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        // No node makes 2^64 snapshots.
        self.snapshots = self.snapshots.saturating_add(1);
        if !mutant!(SnapshotUnsaved) {
            cx.save(Cell::Snapshots, self.snapshots);
        }
        self.records = Some(BTreeMap::new());
        self.record(Name { by: self.me, number: self.snapshots }, cx);
    }

    /// Records what our party knows, and marks what it has sent until now.
    fn record(&mut self, name: Name, cx: &mut Context<'_, Self>) {
        let mut recording = Recording::new(name.number, self.view.clone(), self.others());
        cx.send_all(self.others(), &Message::Marker(name));
        let record = recording.complete();
        self.recordings.insert(name.by, recording);
        if let Some(record) = record {
            self.report(name, record, cx);
        }
    }

    fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        NodeId::all(self.config.nodes).filter(move |node| *node != me)
    }

    fn marker(
        &mut self,
        from: NodeId,
        name: Name,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        if name.by.number() > self.config.nodes {
            return Err(Unexpected::Stranger);
        }
        let latest = self.recordings.get(&name.by).map(|recording| recording.number);
        if latest.is_none_or(|latest| latest < name.number) {
            // Ours begin with us: what we know nothing of is of an earlier life.
            if name.by == self.me {
                return Err(Unexpected::StaleMarker);
            }
            self.record(name, cx);
        }
        let of_it = self.recordings.get_mut(&name.by).filter(|ours| ours.number == name.number);
        let record = of_it.ok_or(Unexpected::StaleMarker)?.close(from)?;
        if let Some(record) = record {
            self.report(name, record, cx);
        }
        Ok(())
    }

    fn report(&mut self, name: Name, record: Record, cx: &mut Context<'_, Self>) {
        if name.by == self.me {
            // If it is of a time when we did not lead, nobody waits for it.
            let _ = self.take(self.me, name.number, record, cx);
        } else {
            cx.send(name.by, Message::Report { snapshot: name.number, record });
        }
    }

    fn take(
        &mut self,
        from: NodeId,
        snapshot: u64,
        record: Record,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        let is_ours = snapshot == self.snapshots;
        let records = self.records.as_mut().filter(|_| is_ours).ok_or(Unexpected::StaleReport)?;
        let nodes = self.config.nodes;
        let mut senders = record.channels.iter().map(|(sender, _)| sender);
        if !is_known(&record.view, nodes) || senders.any(|sender| sender.number() > nodes) {
            return Err(Unexpected::StrangeReport);
        }
        if records.contains_key(&from) {
            return Err(Unexpected::SecondReport);
        }
        records.insert(from, record);
        if records.len() == nodes as usize {
            self.conclude(cx);
        }
        Ok(())
    }

    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let Some(records) = self.records.take() else { return };
        let views = settled(&records);
        let reports: Vec<_> = views.iter().map(|(node, view)| (*node, view)).collect();
        let nodes = self.config.nodes;
        let victims = self.leading.victims(self.config.victims);
        let verdict = judge(nodes, &reports, &mut self.leading.condemned, victims);
        let message = Message::Verdict { snapshot: self.snapshots, verdict: verdict.clone() };
        cx.send_all(self.others(), &message);
        announce(verdict, Output::Finds, cx);
    }
}

impl Detect for Snapshot {
    fn nodes(&self) -> u32 {
        self.config.nodes
    }

    fn start(&mut self, storage: &Storage<Self>, _: &mut Context<'_, Self>) {
        *self = Self::new(self.config, self.me);
        self.snapshots = storage.get(&Cell::Snapshots).copied().unwrap_or(0);
    }

    fn command(&mut self, command: DetectorInput, cx: &mut Context<'_, Self>) {
        match command {
            DetectorInput::Look(view) => self.view = view,
            DetectorInput::Arrives { from, message } => {
                for recording in self.recordings.values_mut() {
                    recording.arrives(from, message);
                }
            }
            DetectorInput::Leader(leader) => self.follow(leader, cx),
            DetectorInput::Check if self.leading.is_leader() => self.begin(cx),
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotLeader)),
        }
    }

    fn message(
        &mut self,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        match message {
            Message::Marker(name) => self.marker(from, name, cx),
            Message::Report { snapshot, record } => self.take(from, snapshot, record, cx),
            Message::Verdict { snapshot, verdict } => {
                self.heard.take(from, snapshot, verdict, self.config.nodes, cx)
            }
        }
    }

    fn timer(&mut self, Timer::Period: Timer, cx: &mut Context<'_, Self>) {
        if self.leading.is_leader() {
            self.next_period(cx);
        }
    }
}

detector!(Snapshot);
