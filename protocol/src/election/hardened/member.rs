//! What a node does in an election.

use alloc::collections::BTreeSet;

use super::{Cell, Hardened, Message, Stage, Timer};
use crate::election::{Epoch, Output};
use rehearsal_machine::{Context, NodeId, mutant};

impl Hardened {
    /// Holds an election: asks whether a higher node is alive.
    pub(super) fn call(&mut self, cx: &mut Context<'_, Self>) {
        if self.needs_support() {
            return self.ask_for_support(cx);
        }
        self.turn_to(Stage::Calls, cx);
        self.is_answered = false;
        if self.members.iter().all(|member| *member <= self.me) {
            return self.win(cx);
        }
        cx.emit(Output::Calls);
        let higher = self.members.iter().copied().filter(|member| *member > self.me);
        cx.send_all(higher, &Message::Election);
        cx.arm(Timer::Answer, self.config.answer_wait..=self.config.answer_wait);
    }

    pub(super) fn hear(&mut self, from: NodeId, message: &Message, cx: &mut Context<'_, Self>) {
        // A vote is asked for an epoch later than all that we have seen, so it is looked at before.
        if let Message::Request(epoch) = message {
            return self.asked(from, *epoch, cx);
        }
        self.seen = self.seen.max(message.epoch());
        match message {
            Message::Election if from < self.me => self.called(from, cx),
            Message::Answer if from > self.me => self.answered(from, cx),
            Message::Coordinator(epoch) | Message::Heartbeat(epoch) => {
                self.announced(from, *epoch, cx);
            }
            Message::Ack(_) => self.acknowledged(from, cx),
            Message::Vote(epoch) => self.voted(from, *epoch, cx),
            Message::Denial(_) if mutant!(DenialIgnored) => {}
            Message::Denial(latest) => self.denied(*latest, cx),
            Message::Probe if self.needs_support() => self.probed(from, cx),
            Message::Support => self.supported(from, cx),
            Message::Election
            | Message::Answer
            | Message::Request(_)
            | Message::Write(_)
            | Message::Probe => {}
        }
    }

    pub(super) fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match (timer, &self.stage) {
            (Timer::Answer, Stage::Calls | Stage::Follows(..)) if self.needs_support() => {
                self.end_support(cx);
            }
            (Timer::Answer, Stage::Calls) => self.win(cx),
            (Timer::Answer, Stage::Asks(..)) => self.wait(cx),
            (Timer::Coordinator, Stage::Follows(..)) if self.is_settled => self.call(cx),
            (Timer::Leader, Stage::Follows(..)) if self.is_settled && self.needs_support() => {
                self.turn_to(Stage::Waits, cx);
                self.call(cx);
            }
            (Timer::Coordinator, Stage::Waits) | (Timer::Leader, Stage::Follows(..))
                if self.is_settled =>
            {
                self.call(cx);
            }
            (Timer::Leader, Stage::Follows(..)) => self.turn_to(Stage::Waits, cx),
            (Timer::Heartbeat, Stage::Leads(..)) if mutant!(LeadsOnceAnnounced) => {}
            (Timer::Heartbeat, Stage::Leads(..)) => self.beat(cx),
            (Timer::Quorum, Stage::Leads(_, heard)) => {
                if self.is_majority(heard) {
                    self.count_anew(cx);
                } else {
                    cx.emit(Output::Resigns);
                    self.is_alone = self.needs_support();
                    self.wait(cx);
                }
            }
            (Timer::Settle, _) => self.settle(cx),
            // Deadlines of what is over.
            _ => {}
        }
    }

    /// A lower one holds an election.
    pub(super) fn called(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if !self.is_settled {
            return;
        }
        cx.send(from, Message::Answer);
        match &self.stage {
            Stage::Leads(epoch, _) => cx.send(from, Message::Coordinator(*epoch)),
            // The leader, which is above the caller, too, is asked as we are. If it does not answer,
            // we miss it as soon as any other node.
            Stage::Follows(leader, _) if *leader > self.me => {}
            Stage::Follows(..) => self.call(cx),
            Stage::Apart | Stage::Calls | Stage::Asks(..) | Stage::Waits => {}
        }
    }

    fn answered(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if self.supporters.is_some() && self.follows_lower() {
            self.supporters = None;
            cx.disarm(Timer::Answer);
            return self.ask_later(cx);
        }
        if !matches!(self.stage, Stage::Calls | Stage::Asks(..)) {
            return;
        }
        self.is_answered = true;
        if !mutant!(AnswerIgnored) {
            cx.emit(Output::Yields { to: from });
            self.wait(cx);
        }
    }

    /// Another one leads.
    fn announced(&mut self, from: NodeId, epoch: Epoch, cx: &mut Context<'_, Self>) {
        let is_lower = from < self.me && self.is_settled && !self.is_alone;
        match &self.stage {
            Stage::Leads(ours, _) if is_lower => {
                cx.send(from, Message::Coordinator(*ours));
                return;
            }
            _ if is_lower => return,
            Stage::Leads(..) if mutant!(LeadsOn) => return,
            Stage::Follows(leader, _) if from < *leader && !mutant!(LastWriterWins) => return,
            Stage::Follows(leader, known) if from == *leader && epoch <= *known => {
                cx.arm(Timer::Leader, self.config.leader_wait..=self.config.leader_wait);
            }
            _ => {
                self.turn_to(Stage::Follows(from, epoch), cx);
                if Some(epoch) > self.two_slot.latest() && !mutant!(FollowedForgotten) {
                    self.keep(epoch, cx);
                }
                cx.emit(Output::Follows { leader: from, epoch: Some(epoch) });
                cx.arm(Timer::Leader, self.config.leader_wait..=self.config.leader_wait);
                if from > self.me {
                    self.is_alone = false;
                } else if self.is_alone {
                    self.ask_later(cx);
                }
            }
        }
        if !mutant!(FollowsSilently) {
            cx.send(from, Message::Ack(self.seen));
        }
    }

    fn acknowledged(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if let Stage::Leads(_, heard) = &mut self.stage {
            if self.config.check_quorum || mutant!(HeartbeatToFollowers) {
                heard.insert(from);
            }
            self.keep_ahead(cx);
        }
    }

    /// There is a later epoch than one that we have asked or written for.
    fn denied(&mut self, latest: Epoch, cx: &mut Context<'_, Self>) {
        match self.stage {
            // A denial in favour of what we ask for now is about an earlier request.
            Stage::Asks(ours, _) if latest == ours => {}
            Stage::Asks(ours, _) if latest.counter >= ours.counter => self.ask(cx),
            _ => self.keep_ahead(cx),
        }
    }

    /// A leader whose epoch is not the latest takes a later one.
    fn keep_ahead(&mut self, cx: &mut Context<'_, Self>) {
        let Stage::Leads(epoch, _) = self.stage else { return };
        if self.seen <= Some(epoch) {
            return;
        }
        if self.config.majority {
            self.call(cx);
        } else if Epoch::after(self.seen, self.me) > epoch {
            self.claim(cx);
        }
    }

    /// No higher node has answered.
    fn win(&mut self, cx: &mut Context<'_, Self>) {
        if self.config.majority { self.ask(cx) } else { self.claim(cx) }
    }

    /// Takes an epoch of its own, without asking.
    fn claim(&mut self, cx: &mut Context<'_, Self>) {
        let epoch = Epoch::after(self.seen, self.me);
        if mutant!(SaveEpochAfterUse) {
            self.lead(epoch, cx);
            self.keep(epoch, cx);
        } else {
            self.keep(epoch, cx);
            self.lead(epoch, cx);
        }
    }

    /// From here on this epoch is ours, has our vote or is followed, through any crash.
    pub(super) fn keep(&mut self, epoch: Epoch, cx: &mut Context<'_, Self>) {
        self.seen = self.seen.max(Some(epoch));
        let half = self.two_slot.put(epoch);
        cx.save(Cell::Latest(half), epoch);
    }

    pub(super) fn lead(&mut self, epoch: Epoch, cx: &mut Context<'_, Self>) {
        self.turn_to(Stage::Leads(epoch, BTreeSet::new()), cx);
        cx.emit(Output::Leads { epoch: Some(epoch) });
        self.say(&Message::Coordinator(epoch), cx);
        self.write_as(epoch, cx);
        self.count_anew(cx);
    }

    /// Tells all nodes that it still leads, even those that follow another leader.
    fn beat(&mut self, cx: &mut Context<'_, Self>) {
        let Stage::Leads(epoch, heard) = &mut self.stage else { return };
        let epoch = *epoch;
        if mutant!(HeartbeatToFollowers) {
            cx.send_all(core::mem::take(heard), &Message::Heartbeat(epoch));
        } else {
            self.say(&Message::Heartbeat(epoch), cx);
        }
        self.write_as(epoch, cx);
    }

    pub(super) fn wait(&mut self, cx: &mut Context<'_, Self>) {
        self.turn_to(Stage::Waits, cx);
        if mutant!(WaitsForEver) {
            return;
        }
        cx.arm(Timer::Coordinator, self.config.coordinator_wait..=self.config.coordinator_wait);
    }

    fn settle(&mut self, cx: &mut Context<'_, Self>) {
        self.is_settled = true;
        let follows_higher = matches!(self.stage, Stage::Follows(leader, _) if leader > self.me);
        if (!follows_higher || mutant!(SettleCalls)) && !matches!(self.stage, Stage::Apart) {
            self.call(cx);
        }
    }

    /// Tells all other members.
    pub(super) fn say(&self, message: &Message, cx: &mut Context<'_, Self>) {
        let others = self.members.iter().copied().filter(|member| *member != self.me);
        cx.send_all(others, message);
    }

    /// Writes to the resource, and will be heard again.
    fn write_as(&self, epoch: Epoch, cx: &mut Context<'_, Self>) {
        if let Some(resource) = self.config.resource {
            cx.send(resource, Message::Write(epoch));
        }
        cx.arm(Timer::Heartbeat, self.config.heartbeat..=self.config.heartbeat);
    }

    /// Leaves what it is in the middle of, with its deadlines.
    pub(super) fn turn_to(&mut self, stage: Stage, cx: &mut Context<'_, Self>) {
        self.supporters = None;
        self.awaited = None;
        let armed: &[Timer] = match self.stage {
            Stage::Apart => &[],
            Stage::Calls | Stage::Asks(..) => &[Timer::Answer],
            Stage::Waits => &[Timer::Coordinator],
            Stage::Follows(..) if self.needs_support() => {
                &[Timer::Leader, Timer::Answer, Timer::Coordinator]
            }
            Stage::Follows(..) => &[Timer::Leader],
            Stage::Leads(..) if self.config.check_quorum => &[Timer::Heartbeat, Timer::Quorum],
            Stage::Leads(..) => &[Timer::Heartbeat],
        };
        for timer in armed {
            cx.disarm(*timer);
        }
        self.stage = stage;
    }
}
