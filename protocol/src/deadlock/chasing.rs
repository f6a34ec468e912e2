//! Edge chasing for the AND model: probes follow the requests of waiting processes
//! (Chandy, Misra and Haas, "Distributed deadlock detection", 1983).
//!
//! A process that has waited for a while sends a probe along each of its requests. A
//! waiting node that receives a probe sends it on along all of its own requests,
//! once for each initiator, wait and round; a lent lock sends it on to its holder. A
//! probe that comes back to its initiator has gone round a cycle. A probe names the
//! request along which it was sent, and is accepted only while that request is pending.
//!
//! On a graph that does not change, a round of one initiator takes as many probes
//! as there are edges out of the nodes that it reaches, itself included: `n` on
//! a ring, which take `n` delays, and `n` squared if all nodes begin; `n(n-1)` where
//! every node waits for every other. A process that waits behind a cycle sends as
//! many probes, and never learns that it is deadlocked; a node on the cycle does.
//!
//! # Why a report is true
//!
//! The edges of the cycle were seen one after the other. Suppose that a probe came
//! back along all of them. Each node on the way waited and had the request
//! pending when it accepted the probe. Suppose that one of them was granted its
//! request before the probe came back. Then the next node on the way granted it. That
//! node still owed the grant when it accepted the probe, and it waited then, so it was
//! itself granted first what it waited for, and so on up to the initiator. But the
//! initiator waits under the same request all the time. So at the end all edges
//! exist. A waiting node grants nothing, so they stay. The argument assumes nothing
//! about the order, delay, loss or number of messages. It assumes
//!
//! - that a waiting process needs everything that it has requested. Otherwise a cycle
//!   need not be a deadlock;
//! - that no node gives up or loses patience. If one does, probes in flight may
//!   still find the cycle that it was on, and make another node give up in vain.
//!
//! # Why nothing is missed
//!
//! The node that completes a cycle finds all others waiting, and begins rounds. A
//! round fails if a probe is lost, or if a probe overtakes its request or a later one
//! on the way. The next round repairs it. [`Early::Buffer`] avoids the wait for that.
//!
//! # How long a report stands
//!
//! A node goes on with its rounds. Once a node on the cycle has cancelled its request or crashed,
//! no probe of a later round comes back, and the node withdraws its report.
//!
//! # Victims
//!
//! All nodes on a cycle may find it. If each gave up, there would be as many victims.
//! So a probe carries the best victim among the nodes that it passed, and the node
//! that finds the cycle has that one give up. All then choose the same victim, unless
//! cycles cross.

use alloc::collections::BTreeMap;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::detect::{Detect, detector};
use super::early::{Held, Stamp};
use super::rounds::Rounds;
use super::victims::be_condemned;
use super::{Candidate, DetectorInput, Early, Unexpected, Victims};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, NodeId, Storage, mutant};

pub use super::rounds::{Cell, Timer};

/// The configuration of all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// How long a process waits before it begins its first round. With zero it
    /// begins at once; since most waits end by themselves, this costs rounds in vain.
    pub patience: Duration,
    /// From the beginning of one round to that of the next, while the same wait
    /// lasts; more than zero.
    pub period: Duration,
    /// What becomes of a probe that comes before the request it runs along.
    pub early: Early,
    /// How victims are chosen; if absent, no node gives up.
    pub victims: Option<Victims>,
}

/// Messages between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Does the receiver wait, too?
    Probe(Probe),
    /// The receiver must give up this request.
    Condemn {
        /// The request.
        request: RequestId,
    },
}

/// A probe on its way along one edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Probe {
    /// The request for which the initiator waits.
    pub initiator: RequestId,
    /// The number of the round in that wait, from 1.
    pub round: u64,
    /// The request along which it was sent.
    pub request: RequestId,
    /// The best victim among the nodes that it has passed; none, if no node gives up.
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

/// The detector of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chasing {
    config: Config,
    me: NodeId,
    rounds: Rounds,
    /// The last of them that has come back.
    returned: u64,
    /// The last round of each initiator whose probe we have sent on.
    forwarded: BTreeMap<NodeId, Stamp>,
    held: Held<Probe>,
}

impl Chasing {
    /// The detector of node `me`, which waits for nothing yet.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            rounds: Rounds::default(),
            returned: 0,
            forwarded: BTreeMap::new(),
            held: Held::new(),
        }
    }

    fn look(&mut self, view: View, cx: &mut Context<'_, Self>) {
        let before = self.rounds.view.request();
        let begins = self.rounds.look(view, self.config.patience, cx);
        if self.rounds.view.request() != before {
            self.returned = 0;
        }
        if begins {
            self.begin(cx);
        }
        for (_, probe) in self.held.arrived(&self.rounds.view.pending) {
            self.take(probe, cx);
        }
    }

    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        let Some(initiator) = self.rounds.begin(self.config.period, cx) else { return };
        let (round, request) = (self.rounds.last, initiator);
        self.send_along(Probe { initiator, round, request, greatest: None }, cx);
    }

    /// Sends a probe along all of our requests, with the best victim so far.
    fn send_along(&self, mut probe: Probe, cx: &mut Context<'_, Self>) {
        let us = self.rounds.candidate();
        probe.greatest = Victims::greatest(self.config.victims, probe.greatest, us);
        for (to, request) in self.rounds.view.wait.iter().flat_map(|wait| &wait.open) {
            cx.send(*to, Message::Probe(Probe { request: *request, ..probe }));
        }
    }

    /// A probe has come along a request that is pending.
    fn take(&mut self, probe: Probe, cx: &mut Context<'_, Self>) {
        if self.rounds.view.wait.is_none() {
            return;
        }
        let (initiator, stamp) = (probe.initiator, stamp(&probe));
        if initiator.by == self.me {
            let is_new = (self.returned + 1..=self.rounds.last).contains(&probe.round);
            if Some(initiator) == self.rounds.view.request() && is_new {
                self.returned = probe.round;
                self.rounds.declare(self.me, true, probe.greatest, condemn, cx);
            }
        } else if self.forwarded.get(&initiator.by).is_none_or(|known| *known < stamp)
            || mutant!(ForwardsEveryTime)
        {
            self.forwarded.insert(initiator.by, stamp);
            self.send_along(probe, cx);
        }
    }
}

impl Detect for Chasing {
    fn nodes(&self) -> u32 {
        self.config.nodes
    }

    fn start(&mut self, _: &Storage<Self>, _: &mut Context<'_, Self>) {
        *self = Self::new(self.config, self.me);
    }

    fn command(&mut self, command: DetectorInput, cx: &mut Context<'_, Self>) {
        match command {
            DetectorInput::Look(view) => self.look(view, cx),
            DetectorInput::Check => {
                if self.rounds.check(cx) {
                    self.begin(cx);
                }
            }
            DetectorInput::Arrives { .. } | DetectorInput::Leader(_) => {}
        }
    }

    fn message(
        &mut self,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        let is_node = |node: NodeId| node.number() <= self.config.nodes;
        match message {
            Message::Condemn { request } => be_condemned(from, request, &self.rounds.view, cx),
            Message::Probe(probe) => {
                let victim = probe.greatest.map(|greatest| greatest.request.by);
                if !is_node(probe.initiator.by) || !victim.is_none_or(is_node) {
                    return Err(Unexpected::StrangeName);
                }
                if self.rounds.view.owes(from, probe.request) || mutant!(AnyRequestWillDo) {
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

    fn timer(&mut self, Timer::Round: Timer, cx: &mut Context<'_, Self>) {
        self.rounds.end_period(cx);
        self.begin(cx);
    }
}

fn stamp(probe: &Probe) -> Stamp {
    (probe.initiator.number, probe.round)
}

fn condemn(request: RequestId) -> Message {
    Message::Condemn { request }
}

detector!(Chasing);
