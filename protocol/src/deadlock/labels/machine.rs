use core::time::Duration;

use super::{Cell, Label, Message, Timer};
use crate::deadlock::victims::{be_condemned, condemn};
use crate::deadlock::{Candidate, Notice, Output, Refusal, Stray, Verdict};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, mutant};

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// How often who waits tells its label again; more than zero.
    pub period: Duration,
    /// Shall the one who detects give up, so that the others can go on?
    pub resolves: bool,
}

/// A label that others know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Public {
    label: Label,
    /// Whose request is to be given up if the label comes back to its maker.
    victim: Option<RequestId>,
}

/// One node of those that hand labels back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    rules: Rules,
    me: NodeId,
    view: View,
    public: Public,
    /// That of this wait; none if we do not wait.
    private: Option<Label>,
    /// Has our private label come back?
    has_detected: bool,
}

impl Labels {
    /// Node `me`, which waits for nothing yet.
    #[must_use]
    pub fn new(rules: Rules, me: NodeId) -> Self {
        let public = Public { label: Label { counter: 0, by: me }, victim: None };
        Self { rules, me, view: View::default(), public, private: None, has_detected: false }
    }

    /// The label that it tells others.
    #[must_use]
    pub fn public(&self) -> Label {
        self.public.label
    }

    /// The label that it made for this wait, if it waits.
    #[must_use]
    pub fn private(&self) -> Option<Label> {
        self.private
    }

    fn start(&mut self, storage: &Storage<Self>) {
        *self = Self::new(self.rules, self.me);
        if !mutant!(ForgetsCounter) {
            self.public.label.counter = storage.get(&Cell::Counter).copied().unwrap_or(0);
        }
    }

    fn notice(&mut self, notice: Notice, cx: &mut Context<'_, Self>) {
        match notice {
            Notice::Look(view) => self.look(view, cx),
            Notice::Arrives { .. } | Notice::Leader(_) => {}
            Notice::Check if self.private.is_some() => self.tell(cx),
            Notice::Check => cx.emit(Output::Refuses(Refusal::NotWaiting)),
        }
    }

    fn look(&mut self, view: View, cx: &mut Context<'_, Self>) {
        let before = core::mem::replace(&mut self.view, view);
        let request = self.view.request();
        if request != before.request() {
            self.private = None;
            self.has_detected = false;
            cx.disarm(Timer::Again);
            if request.is_some() {
                self.block(cx);
            }
        } else if self.private.is_some() {
            for (to, request) in &self.view.pending {
                if !before.owes(*to, *request) {
                    self.tell_one(*to, *request, cx);
                }
            }
        }
    }

    fn block(&mut self, cx: &mut Context<'_, Self>) {
        let former = self.public.label.counter;
        // Of 2^64 labels nobody makes the last, unless a peer says that it has.
        let counter = former.saturating_add(u64::from(!mutant!(SameLabelAgain)));
        let label = Label { counter, by: self.me };
        let victim = Candidate::from_view(&self.view).map(|us| us.request);
        self.private = Some(label);
        self.rise(Public { label, victim }, cx);
        self.again(cx);
    }

    fn again(&self, cx: &mut Context<'_, Self>) {
        cx.arm(Timer::Again, self.rules.period..=self.rules.period);
    }

    fn rise(&mut self, public: Public, cx: &mut Context<'_, Self>) {
        if public.label.counter != self.public.label.counter {
            cx.save(Cell::Counter, public.label.counter);
        }
        self.public = public;
        self.tell(cx);
    }

    fn tell(&self, cx: &mut Context<'_, Self>) {
        for (to, request) in &self.view.pending {
            self.tell_one(*to, *request, cx);
        }
    }

    fn tell_one(&self, to: NodeId, request: RequestId, cx: &mut Context<'_, Self>) {
        let Public { label, victim } = self.public;
        cx.send(to, Message::Label { request, label, victim });
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
            Message::Label { request, label, victim } => {
                let victim_is_node = victim.is_none_or(|victim| is_node(victim.by));
                if !is_node(label.by) || !victim_is_node {
                    return Err(Stray::StrangeName);
                }
                if !self.view.awaits(from, request) {
                    return Err(Stray::StaleRequest(request));
                }
                if label > self.public.label {
                    let us = Candidate::from_view(&self.view).map(|us| us.request);
                    self.rise(Public { label, victim: victim.or(us) }, cx);
                } else if label == self.public.label && self.private == Some(label) {
                    self.detect(victim, cx);
                }
            }
        }
        Ok(())
    }

    /// We are on a cycle.
    fn detect(&mut self, victim: Option<RequestId>, cx: &mut Context<'_, Self>) {
        let victim = victim.filter(|_| self.rules.resolves);
        if !core::mem::replace(&mut self.has_detected, true) {
            cx.emit(Output::Finds(Verdict::of_one(self.me, true, victim)));
        }
        // Again whenever the label comes back: what we have sent may be lost.
        if let Some(request) = victim {
            condemn(request, Message::Condemn { request }, cx);
        }
    }
}

impl Machine for Labels {
    type Message = Message;
    type Command = Notice;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage),
            Input::Command(notice) => self.notice(notice, cx),
            Input::Message { from, message } => {
                if let Err(what) = self.message(from, message, cx) {
                    cx.emit(Output::Ignores { from, what });
                }
            }
            Input::Timer(Timer::Again) if self.private.is_some() => {
                self.tell(cx);
                self.again(cx);
            }
            Input::Timer(Timer::Again) => {}
        }
    }
}
