use alloc::collections::BTreeMap;

use super::computation::{Computation, Engagement};
use super::{Cell, Message, Query, Reply, Rules, Timer};
use crate::deadlock::overtaken::{Held, Stamp};
use crate::deadlock::victims::{be_condemned, condemn};
use crate::deadlock::{Candidate, Notice, Output, Overtaken, Refusal, Stray, Verdict, Victims};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Input, Machine, NodeId, mutant};

/// One node of those that ask each other whether they wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diffusing {
    rules: Rules,
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
    pub fn new(rules: Rules, me: NodeId) -> Self {
        Self {
            rules,
            me,
            view: View::default(),
            round: 0,
            computations: BTreeMap::new(),
            held: Held::new(),
        }
    }

    fn notice(&mut self, notice: Notice, cx: &mut Context<'_, Self>) {
        match notice {
            Notice::Look(view) => self.look(view, cx),
            Notice::Arrives { .. } | Notice::Leader(_) => {}
            Notice::Check if Candidate::from_view(&self.view).is_some() => self.begin(cx),
            Notice::Check if self.view.wait.is_some() => cx.emit(Output::Refuses(Refusal::Lock)),
            Notice::Check => cx.emit(Output::Refuses(Refusal::NotWaiting)),
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
                let patience = self.rules.patience;
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
        let period = self.rules.period;
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
            Victims::greatest(self.rules.victims, None, Candidate::from_view(&self.view));
        let engagement = Some(Engagement { engager, unanswered, greatest });
        let stamp = (initiator.number, round);
        self.computations.insert(initiator.by, Computation { stamp, engagement });
    }

    fn message(
        &mut self,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Stray> {
        let is_node = |node: NodeId| node.number() <= self.rules.nodes;
        if from == self.me || !is_node(from) {
            return Err(Stray::Stranger);
        }
        match message {
            Message::Condemn { request } => be_condemned(from, request, &self.view, cx),
            Message::Query(query) => {
                if !is_node(query.initiator.by) {
                    return Err(Stray::StrangeName);
                }
                if self.view.owes(from, query.request) {
                    self.query(from, query, cx);
                } else if self.rules.overtaken == Overtaken::Holds {
                    let key = (query.initiator.by, stamp(&query));
                    self.held.keep(from, query.request, key, query);
                } else {
                    return Err(Stray::StaleRequest(query.request));
                }
            }
            Message::Reply(reply) => {
                let victim = reply.greatest.map(|greatest| greatest.request.by);
                if !is_node(reply.to.initiator.by) || !victim.is_none_or(is_node) {
                    return Err(Stray::StrangeName);
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
    ) -> Result<(), Stray> {
        let Query { initiator, round, request } = reply.to;
        if self.view.request() != Some(request) {
            return Err(Stray::StaleRequest(request));
        }
        let stamp = stamp(&reply.to);
        let ours = self.computations.get_mut(&initiator.by).filter(|ours| ours.stamp == stamp);
        let Some(ours) = ours.and_then(|ours| ours.engagement.as_mut()) else { return Ok(()) };
        if !ours.unanswered.remove(&from) {
            return Ok(());
        }
        ours.greatest = Victims::greatest(self.rules.victims, ours.greatest, reply.greatest);
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
    type Command = Notice;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => *self = Self::new(self.rules, self.me),
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
