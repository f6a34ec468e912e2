//! A diffusing computation for the OR model: queries spread, and replies gather
//! (Chandy, Misra and Haas, "Distributed deadlock detection", 1983).
//!
//! A process that has waited for a while sends a query to every node for which it
//! waits. A waiting node that receives its first query of a round sends queries to
//! all nodes for which it waits, and replies to its *engager* when all of them have
//! replied. It replies to further queries of the round at once, if it has waited
//! without a break since the first. A node that does not wait is silent. If the
//! initiator gets all its replies, every node that could ever help it waits, and only
//! for nodes of the same set.
//!
//! On a graph that does not change, a round of one initiator takes as many queries
//! as there are edges out of the waiting nodes that it reaches, itself included,
//! and as many replies if it is deadlocked: `2n` messages on a ring, which take
//! `2n` delays, and `2n(n-1)` where every node waits for every other.
//!
//! # Why a report is true
//!
//! Suppose that the initiator has all its replies, and take all nodes that were
//! engaged in the round. Each of them replied to its engager, since otherwise the
//! engager could not have replied, and so on up to the initiator. So each had all
//! its replies, and every node for which one of them waits was engaged. Suppose that
//! one of them was granted a request after it was engaged, and take the first one.
//! Another engaged node granted it. That node still owed the grant when it replied,
//! and had waited without a break since it was engaged, so it was itself granted a
//! request before: a contradiction.
//!
//! Messages may take any time and any order. A copy of a message counts once: replies
//! are noted by peer, and the engager's query is answered once. A node that ceases to
//! wait remembers that it took part in a round, and takes no further part in it. So
//! does a node whose engager has ceased to ask. The argument assumes that no waiting
//! node grants, gives up or loses patience, as in [`chasing`](super::chasing). To
//! miss nothing, it also assumes that any one grant ends a wait. Where more grants
//! are needed, reports are true, but some deadlocks are not found.
//!
//! # Victims
//!
//! If the initiator is on a cycle, its question comes back to it. Its own reply then names it as
//! a victim, and each node that receives a reply with a victim is on that cycle, too: it passes on
//! the better of that victim and itself. The initiator has the best one give up. This frees the
//! initiator, since it waits for the victim through nodes any one of which can help. An initiator
//! behind a cycle receives no victim, and has none give up: neither it nor the nodes on its way
//! to the cycle could help anybody on the cycle by that.
//!
//! # How long a report stands
//!
//! A node goes on with its rounds, and withdraws its report when they are not answered any more.

use alloc::collections::{BTreeMap, BTreeSet};
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
    /// lasts; longer than a round takes, which the next one ends otherwise.
    pub period: Duration,
    /// What becomes of a question that comes before the request it runs along.
    pub early: Early,
    /// How victims are chosen; if absent, no node gives up.
    pub victims: Option<Victims>,
}

/// Messages between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Does the receiver wait, too?
    Query(Query),
    /// The sender waits, and so do all nodes for which it waits.
    Reply(Reply),
    /// The receiver must give up this request.
    Condemn {
        /// The request.
        request: RequestId,
    },
}

/// A question along one edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The request for which the initiator waits.
    pub initiator: RequestId,
    /// The number of the round in that wait, from 1.
    pub round: u64,
    /// The request along which it was sent.
    pub request: RequestId,
}

/// An answer to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reply {
    /// To which question.
    pub to: Query,
    /// The best victim known among the nodes on a cycle through it and the initiator; none, if
    /// there is none, or no node gives up.
    pub greatest: Option<Candidate>,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Query(_) => "query",
            Self::Reply(_) => "reply",
            Self::Condemn { .. } => "condemn",
        }
    }
}

/// The detector of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diffusing {
    config: Config,
    me: NodeId,
    rounds: Rounds,
    /// The latest round of each initiator that we know of.
    computations: BTreeMap<NodeId, Computation>,
    held: Held<Query>,
}

impl Diffusing {
    /// The detector of node `me`, which waits for nothing yet.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            rounds: Rounds::default(),
            computations: BTreeMap::new(),
            held: Held::new(),
        }
    }

    fn look(&mut self, view: View, cx: &mut Context<'_, Self>) {
        let before = self.rounds.view.request();
        let begins = self.rounds.look(view, self.config.patience, cx);
        let view = &self.rounds.view;
        let has_waited_on = view.request() == before;
        for computation in self.computations.values_mut() {
            computation.keep_if(|ours| {
                let is_asked = |(from, request)| view.owes(from, request);
                has_waited_on && ours.engager.is_none_or(is_asked)
            });
        }
        if begins {
            self.begin(cx);
        }
        for (from, query) in self.held.arrived(&self.rounds.view.pending) {
            self.query(from, query, cx);
        }
    }

    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        let Some(initiator) = self.rounds.begin(self.config.period, cx) else { return };
        self.engage(None, initiator, self.rounds.last, cx);
    }

    /// Asks all nodes for which we wait.
    fn engage(
        &mut self,
        engager: Option<(NodeId, RequestId)>,
        initiator: RequestId,
        round: u64,
        cx: &mut Context<'_, Self>,
    ) {
        let Some(wait) = &self.rounds.view.wait else { return };
        for (to, request) in &wait.open {
            cx.send(*to, Message::Query(Query { initiator, round, request: *request }));
        }
        let unanswered = wait.open.iter().map(|(to, _)| *to).collect();
        let us = self.rounds.candidate().filter(|_| mutant!(VictimBehind));
        let greatest = Victims::greatest(self.config.victims, None, us);
        let engagement = Some(Engagement { engager, unanswered, greatest });
        let stamp = (initiator.number, round);
        self.computations.insert(initiator.by, Computation { stamp, engagement });
    }

    /// A question has come along a request that is pending.
    fn query(&mut self, from: NodeId, query: Query, cx: &mut Context<'_, Self>) {
        // A node without requests has no node to ask.
        if self.rounds.view.request().is_none() {
            if mutant!(FreeReplies) {
                cx.send(from, Message::Reply(Reply { to: query, greatest: None }));
            }
            return;
        }
        let (initiator, stamp) = (query.initiator, stamp(&query));
        let known = self.computations.get(&initiator.by).filter(|known| known.stamp >= stamp);
        match known {
            // Only we begin a round of ours.
            None if initiator.by == self.me => {}
            None => self.engage(Some((from, query.request)), initiator, query.round, cx),
            Some(known) if known.stamp == stamp => {
                let Some(ours) = &known.engagement else { return };
                // Our engager is answered when all nodes have answered us.
                if ours.engager != Some((from, query.request)) || mutant!(AnswersCopies) {
                    // Our own question has come back: we are on a cycle.
                    let us = self.rounds.candidate().filter(|_| ours.engager.is_none());
                    let greatest = Victims::greatest(self.config.victims, ours.greatest, us);
                    cx.send(from, Message::Reply(Reply { to: query, greatest }));
                }
            }
            Some(_) => {}
        }
    }

    fn reply(
        &mut self,
        from: NodeId,
        reply: Reply,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        let Query { initiator, round, request } = reply.to;
        if self.rounds.view.request() != Some(request) {
            return Err(Unexpected::StaleRequest(request));
        }
        let stamp = stamp(&reply.to);
        let ours = self.computations.get_mut(&initiator.by).filter(|ours| ours.stamp == stamp);
        let Some(ours) = ours.and_then(|ours| ours.engagement.as_mut()) else { return Ok(()) };
        if !ours.unanswered.remove(&from) {
            return Ok(());
        }
        let us = self.rounds.candidate().filter(|_| reply.greatest.is_some());
        let greatest = Victims::greatest(self.config.victims, reply.greatest, us);
        ours.greatest = Victims::greatest(self.config.victims, ours.greatest, greatest);
        if ours.unanswered.is_empty() || mutant!(FirstReplyDecides) {
            let greatest = ours.greatest;
            match ours.engager {
                Some((engager, request)) => {
                    let to = Query { initiator, round, request };
                    cx.send(engager, Message::Reply(Reply { to, greatest }));
                }
                None => self.rounds.declare(self.me, false, greatest, condemn, cx),
            }
        }
        Ok(())
    }
}

impl Detect for Diffusing {
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
            Message::Query(query) => {
                if !is_node(query.initiator.by) {
                    return Err(Unexpected::StrangeName);
                }
                if self.rounds.view.owes(from, query.request) {
                    self.query(from, query, cx);
                } else if self.config.early == Early::Buffer {
                    let key = (query.initiator.by, stamp(&query));
                    self.held.keep(from, query.request, key, query);
                } else {
                    return Err(Unexpected::StaleRequest(query.request));
                }
            }
            Message::Reply(reply) => {
                let victim = reply.greatest.map(|greatest| greatest.request.by);
                if !is_node(reply.to.initiator.by) || !victim.is_none_or(is_node) {
                    return Err(Unexpected::StrangeName);
                }
                self.reply(from, reply, cx)?;
            }
        }
        Ok(())
    }

    fn timer(&mut self, Timer::Round: Timer, cx: &mut Context<'_, Self>) {
        self.rounds.end_period(cx);
        self.begin(cx);
    }
}

fn stamp(query: &Query) -> Stamp {
    (query.initiator.number, query.round)
}

fn condemn(request: RequestId) -> Message {
    Message::Condemn { request }
}

detector!(Diffusing);

/// What a node knows of an initiator's latest round.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Computation {
    stamp: Stamp,
    /// Our part in it; none any more if we, or our engager, have ceased to wait
    /// since.
    engagement: Option<Engagement>,
}

/// A node's part in a round.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Engagement {
    /// The first node that asked, and its request; none, if the round is our own.
    engager: Option<(NodeId, RequestId)>,
    /// The nodes that have not answered us yet.
    unanswered: BTreeSet<NodeId>,
    /// Who is to give up, of the nodes on a cycle with the initiator that we know of.
    greatest: Option<Candidate>,
}

impl Computation {
    /// Ends our part in it where it is not to go on.
    fn keep_if(&mut self, goes_on: impl FnOnce(&Engagement) -> bool) {
        self.engagement = self.engagement.take().filter(goes_on);
    }
}
