//! With check-quorum: a node asks whether a majority would have it before it takes an epoch.
//!
//! A link that stays cut would otherwise raise epochs without end. One of two nodes that do not
//! hear each other leads. The other one misses a leader, and wins the votes of those between them.
//! The leader learns from their acknowledgements that there is a later epoch, and takes a later
//! one still; the other one hears no majority, steps down, and begins again. Hence three rules:
//!
//! - **Support comes before votes** (the pre-vote of Ongaro, Consensus: bridging theory and
//!   practice, 2014, section 9.6). A candidate asks all nodes for support, which changes and saves
//!   nothing. Only a candidate that a majority supports asks for votes.
//! - **A node that hears a leader helps nobody below it** (stickiness, ibid.). It gives neither
//!   support nor a vote to a node below its leader, and does not even note the epoch.
//! - **Only a node that a majority supports can stand in the way.** A node whose last question
//!   found no majority is alone: it gives its support to lower nodes, too, and follows a lower
//!   leader. (Compare the quorum-connected candidates of Ng, Haridi and Carbone, Omni-Paxos, 2023.)
//!   It goes on asking, and takes over when a majority supports it.
//!
//! Every leader has a majority of followers, and any two majorities share a node. While that node
//! hears the leader, only a higher node can win its vote. So after the last change of the network
//! each new leader is higher than the one before, until the highest node leads that a majority
//! prefers to its own leader.

use alloc::collections::BTreeSet;

use super::{Hardened, Message, Stage, Timer};
use crate::election::Output;
use rehearsal_machine::{Context, NodeId, mutant};

impl Hardened {
    /// Must a candidate have the support of a majority before it asks for votes?
    pub(super) fn needs_support(&self) -> bool {
        self.config.majority && self.config.check_quorum && !mutant!(NoPreVote)
    }

    /// Asks all nodes for their support. A node that follows a lower leader follows it meanwhile.
    pub(super) fn ask_for_support(&mut self, cx: &mut Context<'_, Self>) {
        self.is_answered = false;
        if !(self.follows_lower() && self.is_alone) {
            self.turn_to(Stage::Calls, cx);
            cx.emit(Output::Calls);
        }
        let supporters = BTreeSet::new();
        if self.is_majority(&supporters) {
            return self.ask(cx);
        }
        self.supporters = Some(supporters);
        self.say(&Message::Probe, cx);
        cx.disarm(Timer::Coordinator);
        cx.arm(Timer::Answer, self.config.answer_wait..=self.config.answer_wait);
    }

    /// Another node asks for our support.
    pub(super) fn probed(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if self.prefers_leader_to(from, cx) {
            return;
        }
        if from < self.me && self.competes() {
            cx.send(from, Message::Answer);
            if matches!(self.stage, Stage::Follows(..)) && self.supporters.is_none() {
                self.call(cx);
            }
        } else {
            cx.send(from, Message::Support);
        }
    }

    pub(super) fn supported(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        let Some(supporters) = &mut self.supporters else { return };
        supporters.insert(from);
        // Nobody can answer the highest node, so it need not wait for more.
        let is_highest = self.members.iter().all(|member| *member <= self.me);
        if is_highest {
            self.count_support(cx);
        }
    }

    /// All support that could come in time is here.
    pub(super) fn end_support(&mut self, cx: &mut Context<'_, Self>) {
        if self.supporters.is_none() || self.count_support(cx) {
            return;
        }
        self.is_alone = true;
        self.supporters = None;
        if self.follows_lower() {
            self.ask_later(cx);
        } else {
            self.wait(cx);
        }
    }

    /// If a majority supports us, asks for votes.
    fn count_support(&mut self, cx: &mut Context<'_, Self>) -> bool {
        let has_majority = self.supporters.as_ref().is_some_and(|all| self.is_majority(all));
        if has_majority {
            self.is_alone = false;
            self.ask(cx);
        }
        has_majority
    }

    /// It has voted for this node, and gives it the time to lead. A node that went on with its own
    /// candidacy, or told its old leader of the new epoch, would outbid the new leader.
    pub(super) fn make_way_for(&mut self, candidate: NodeId, cx: &mut Context<'_, Self>) {
        if !matches!(self.stage, Stage::Follows(leader, _) if leader == candidate) {
            self.wait(cx);
            self.awaited = Some(candidate);
        }
    }

    /// Does it hear a leader above this node, perhaps itself, or wait for one that has its vote? A
    /// leader says so.
    pub(super) fn prefers_leader_to(&self, other: NodeId, cx: &mut Context<'_, Self>) -> bool {
        match &self.stage {
            Stage::Leads(epoch, _) if self.me > other => {
                cx.send(other, Message::Coordinator(*epoch));
                true
            }
            Stage::Follows(leader, _) => *leader > other && !mutant!(VotesAnew),
            Stage::Waits => self.awaited.is_some_and(|awaited| awaited > other),
            _ => false,
        }
    }

    /// Might it lead itself, as far as it knows?
    pub(super) fn competes(&self) -> bool {
        self.is_settled && (!self.is_alone || mutant!(BarsTheWay))
    }

    /// Does it follow a lower node, for want of a majority?
    pub(super) fn follows_lower(&self) -> bool {
        matches!(self.stage, Stage::Follows(leader, _) if leader < self.me)
    }

    /// Asks for support again after a while.
    pub(super) fn ask_later(&mut self, cx: &mut Context<'_, Self>) {
        cx.arm(Timer::Coordinator, self.config.coordinator_wait..=self.config.coordinator_wait);
    }
}
