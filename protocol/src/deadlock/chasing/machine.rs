use alloc::collections::BTreeMap;

use super::{Cell, Message, Probe, Rules, Timer};
use crate::deadlock::overtaken::{Held, Stamp};
use crate::deadlock::victims::{be_condemned, condemn};
use crate::deadlock::{Candidate, Notice, Output, Overtaken, Refusal, Stray, Verdict, Victims};
use crate::resource::View;
use rehearsal_machine::{Context, Input, Machine, NodeId, mutant};

/// One node of those that send probes after each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chasing {
    rules: Rules,
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
    pub fn new(rules: Rules, me: NodeId) -> Self {
        Self {
            rules,
            me,
            view: View::default(),
            round: 0,
            returned: 0,
            forwarded: BTreeMap::new(),
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
        if self.view.request() != before {
            (self.round, self.returned) = (0, 0);
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
        for (_, probe) in self.held.arrived(&self.view.pending) {
            self.take(probe, cx);
        }
    }

    /// Begins a round; only a process that waits can.
    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        let Some(us) = Candidate::from_view(&self.view) else { return };
        // Of 2^64 rounds nobody makes the last.
        self.round = self.round.saturating_add(1);
        let period = self.rules.period;
        cx.arm(Timer::Round, period..=period);
        let (initiator, round) = (us.request, self.round);
        self.send_along(Probe { initiator, round, request: initiator, greatest: None }, cx);
    }

    /// Sends a probe along all of our requests, and us with it.
    fn send_along(&self, mut probe: Probe, cx: &mut Context<'_, Self>) {
        let us = Candidate::from_view(&self.view);
        probe.greatest = Victims::greatest(self.rules.victims, probe.greatest, us);
        for (to, request) in self.view.wait.iter().flat_map(|wait| &wait.open) {
            cx.send(*to, Message::Probe(Probe { request: *request, ..probe }));
        }
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
            Message::Probe(probe) => {
                let victim = probe.greatest.map(|greatest| greatest.request.by);
                if !is_node(probe.initiator.by) || !victim.is_none_or(is_node) {
                    return Err(Stray::StrangeName);
                }
                if self.view.owes(from, probe.request) || mutant!(AnyRequestWillDo) {
                    self.take(probe, cx);
                } else if self.rules.overtaken == Overtaken::Holds {
                    let key = (probe.initiator.by, stamp(&probe));
                    self.held.keep(from, probe.request, key, probe);
                } else {
                    return Err(Stray::StaleRequest(probe.request));
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
