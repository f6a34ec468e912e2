//! Where a majority decides: asking for votes, giving them, and counting who
//! still hears us.

use alloc::collections::BTreeSet;

use super::{Hardened, Message, Stage, Timer};
use crate::election::{Epoch, Output};
use rehearsal_machine::{Context, NodeId, mutant};

impl Hardened {
    /// Asks for votes, its own first.
    pub(super) fn ask(&mut self, cx: &mut Context<'_, Self>) {
        let epoch = Epoch::after(self.seen, self.me);
        if self.two_slot.latest().is_some_and(|two_slot| two_slot.counter >= epoch.counter) {
            // The end of all numbers: there is no vote left to give.
            return self.wait(cx);
        }
        self.keep(epoch, cx);
        let votes = BTreeSet::new();
        if self.is_majority(&votes) {
            return self.lead(epoch, cx);
        }
        self.turn_to(Stage::Asks(epoch, votes), cx);
        cx.emit(Output::Asks { epoch });
        self.say(&Message::Request(epoch), cx);
        cx.arm(Timer::Answer, self.config.answer_wait..=self.config.answer_wait);
    }

    /// Another one asks for our vote.
    pub(super) fn asked(&mut self, from: NodeId, epoch: Epoch, cx: &mut Context<'_, Self>) {
        if !self.config.majority || epoch.leader != from {
            return;
        }
        if self.needs_support() && self.prefers_leader_to(from, cx) {
            return;
        }
        let latest = self.seen;
        self.seen = latest.max(Some(epoch));
        if from < self.me && self.competes() && !mutant!(VoteForLower) {
            // To be asked by a lower one is to be called.
            return self.called(from, cx);
        }
        match latest {
            // Asked once more for a vote that may be lost, or by who leads with it by now.
            _ if self.two_slot.latest() == Some(epoch) && !mutant!(NoRevote) => {
                cx.send(from, Message::Vote(epoch));
            }
            Some(latest) if latest.counter >= epoch.counter && !mutant!(TwoVotes) => {
                cx.send(from, Message::Denial(latest));
            }
            _ if mutant!(VoteNotSaved) => {
                self.two_slot.put(epoch);
                cx.send(from, Message::Vote(epoch));
            }
            _ => {
                self.keep(epoch, cx);
                cx.send(from, Message::Vote(epoch));
                if self.needs_support() {
                    self.make_way_for(from, cx);
                }
            }
        }
    }

    pub(super) fn voted(&mut self, from: NodeId, epoch: Epoch, cx: &mut Context<'_, Self>) {
        let Stage::Asks(ours, votes) = &mut self.stage else { return };
        if *ours != epoch && !mutant!(StaleVotes) {
            return;
        }
        votes.insert(from);
        let (ours, votes) = (*ours, votes.clone());
        if self.is_majority(&votes) {
            self.lead(ours, cx);
        }
    }

    pub(super) fn count_anew(&mut self, cx: &mut Context<'_, Self>) {
        if let Stage::Leads(_, heard) = &mut self.stage
            && self.config.check_quorum
        {
            heard.clear();
            cx.arm(Timer::Quorum, self.config.leader_wait..=self.config.leader_wait);
        }
    }

    /// With us, are these more than half of all?
    pub(super) fn is_majority(&self, others: &BTreeSet<NodeId>) -> bool {
        let most = self.members.len() / 2;
        others.len() + 1 > most || (others.len() + 1 == most && mutant!(HalfIsEnough))
    }
}
