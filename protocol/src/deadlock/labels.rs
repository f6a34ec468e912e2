//! Labels that are passed back along requests: deadlock detection in the
//! single-resource model, where a node waits for at most one other (Mitchell and
//! Merritt, "A distributed algorithm for deadlock detection and resolution", 1984).
//!
//! Every node has a public label. When a node begins to wait, it makes a new label,
//! greater than any that it had, which is also its private label while it waits
//! (*block*). It tells its public label to all nodes that wait for it: to a new one
//! when it learns of it, and to all whenever the label rises. A waiting node that
//! hears a greater label than its own takes it over (*transmit*), and so passes it to
//! the nodes that wait for it. A node that hears its own private label is on a cycle
//! (*detect*). In the paper, nodes read the labels of others; here, labels are sent.
//!
//! On a ring of `s` nodes that begin to wait in any order, and with any delays of
//! messages, exactly one node detects, after at least `s-1` and at most `s(s-1)/2`
//! transmits.
//!
//! # Why a report is true
//!
//! Only a waiting node tells a label, and only to nodes whose requests it owes. So all
//! nodes that take over the label of a wait are behind the waiting node, and stay so
//! while it waits. If the label comes back from the node for which it waits, then
//! that node is behind it, too. This is a cycle, on which no node ever moves again.
//!
//! # Why exactly one node finds a cycle
//!
//! At most one: its label has gone round past all others on the cycle, so it is
//! greater than theirs. Of two such labels, each would be the greater one. At least
//! one: the greatest label on the cycle is the private label of one of its nodes. The
//! nodes of the cycle cannot all have taken it over in their present waits, each after
//! the one for which it waits. So one of them made it, or had it when it began to wait
//! and then made a greater one.
//!
//! # Restarts, late and lost messages
//!
//! A label must never be made twice, nor may a node make a smaller label than before.
//! So the counter is durable, and saved before a label is told. If a node forgot it
//! in a crash, it could make a smaller label than the one that the nodes behind it
//! still have. That old label would go round the cycle, be no node's own, and hide
//! all others. A label that comes late or twice is not greater than the known one, or
//! belongs to a request that is over. A lost label is told again in the next period.
//! A node that does not wait need not repeat its label: when it begins to wait, it
//! makes a greater one.
//!
//! # How long a report stands
//!
//! The nodes behind the one that detects keep its label, and tell it again, even if the cycle is
//! broken elsewhere. So in every period the node that has detected makes a new label for the same
//! wait, and reports again when that comes back. If two periods in a row end before the label has
//! come back, it withdraws its report. It is still the only node that detects: its new label is
//! again the greatest on the cycle.
//!
//! # Limits
//!
//! A node that waits for more than one other may take over the label of a node that
//! is on no cycle with it, and miss its own. If it needs all of them, reports are
//! true, but some deadlocks are not found. If it needs any one of them, reports
//! may be false. And, as in the other detectors, no node may give up except by a
//! report of this detector.
//!
//! The node that detects gives up, if any node is to: one victim for each cycle, and
//! no extra message. A lent lock takes part like any other node, but has nothing to
//! give up. So a label names the request that is to be given up: its maker's, or, if a
//! lock made it, the one of the first node that took it over, which waits for the
//! lock. A node that gave up and asks again makes a greater label than any it had, and
//! may well be the victim again: this detector does not spare old requests.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::detect::{Detect, detector};
use super::standing::Standing;
use super::victims::{be_condemned, condemn};
use super::{Candidate, DetectorInput, Output, Refusal, Unexpected, Verdict};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, NodeId, Storage, mutant};

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
        /// The request to give up if the label comes back to its maker.
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
    /// Whether the node that detects gives up, so that the others can go on.
    pub resolves: bool,
}

/// A label that others know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Public {
    label: Label,
    /// The request to give up if the label comes back to its maker.
    victim: Option<RequestId>,
}

/// The detector of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    config: Config,
    me: NodeId,
    view: View,
    public: Public,
    /// That of this wait; none if we do not wait.
    private: Option<Label>,
    /// The verdict on this wait, while there is one.
    standing: Option<Standing>,
}

impl Labels {
    /// Node `me`, which waits for nothing yet.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        let public = Public { label: Label { counter: 0, by: me }, victim: None };
        Self { config, me, view: View::default(), public, private: None, standing: None }
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

    fn look(&mut self, view: View, cx: &mut Context<'_, Self>) {
        let before = core::mem::replace(&mut self.view, view);
        let request = self.view.request();
        if request != before.request() {
            self.private = None;
            self.standing = None;
            cx.disarm(Timer::Again);
            if request.is_some() {
                self.block(cx);
                self.again(cx);
            }
        } else if self.private.is_some() {
            for (to, request) in &self.view.pending {
                if !before.owes(*to, *request) {
                    self.tell_one(*to, *request, cx);
                }
            }
        }
    }

    /// Makes a label for this wait, greater than all it had.
    fn block(&mut self, cx: &mut Context<'_, Self>) {
        let former = self.public.label.counter;
        // Only a peer that names a huge counter can bring it to its end.
        let counter = former.saturating_add(u64::from(!mutant!(SameLabelAgain)));
        let label = Label { counter, by: self.me };
        let victim = Candidate::from_view(&self.view).map(|us| us.request);
        self.private = Some(label);
        self.rise(Public { label, victim }, cx);
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

    /// Tells its label again. A label that has come back says nothing of what happens later, so then
    /// it is a new one, whose return confirms the verdict.
    fn end_period(&mut self, cx: &mut Context<'_, Self>) {
        let is_confirmed = self.standing.is_some_and(Standing::is_confirmed);
        if let Some(standing) = self.standing
            && !mutant!(LabelStands)
        {
            self.standing = standing.after_period();
            if self.standing.is_none() {
                cx.emit(Output::Withdraws);
            }
            if is_confirmed {
                return self.block(cx);
            }
        }
        self.tell(cx);
    }

    /// We are on a cycle.
    fn detect(&mut self, victim: Option<RequestId>, cx: &mut Context<'_, Self>) {
        let victim = victim.filter(|_| self.config.resolves);
        let before = self.standing.replace(Standing::CONFIRMED);
        if !before.is_some_and(Standing::is_confirmed) {
            cx.emit(Output::Finds(Verdict::of_one(self.me, true, victim)));
        }
        // Again whenever the label comes back: what we have sent may be lost.
        if let Some(request) = victim {
            condemn(request, Message::Condemn { request }, cx);
        }
    }
}

impl Detect for Labels {
    fn nodes(&self) -> u32 {
        self.config.nodes
    }

    fn start(&mut self, storage: &Storage<Self>, _: &mut Context<'_, Self>) {
        *self = Self::new(self.config, self.me);
        if !mutant!(ForgetsCounter) {
            self.public.label.counter = storage.get(&Cell::Counter).copied().unwrap_or(0);
        }
    }

    fn command(&mut self, command: DetectorInput, cx: &mut Context<'_, Self>) {
        match command {
            DetectorInput::Look(view) => self.look(view, cx),
            DetectorInput::Arrives { .. } | DetectorInput::Leader(_) => {}
            DetectorInput::Check if self.private.is_some() => self.tell(cx),
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotWaiting)),
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
            Message::Condemn { request } => be_condemned(from, request, &self.view, cx),
            Message::Label { request, label, victim } => {
                let victim_is_node = victim.is_none_or(|victim| is_node(victim.by));
                if !is_node(label.by) || !victim_is_node {
                    return Err(Unexpected::StrangeName);
                }
                if !self.view.awaits(from, request) {
                    return Err(Unexpected::StaleRequest(request));
                }
                let is_other = label.by != self.me && label != self.public.label;
                if label > self.public.label || (is_other && mutant!(SmallerLabelPasses)) {
                    let us = Candidate::from_view(&self.view).map(|us| us.request);
                    self.rise(Public { label, victim: victim.or(us) }, cx);
                } else if label == self.public.label && self.private == Some(label) {
                    self.detect(victim, cx);
                }
            }
        }
        Ok(())
    }

    fn timer(&mut self, Timer::Again: Timer, cx: &mut Context<'_, Self>) {
        if self.private.is_some() {
            self.end_period(cx);
            if !mutant!(ToldTwice) {
                self.again(cx);
            }
        }
    }
}

detector!(Labels);
