//! Questions that spread, and answers that gather: a diffusing computation for
//! the OR model (Chandy, Misra and Haas, "Distributed deadlock detection",
//! 1983).
//!
//! A process that has waited for a while asks all those for whom it waits
//! whether they wait, too. Whoever is asked for the first time in a round, and
//! does, asks all those for whom it waits, and answers its *engager* when all of
//! them have answered; whoever is asked again answers at once, if it has waited
//! without a break since. Who does not wait is silent. If all answer the
//! initiator, all that it could ever be helped by wait, and for each other only.
//!
//! On a graph that stands still, a round of one initiator takes as many queries
//! as there are edges out of the blocked nodes that it reaches, itself included,
//! and as many replies if it is deadlocked: `2n` messages on a ring, which take
//! `2n` delays, and `2n(n-1)` where all wait for all.
//!
//! Why that is true: say that the initiator has all its answers, and take all
//! that were engaged in the round. Each answered its engager, or that one could
//! not have answered, and so on up to the initiator; so each had all its
//! answers, and whoever one of them waits for was engaged. Suppose any of them
//! is ever helped after it was engaged, and be it the first. Another of them
//! helped it; which owed it that help still when it answered, and had waited
//! without a break since it was engaged, so was itself helped first: a
//! contradiction. Messages may take any time and any order. A copy of a message
//! counts once: answers are noted by peer, and the engager's question is
//! answered once. Who has ceased to wait keeps in mind that it took part in a
//! round, and takes no part in it any more; so does one whose engager has
//! ceased to ask. What is assumed is that nobody who waits gives, gives up or
//! loses patience, as with [`chasing`](super::chasing); and, to miss nothing,
//! that any one grant ends a wait. Where more are needed what is found is true,
//! too, but not all is found.
//!
//! Answers carry which of those behind them is to give up, and the initiator
//! condemns that one: as it waits for it through others, any one of whom would
//! do, that frees it.

use alloc::collections::{BTreeMap, BTreeSet};
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
    /// lasts; longer than a round takes, which the next one ends otherwise.
    pub period: Duration,
    /// What becomes of a question that comes before the request it runs along.
    pub early: Early,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Do you wait, too?
    Query(Query),
    /// I do, and all those for whom I wait.
    Reply(Reply),
    /// The receiver's request is to be given up.
    Condemn {
        /// Which.
        request: RequestId,
    },
}

/// A question along one edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The wait of whoever began.
    pub initiator: RequestId,
    /// In which round of that wait, from 1.
    pub round: u64,
    /// Along which request.
    pub request: RequestId,
}

/// An answer to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reply {
    /// To which question.
    pub to: Query,
    /// Who is to give up, of those behind it; nobody, if nobody shall.
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

/// One node of those that ask each other whether they wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diffusing {
    config: Config,
    me: NodeId,
    view: View,
    /// The last round of this wait of ours.
    round: u64,
    /// The latest round of each initiator that we know of.
    computations: BTreeMap<NodeId, Computation>,
    held: Held<Query>,
}

impl Diffusing {
    /// Node `me`, which waits for nothing yet.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            view: View::default(),
            round: 0,
            computations: BTreeMap::new(),
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
        let has_waited_on = self.view.request() == before;
        for computation in self.computations.values_mut() {
            computation.keep_if(|ours| {
                let is_asked = |(from, request)| self.view.owes(from, request);
                has_waited_on && ours.engager.is_none_or(is_asked)
            });
        }
        if self.view.request() != before {
            self.round = 0;
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
        for (from, query) in self.held.arrived(&self.view.pending) {
            self.query(from, query, cx);
        }
    }

    /// Begins a round; only a process that waits can.
    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        let Some(us) = Candidate::from_view(&self.view) else { return };
        // Of 2^64 rounds nobody makes the last.
        self.round = self.round.saturating_add(1);
        let period = self.config.period;
        cx.arm(Timer::Round, period..=period);
        self.engage(None, us.request, self.round, cx);
    }

    /// Asks all those for whom we wait.
    fn engage(
        &mut self,
        engager: Option<(NodeId, RequestId)>,
        initiator: RequestId,
        round: u64,
        cx: &mut Context<'_, Self>,
    ) {
        let Some(wait) = &self.view.wait else { return };
        for (to, request) in &wait.open {
            cx.send(*to, Message::Query(Query { initiator, round, request: *request }));
        }
        let unanswered = wait.open.iter().map(|(to, _)| *to).collect();
        let greatest =
            Victims::greatest(self.config.victims, None, Candidate::from_view(&self.view));
        let engagement = Some(Engagement { engager, unanswered, greatest });
        let stamp = (initiator.number, round);
        self.computations.insert(initiator.by, Computation { stamp, engagement });
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
            Message::Query(query) => {
                if !is_node(query.initiator.by) {
                    return Err(Unexpected::StrangeName);
                }
                if self.view.owes(from, query.request) {
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

    /// A question has come along a request that is pending.
    fn query(&mut self, from: NodeId, query: Query, cx: &mut Context<'_, Self>) {
        // One without requests waits for nobody whom it could ask.
        if self.view.request().is_none() {
            return;
        }
        let (initiator, stamp) = (query.initiator, stamp(&query));
        let known = self.computations.get(&initiator.by).filter(|known| known.stamp >= stamp);
        match known {
            // Nobody but ourselves begins a round of ours.
            None if initiator.by == self.me => {}
            None => self.engage(Some((from, query.request)), initiator, query.round, cx),
            Some(known) if known.stamp == stamp => {
                let Some(ours) = &known.engagement else { return };
                // Whoever engaged us is answered when we are.
                if ours.engager != Some((from, query.request)) || mutant!(AnswersCopies) {
                    cx.send(from, Message::Reply(Reply { to: query, greatest: ours.greatest }));
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
        if self.view.request() != Some(request) {
            return Err(Unexpected::StaleRequest(request));
        }
        let stamp = stamp(&reply.to);
        let ours = self.computations.get_mut(&initiator.by).filter(|ours| ours.stamp == stamp);
        let Some(ours) = ours.and_then(|ours| ours.engagement.as_mut()) else { return Ok(()) };
        if !ours.unanswered.remove(&from) {
            return Ok(());
        }
        ours.greatest = Victims::greatest(self.config.victims, ours.greatest, reply.greatest);
        if ours.unanswered.is_empty() {
            let greatest = ours.greatest;
            match ours.engager {
                Some((engager, request)) => {
                    let to = Query { initiator, round, request };
                    cx.send(engager, Message::Reply(Reply { to, greatest }));
                }
                None => self.declare(greatest, cx),
            }
        }
        Ok(())
    }

    /// Nobody whom we reach will ever move again.
    fn declare(&self, victim: Option<Candidate>, cx: &mut Context<'_, Self>) {
        let victim = victim.map(|victim| victim.request);
        cx.emit(Output::Finds(Verdict::of_one(self.me, false, victim)));
        if let Some(request) = victim {
            condemn(request, Message::Condemn { request }, cx);
        }
    }
}

fn stamp(query: &Query) -> Stamp {
    (query.initiator.number, query.round)
}

impl Machine for Diffusing {
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
    /// Who asked first, under which request; nobody, if the round is our own.
    engager: Option<(NodeId, RequestId)>,
    /// Whom we have asked in vain so far.
    unanswered: BTreeSet<NodeId>,
    /// Who is to give up, of us and those behind the answers so far.
    greatest: Option<Candidate>,
}

impl Computation {
    /// Ends our part in it where it is not to go on.
    fn keep_if(&mut self, goes_on: impl FnOnce(&Engagement) -> bool) {
        self.engagement = self.engagement.take().filter(goes_on);
    }
}
