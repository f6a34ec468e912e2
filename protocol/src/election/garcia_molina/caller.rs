//! What a node does as the caller of an election, and as the coordinator.

use alloc::collections::BTreeSet;

use super::{Call, Cell, GarciaMolina, Message, Stage, Status, Timer};
use crate::election::{Epoch, Output};
use rehearsal_machine::{Context, NodeId, mutant};

impl GarciaMolina {
    pub(super) fn call_election(&mut self, cx: &mut Context<'_, Self>) {
        self.rest(cx);
        self.last_call = Call { round: self.last_call.round.saturating_add(1), step: 0 };
        let half = self.rounds.put(self.last_call.round);
        cx.save(Cell::Round(half), self.last_call.round);
        cx.emit(Output::Calls);
        self.ask_above(self.me, cx);
    }

    /// Asks the next one above this one; halts those below if there is none.
    fn ask_above(&mut self, above: NodeId, cx: &mut Context<'_, Self>) {
        let next = self.members.iter().copied().filter(|member| *member > above).min();
        let Some(next) = next else { return self.halt(cx) };
        let call = self.next_call(cx);
        cx.send(next, Message::AreYouThere(call));
        self.stage = Stage::AsksAbove(next);
    }

    /// No higher node is up.
    fn halt(&mut self, cx: &mut Context<'_, Self>) {
        self.status = Status::Election;
        self.halter = Some(self.me);
        self.halt_below(self.me, BTreeSet::new(), cx);
    }

    /// Halts the next node below this one, from the highest down. So a node that could
    /// still halt those below it is halted before they are, and no other node can
    /// halt one that restarts later. `halted` are halted already.
    fn halt_below(&mut self, below: NodeId, group: BTreeSet<NodeId>, cx: &mut Context<'_, Self>) {
        let lower = self.members.iter().copied().filter(|member| *member < self.me);
        let next = if mutant!(HaltFromBelow) {
            lower.filter(|member| below == self.me || *member > below).min()
        } else {
            lower.filter(|member| *member < below).max()
        };
        let Some(next) = next else { return self.announce(group, cx) };
        let call = self.next_call(cx);
        cx.send(next, Message::Halt(call));
        self.stage = Stage::Halts(next, group);
    }

    /// One of those that were called has answered.
    pub(super) fn answered(&mut self, from: NodeId, is_yes: bool, cx: &mut Context<'_, Self>) {
        match &mut self.stage {
            Stage::Idle => return,
            Stage::AsksAbove(asked) => {
                if *asked == from {
                    self.rest(cx);
                    cx.emit(Output::Yields { to: from });
                    self.wait_for_coordinator(cx);
                }
                return;
            }
            Stage::Asks(asked) => {
                if *asked == from {
                    self.rest(cx);
                    self.wait_for_coordinator(cx);
                }
                return;
            }
            Stage::Halts(asked, group) => {
                if *asked == from {
                    group.insert(from);
                    let group = core::mem::take(group);
                    self.halt_below(from, group, cx);
                }
                return;
            }
            Stage::Checks(_) if !is_yes => return self.call_election(cx),
            Stage::Announces(waits_for, _)
            | Stage::Distributes(waits_for)
            | Stage::Checks(waits_for) => {
                waits_for.remove(&from);
            }
        }
        self.go_on(cx);
    }

    /// Some of those that were called are silent.
    pub(super) fn silent(&mut self, cx: &mut Context<'_, Self>) {
        match &mut self.stage {
            Stage::Idle => {}
            Stage::AsksAbove(asked) => {
                let asked = *asked;
                self.ask_above(asked, cx);
            }
            // Who is down is no part of the group.
            Stage::Halts(asked, group) => {
                let (asked, mut group) = (*asked, core::mem::take(group));
                if mutant!(SilentIsHalted) {
                    group.insert(asked);
                }
                self.halt_below(asked, group, cx);
            }
            Stage::Checks(waits_for) => {
                waits_for.clear();
                self.go_on(cx);
            }
            // One of the group has gone down since it was halted.
            Stage::Announces(..) | Stage::Distributes(_) | Stage::Asks(_) => self.call_election(cx),
        }
    }

    /// Takes the next step if all that were called have answered.
    fn go_on(&mut self, cx: &mut Context<'_, Self>) {
        match &mut self.stage {
            Stage::Announces(waits_for, group) if waits_for.is_empty() => {
                let group = core::mem::take(group);
                self.distribute(group, cx);
            }
            Stage::Distributes(waits_for) if waits_for.is_empty() => {
                self.status = Status::Normal;
                cx.emit(Output::Leads { epoch: self.task });
                self.coordinate(cx);
            }
            Stage::Checks(waits_for) if waits_for.is_empty() => self.coordinate(cx),
            _ => {}
        }
    }

    fn announce(&mut self, group: BTreeSet<NodeId>, cx: &mut Context<'_, Self>) {
        self.coordinator = Some(self.me);
        self.status = Status::Reorganization;
        let call = self.next_call(cx);
        cx.send_all(group.iter().copied(), &Message::NewCoordinator(call));
        self.stage = Stage::Announces(group.clone(), group);
        self.go_on(cx);
    }

    fn distribute(&mut self, group: BTreeSet<NodeId>, cx: &mut Context<'_, Self>) {
        let task = Epoch { counter: self.last_call.round, leader: self.me };
        self.task = Some(task);
        let call = self.next_call(cx);
        cx.send_all(group.iter().copied(), &Message::Ready { call, task });
        self.stage = Stage::Distributes(group);
        self.go_on(cx);
    }

    fn coordinate(&mut self, cx: &mut Context<'_, Self>) {
        self.rest(cx);
        if !mutant!(NeverChecks) {
            cx.arm(Timer::Check, self.config.check..=self.config.check);
        }
    }

    /// The coordinator asks whether all are at work.
    pub(super) fn check(&mut self, cx: &mut Context<'_, Self>) {
        if self.coordinator() != Some(self.me) || !matches!(self.stage, Stage::Idle) {
            return;
        }
        let others: BTreeSet<_> =
            self.members.iter().copied().filter(|member| *member != self.me).collect();
        let call = self.next_call(cx);
        cx.send_all(others.iter().copied(), &Message::AreYouNormal(call));
        self.stage = Stage::Checks(others);
        self.go_on(cx);
    }

    /// The name of the calls that are about to be made; they may take so long.
    pub(super) fn next_call(&mut self, cx: &mut Context<'_, Self>) -> Call {
        self.last_call.step = self.last_call.step.saturating_add(1);
        cx.arm(Timer::Call, self.config.answer_wait..=self.config.answer_wait);
        self.last_call
    }

    /// Ends whatever it was in the middle of.
    pub(super) fn rest(&mut self, cx: &mut Context<'_, Self>) {
        self.stage = Stage::Idle;
        for timer in [Timer::Call, Timer::Check, Timer::Coordinator] {
            cx.disarm(timer);
        }
    }
}
