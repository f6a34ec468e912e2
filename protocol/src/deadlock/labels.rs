//! Labels that are handed back from those for whom one waits: deadlock
//! detection in the single-resource model, where nobody waits for more than one
//! (Mitchell and Merritt, "A distributed algorithm for deadlock detection and
//! resolution", 1984).
//!
//! Every node has a public label. When it begins to wait it makes a new one,
//! greater than any it had, which is its private label, too, for as long as it
//! waits (*block*). It tells its public label to all that wait for it: to each
//! when it comes to know of it, to all whenever the label rises. Who waits and
//! hears a greater label than its own takes it over (*transmit*), and so tells
//! it to those that wait for it. Who hears its own private label is on a cycle
//! (*detect*). In the paper labels are read where they are; here they are sent.
//!
//! On a ring of `s`, whoever begins to wait in whatever order, however messages
//! are delayed: exactly one detects, after `s-1` transmits at least and `s(s-1)/2`
//! at most.
//!
//! Why that is true: a label is told only by one that waits, and only to those
//! that it owes, so all who take over the label of this wait of ours are behind
//! us, and stay so while we wait. If it comes back from whom we wait for, then
//! that one is behind us, too: a cycle, on which nobody moves any more.
//!
//! Why one at most finds a cycle: its label has gone all the way round, past
//! everybody else on it, so it is greater than theirs; of two, each would be the
//! greater one. Why one does: the greatest label on a cycle is the private one of
//! somebody on it. Not all on the cycle can have taken it over in their present
//! waits, each after the one it waits for; so somebody made it, or had it when it
//! began to wait, and made a greater one.
//!
//! So a label must never be made twice, nor a smaller one than a former one: the
//! counter is durable, and saved before a label is told. A node that had
//! forgotten it in a crash could make a smaller label than the one which those
//! behind it still have of it; that one would run round the cycle, be nobody's,
//! and hide all others. Labels that come late, or twice, are not greater than
//! those that are known, or mean a request that is over. One that is lost is
//! told again, once in every period. It need not be told while we do not wait:
//! when we begin to, we have a greater one.
//!
//! Who waits for more than one may take over a label of somebody who is on no
//! cycle with it, and miss its own: what is found is true if all are needed, but
//! not all is found. If any would do it need not be true. And, as ever, nobody
//! may give up but by what is found here.
//!
//! The one who detects gives up, if anybody shall: one victim for each cycle,
//! and no message for it. A lock that is lent takes part like any other, but has
//! nothing to give up; so a label names whose request it is to be: its maker's,
//! or, if a lock has made it, that of the first who took it over, which waits for
//! the lock. Who gives up and asks again makes a greater label than any it had,
//! and may well be the victim again: nothing here spares the old.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::victims::{be_condemned, condemn};
use super::{Candidate, DetectorInput, Output, Refusal, Unexpected, Verdict};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, mutant};

/// A label: never made twice, and greater than all its maker had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    /// Greater than in any label that its maker had before.
    pub counter: u64,
    /// Who made it.
    pub by: NodeId,
}

/// As a reader would put it: `7 of n2`.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.counter, self.by)
    }
}

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// The sender, for which the receiver waits, has this label.
    Label {
        /// Under which of its requests the receiver waits, or lends.
        request: RequestId,
        /// The sender's public label.
        label: Label,
        /// Whose request is to be given up if it comes back to its maker.
        victim: Option<RequestId>,
    },
    /// The receiver's request is to be given up.
    Condemn {
        /// Which.
        request: RequestId,
    },
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Label { .. } => "label",
            Self::Condemn { .. } => "condemn",
        }
    }
}

/// A deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Tell the label again.
    Again,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the greatest label that it had.
    Counter,
}

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
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
    config: Config,
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
    pub fn new(config: Config, me: NodeId) -> Self {
        let public = Public { label: Label { counter: 0, by: me }, victim: None };
        Self { config, me, view: View::default(), public, private: None, has_detected: false }
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
        *self = Self::new(self.config, self.me);
        if !mutant!(ForgetsCounter) {
            self.public.label.counter = storage.get(&Cell::Counter).copied().unwrap_or(0);
        }
    }

    fn notice(&mut self, notice: DetectorInput, cx: &mut Context<'_, Self>) {
        match notice {
            DetectorInput::Look(view) => self.look(view, cx),
            DetectorInput::Arrives { .. } | DetectorInput::Leader(_) => {}
            DetectorInput::Check if self.private.is_some() => self.tell(cx),
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotWaiting)),
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
        cx.arm(Timer::Again, self.config.period..=self.config.period);
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
    ) -> Result<(), Unexpected> {
        let is_node = |node: NodeId| node.number() <= self.config.nodes;
        if from == self.me || !is_node(from) {
            return Err(Unexpected::Stranger);
        }
        match message {
            Message::Condemn { request } => be_condemned(from, request, &self.view, cx),
            Message::Label { request, label, victim } => {
                let victim_is_node = victim.is_none_or(|victim| is_node(victim.by));
                if !is_node(label.by) || !victim_is_node {
                    return Err(Unexpected::StrangeName);
                }
                if !self.view.awaits(from, request) {
                    return Err(Unexpected::StaleRequest(request));
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
        let victim = victim.filter(|_| self.config.resolves);
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
    type Command = DetectorInput;
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
