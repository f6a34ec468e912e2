//! Probes that run after those for whom one waits: edge chasing for the AND
//! model (Chandy, Misra and Haas, "Distributed deadlock detection", 1983).
//!
//! A process that has waited for a while sends a probe along each of its
//! requests. Whoever gets one, and waits itself, sends it on along all of its
//! own, once for each initiator, wait and round; a lock that is lent does so to
//! its holder. A probe that comes back to its initiator has run round a cycle.
//! A probe names the request along which it runs, and is taken only where that
//! request is pending.
//!
//! On a graph that stands still, a round of one initiator takes as many probes
//! as there are edges out of the nodes that it reaches, itself included: `n` on
//! a ring, which take `n` delays, and `n` squared if all begin; `n(n-1)` where
//! all wait for all. Who waits behind a cycle sends as many, and never learns
//! that it will wait for ever: one on the cycle does.
//!
//! Why that is true, though the edges of the cycle were seen one after the
//! other: say that a probe has come back along them all. Each node on the way
//! had, when it took the probe, a request pending, and waited. If any of them
//! had been given what it waits for before the probe was back, then by the next
//! one on the way; which owed it still when it took the probe, and waited then,
//! so was itself given what it waits for first, and so on to the initiator,
//! which waits under the same request all the time. So at the end all edges are
//! there, and whoever waits gives nothing: they stay. Nothing is assumed of the
//! order of messages, their delay, loss or number. What is assumed is
//!
//! - that who waits needs everything that it has asked for. With less, a cycle
//!   need not be a deadlock;
//! - that nobody gives up or loses patience. When one does, probes that are on
//!   their way may yet find the cycle that it was on, and have another give up
//!   in vain.
//!
//! Why nothing is missed: whoever comes last to a cycle finds all others
//! waiting, and begins rounds. A round fails if a probe is lost, or if it
//! overtakes its request or one further on; the next one makes it good.
//! [`Early::Buffer`](super::Overtaken) saves the wait for that.
//!
//! All on a cycle may find it. If each gave up there would be as many victims;
//! so a probe notes which of those that it came by is to, and whoever finds the
//! cycle condemns that one. They then all condemn the same one, unless cycles
//! cross.

use alloc::collections::BTreeMap;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::early::{Held, Stamp};
use super::victims::{be_condemned, condemn};
use super::{Candidate, DetectorInput, Early, Output, Refusal, Unexpected, Verdict, Victims};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Input, Machine, NodeId, mutant};

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// How long a process waits before it begins its first round. With zero it
    /// does so at once: most waits end by themselves, and cost a round then.
    pub patience: Duration,
    /// From the beginning of one round to that of the next, while the same wait
    /// lasts; more than zero.
    pub period: Duration,
    /// What becomes of a probe that comes before the request it runs along.
    pub early: Early,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Do you wait, too?
    Probe(Probe),
    /// The receiver's request is to be given up.
    Condemn {
        /// Which.
        request: RequestId,
    },
}

/// A probe on its way along one edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Probe {
    /// The wait of whoever began.
    pub initiator: RequestId,
    /// In which round of that wait, from 1.
    pub round: u64,
    /// Along which request.
    pub request: RequestId,
    /// Who is to give up, of those that it came by; nobody, if nobody shall.
    pub greatest: Option<Candidate>,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Probe(_) => "probe",
            Self::Condemn { .. } => "condemn",
        }
    }
}

/// A process's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin a round.
    Round,
}

/// There are no durable cells: a wait's name is never used again, whatever a
/// crash makes us forget of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {}

/// One node of those that send probes after each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chasing {
    config: Config,
    me: NodeId,
    view: View,
    /// The last round of this wait of ours.
    round: u64,
    /// The last of them that has come back.
    returned: u64,
    /// The last round of each initiator that we have sent on.
    forwarded: BTreeMap<NodeId, Stamp>,
    held: Held<Probe>,
}

impl Chasing {
    /// Node `me`, which waits for nothing yet.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            view: View::default(),
            round: 0,
            returned: 0,
            forwarded: BTreeMap::new(),
            held: Held::new(),
        }
    }

    fn notice(&mut self, notice: DetectorInput, cx: &mut Context<'_, Self>) {
        match notice {
            DetectorInput::Look(view) => self.look(view, cx),
            DetectorInput::Arrives { .. } | DetectorInput::Leader(_) => {}
            DetectorInput::Check if Candidate::from_view(&self.view).is_some() => self.begin(cx),
            DetectorInput::Check if self.view.wait.is_some() => {
                cx.emit(Output::Refuses(Refusal::Lock));
            }
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotWaiting)),
        }
    }

    fn look(&mut self, view: View, cx: &mut Context<'_, Self>) {
        let before = self.view.request();
        self.view = view;
        if self.view.request() != before {
            (self.round, self.returned) = (0, 0);
            cx.disarm(Timer::Round);
            if Candidate::from_view(&self.view).is_some() {
                let patience = self.config.patience;
                if patience.is_zero() {
                    self.begin(cx);
                } else {
                    cx.arm(Timer::Round, patience..=patience);
                }
            }
        }
        for (_, probe) in self.held.arrived(&self.view.pending) {
            self.take(probe, cx);
        }
    }

    /// Begins a round; only a process that waits can.
    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        let Some(us) = Candidate::from_view(&self.view) else { return };
        // Of 2^64 rounds nobody makes the last.
        self.round = self.round.saturating_add(1);
        let period = self.config.period;
        cx.arm(Timer::Round, period..=period);
        let (initiator, round) = (us.request, self.round);
        self.send_along(Probe { initiator, round, request: initiator, greatest: None }, cx);
    }

    /// Sends a probe along all of our requests, and us with it.
    fn send_along(&self, mut probe: Probe, cx: &mut Context<'_, Self>) {
        let us = Candidate::from_view(&self.view);
        probe.greatest = Victims::greatest(self.config.victims, probe.greatest, us);
        for (to, request) in self.view.wait.iter().flat_map(|wait| &wait.open) {
            cx.send(*to, Message::Probe(Probe { request: *request, ..probe }));
        }
    }

    fn message(
        &mut self,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        let is_node = |node: NodeId| node.number() <= self.config.nodes;
        if from == self.me || !is_node(from) {
            return Err(Unexpected::Stranger);
        }
        match message {
            Message::Condemn { request } => be_condemned(from, request, &self.view, cx),
            Message::Probe(probe) => {
                let victim = probe.greatest.map(|greatest| greatest.request.by);
                if !is_node(probe.initiator.by) || !victim.is_none_or(is_node) {
                    return Err(Unexpected::StrangeName);
                }
                if self.view.owes(from, probe.request) || mutant!(AnyRequestWillDo) {
                    self.take(probe, cx);
                } else if self.config.early == Early::Buffer {
                    let key = (probe.initiator.by, stamp(&probe));
                    self.held.keep(from, probe.request, key, probe);
                } else {
                    return Err(Unexpected::StaleRequest(probe.request));
                }
            }
        }
        Ok(())
    }

    /// A probe has come along a request that is pending.
    fn take(&mut self, probe: Probe, cx: &mut Context<'_, Self>) {
        if self.view.wait.is_none() {
            return;
        }
        let (initiator, stamp) = (probe.initiator, stamp(&probe));
        if initiator.by == self.me {
            let is_new = (self.returned + 1..=self.round).contains(&probe.round);
            if Some(initiator) == self.view.request() && is_new {
                self.returned = probe.round;
                self.declare(probe.greatest, cx);
            }
        } else if self.forwarded.get(&initiator.by).is_none_or(|known| *known < stamp)
            || mutant!(ForwardsEveryTime)
        {
            self.forwarded.insert(initiator.by, stamp);
            self.send_along(probe, cx);
        }
    }

    /// We are on a cycle.
    fn declare(&self, victim: Option<Candidate>, cx: &mut Context<'_, Self>) {
        let victim = victim.map(|victim| victim.request);
        cx.emit(Output::Finds(Verdict::of_one(self.me, true, victim)));
        if let Some(request) = victim {
            condemn(request, Message::Condemn { request }, cx);
        }
    }
}

fn stamp(probe: &Probe) -> Stamp {
    (probe.initiator.number, probe.round)
}

impl Machine for Chasing {
    type Message = Message;
    type Command = DetectorInput;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => *self = Self::new(self.config, self.me),
            Input::Command(notice) => self.notice(notice, cx),
            Input::Message { from, message } => {
                if let Err(what) = self.message(from, message, cx) {
                    cx.emit(Output::Ignores { from, what });
                }
            }
            Input::Timer(Timer::Round) => self.begin(cx),
        }
    }
}
