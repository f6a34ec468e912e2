//! A leader that has everybody record one and the same state of the whole.
//!
//! The leader records what its party knows, and sends a marker to all others.
//! Whoever gets the first marker of a snapshot records what its own party knows,
//! and sends markers to all others in turn. From then on it records what arrives
//! from each node until that one's marker; when it has them all, it reports to
//! the leader (Chandy and Lamport, "Distributed snapshots: determining global
//! states of distributed systems", 1985). Among n nodes that takes n(n-1)
//! markers and n-1 reports. With messages that take d each, all have recorded
//! after d, every channel is closed after 2d, and the leader knows after 3d.
//!
//! Where no message overtakes another, what is recorded is a state that the
//! whole could have been in: whatever its sender had sent when it recorded is
//! in the receiver's record or in that of the channel, and nothing else is. The
//! leader puts it together as if all channels had run empty. A request counts
//! while it is open and no grant of it is on its way: the holder may know of it
//! already or not yet. A lock that is lent waits for the holder, which may have
//! it already or not yet, unless it does not want it any more or is giving it
//! back. Who is dead in that state stays dead, as nobody who waits does
//! anything; whoever is to give up is taken for free. So the verdict is true when
//! it is given; and whatever was dead when the snapshot began is found, though its
//! last request was still on its way.
//!
//! What a [`Site`](super::Site) promises is relied upon: it shows an arriving
//! message ([`DetectorInput::Arrives`](super::Notice)) before its party takes it, and
//! what the party makes of it ([`DetectorInput::Look`](super::Notice)) after all that
//! the party sends has been sent. So no marker comes between the two, a view
//! holds all that arrived before it was recorded and nothing of what the channels
//! have, and whatever the party sends before a marker is told by the view.
//!
//! Channels must be first in, first out, and lose nothing. Where a marker can
//! overtake a request, its edge is missed until the next snapshot. Where one can
//! overtake a grant, that does no harm by itself, as requests have names: the
//! holder does not owe it any more, so the edge is not counted. But once a
//! request is said twice, by a party that is impatient or a network that doubles,
//! its second copy looks like one that the holder does not know of yet, and a
//! deadlock that never was is found.
//!
//! A snapshot that somebody does not report for, because it crashed or what it
//! was told was lost, is given up when the next one begins. Nodes keep a record
//! of the latest snapshot of each leader, so that two leaders do not disturb
//! each other.

mod recording;
mod settled;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use self::recording::Recording;
use self::settled::settled;
use super::leader::{Heard, Lead, Leading, judge};
use super::reports::is_known;
use super::victims::announce;
use super::{DetectorInput, Output, Refusal, Unexpected, Verdict, Victims};
use crate::resource::{self, View};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// From the beginning of one snapshot to that of the next, by which the
    /// first has come to its end or is given up. It takes three times as long as
    /// a message.
    pub period: Duration,
    /// Who gives up; nobody, if absent.
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

/// Of snapshot so-and-so of whom: `n3, 2`.
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
    /// What was on its way to it, and from whom; what came from one is in its
    /// order.
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
    /// Node `me`, which leads nobody yet.
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

    fn start(&mut self, storage: &Storage<Self>) {
        *self = Self::new(self.config, self.me);
        self.snapshots = storage.get(&Cell::Snapshots).copied().unwrap_or(0);
    }

    fn notice(&mut self, notice: DetectorInput, cx: &mut Context<'_, Self>) {
        match notice {
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
        // Of 2^64 snapshots nobody makes the last.
        self.snapshots = self.snapshots.saturating_add(1);
        cx.save(Cell::Snapshots, self.snapshots);
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

    fn message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        if from == self.me || from.number() > self.config.nodes {
            return cx.emit(Output::Ignores { from, what: Unexpected::Stranger });
        }
        let taken = match message {
            Message::Marker(name) => self.marker(from, name, cx),
            Message::Report { snapshot, record } => self.take(from, snapshot, record, cx),
            Message::Verdict { snapshot, verdict } => {
                self.heard.take(from, snapshot, verdict, self.config.nodes, cx);
                Ok(())
            }
        };
        if let Err(what) = taken {
            cx.emit(Output::Ignores { from, what });
        }
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

impl Machine for Snapshot {
    type Message = Message;
    type Command = DetectorInput;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage),
            Input::Command(notice) => self.notice(notice, cx),
            Input::Message { from, message } => self.message(from, message, cx),
            Input::Timer(Timer::Period) if self.leading.is_leader() => self.next_period(cx),
            Input::Timer(Timer::Period) => {}
        }
    }
}
