//! The course of an election, question by question.

use core::time::Duration;

use super::{Announcement, Bully, Stage};
use super::{Form, Line, Message, Timer};
use crate::election::{Elector as _, Output, Role};
use rehearsal_machine::{Context, NodeId, mutant};

impl Bully {
    pub(super) fn suspect(&mut self, cx: &mut Context<'_, Self>) {
        let is_over = self.is_closing() && !mutant!(DeafWhileClosing);
        if self.role() != Role::Leads && (is_over || self.may_call()) {
            self.stand_down(cx);
            self.note(Line::Offline(self.leader));
            self.call(cx);
        }
    }

    /// A node below asks whether we are alive.
    pub(super) fn election(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from >= self.me || (self.is_limited && mutant!(SilentWhileLimited)) {
            return;
        }
        cx.send(from, Message::Answer);
        self.note(Line::Alive(from));
        if self.config.one_round {
            self.asked_at.insert(from, cx.now());
        }
        if self.config.one_round || !self.may_call() {
            return;
        }
        if self.is_limited && self.role() == Role::Leads {
            cx.send(from, Message::Coordinator);
        } else {
            self.call(cx);
        }
    }

    /// Whether no election of ours is going on; without a guard always true.
    fn may_call(&self) -> bool {
        self.stage == Stage::Idle || !self.config.guard || mutant!(NoGuard)
    }

    pub(super) fn call(&mut self, cx: &mut Context<'_, Self>) {
        if self.is_limited {
            self.is_pending = !mutant!(LimitForgets);
            return;
        }
        if let Some(limit) = self.config.rate_limit {
            self.is_limited = true;
            arm(Timer::Limit, limit, cx);
        }
        self.leader = None;
        self.highest = None;
        cx.emit(Output::Calls);
        let Some(next) = NodeId::new(self.me.number().saturating_add(1)) else { return };
        if self.me.number() >= self.config.nodes {
            return self.announce(cx);
        }
        let last = NodeId::new(self.config.nodes).unwrap_or(next);
        self.note(Line::Asks(next, last));
        self.stage = Stage::Asking;
        self.tries = 1;
        let asked = if mutant!(AsksOnlyNext) { next } else { last };
        cx.send_all(range(next, asked), &Message::Election);
        if self.config.tries > 1 {
            self.silent = range(next, last).collect();
        }
        if self.config.guard && !mutant!(NoGuard) {
            arm(Timer::Answer, self.config.answer_wait, cx);
        } else {
            self.round = self.round.wrapping_add(1);
            self.rounds.insert(self.round);
            arm(Timer::Round(self.round), self.config.answer_wait, cx);
        }
    }

    /// A node above is alive.
    pub(super) fn answer(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from <= self.me {
            return;
        }
        self.answered_at = Some(cx.now());
        self.silent.remove(&from);
        let is_awaited = self.stage == Stage::Asking || !self.rounds.is_empty();
        if !is_awaited || mutant!(AnswerIgnored) {
            return;
        }
        self.highest =
            if mutant!(NamesTheLast) { Some(from) } else { self.highest.max(Some(from)) };
        self.note(Line::Answered(from));
        if !self.config.one_round {
            self.close_rounds(cx);
            if self.silent.is_empty() {
                cx.disarm(Timer::Answer);
            }
            self.yield_to(from, cx);
        }
    }

    fn yield_to(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        self.stage = Stage::Waiting;
        self.leader = None;
        cx.emit(Output::Yields { to });
        if !mutant!(WaitsForEver) {
            arm(Timer::Coordinator, self.config.coordinator_wait, cx);
        }
    }

    /// The silent had the time to answer.
    pub(super) fn answers_are_due(&mut self, cx: &mut Context<'_, Self>) {
        let is_asking = self.stage == Stage::Asking;
        if !is_asking && self.stage != Stage::Waiting {
            return;
        }
        if self.tries < self.config.tries && !self.silent.is_empty() {
            self.tries += 1;
            cx.send_all(self.silent.iter().copied(), &Message::Election);
            if !mutant!(RetryUnarmed) {
                arm(Timer::Answer, self.config.answer_wait, cx);
            }
        } else if let Some(highest) = self.highest.filter(|_| is_asking) {
            cx.send(highest, Message::Nominate);
            self.yield_to(highest, cx);
        } else if is_asking {
            self.announce(cx);
        }
    }

    /// We are the highest node that answered a lower one. If a higher leader has announced
    /// itself since the lower node asked us, the nomination is out of date; if it comes
    /// right after a question, it belongs to an earlier one.
    pub(super) fn nominate(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        let least = self.config.answer_wait / 2;
        let is_due = self.asked_at.get(&from).is_some_and(|asked| *asked + least <= cx.now());
        let counts = self.config.one_round && (is_due || mutant!(HeedsLateNominations));
        if from < self.me && counts && !self.is_closing() {
            self.announce(cx);
        }
    }

    pub(super) fn announce(&mut self, cx: &mut Context<'_, Self>) {
        self.stand_down(cx);
        self.leader = Some(self.me);
        self.announced = Some(Announcement { at: cx.now(), answered_at: self.answered_at });
        cx.emit(Output::Leads { epoch: None });
        self.tell(cx);
    }

    /// Tells all nodes that a leader tells, perhaps once more, that it leads.
    fn tell(&mut self, cx: &mut Context<'_, Self>) {
        self.note(Line::Leads { me: self.me, nodes: self.config.nodes });
        let last = match self.config.form {
            Form::Textbook => self.me.number() - 1,
            Form::Paper => self.config.nodes,
        };
        let first = if mutant!(LowestUntold) { 2 } else { 1 };
        let others = (first..=last).filter_map(NodeId::new).filter(|other| *other != self.me);
        cx.send_all(others, &Message::Coordinator);
        self.close(Stage::Closing, cx);
    }

    /// What was said in the election, or at its end, may still be on its way.
    fn close(&mut self, stage: Stage, cx: &mut Context<'_, Self>) {
        self.stage = stage;
        arm(Timer::Close, self.config.patience(), cx);
    }

    /// All nodes have heard how the election ended.
    pub(super) fn closed(&mut self, cx: &mut Context<'_, Self>) {
        let has_misled = self.stage == Stage::Overtaken && !mutant!(MisleadsQuietly);
        self.stage = Stage::Idle;
        if let Some(leader) = self.leader.filter(|_| has_misled) {
            cx.send(leader, Message::Coordinator);
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing | Stage::Overtaken)
    }

    pub(super) fn coordinator(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from > self.me || mutant!(AcceptsLower) {
            let stage = match self.stage {
                Stage::Idle => None,
                Stage::Overtaken => Some(Stage::Overtaken),
                _ if self.role() == Role::Leads => Some(Stage::Overtaken),
                _ => Some(Stage::Closing),
            };
            let is_news = self.leader != Some(from);
            self.asked_at.clear();
            self.stand_down(cx);
            self.close_rounds(cx);
            if let Some(stage) = stage {
                self.close(stage, cx);
            }
            self.leader = Some(from);
            if is_news {
                self.note(Line::Follows(from));
                cx.emit(Output::Follows { leader: from, epoch: None });
            }
        } else if from < self.me && !mutant!(LowerLeadsOn) {
            if self.role() == Role::Leads {
                self.tell(cx);
            } else if self.may_call() {
                self.call(cx);
            }
        }
    }

    /// The election is over for us, and so is any that we still meant to call.
    pub(super) fn stand_down(&mut self, cx: &mut Context<'_, Self>) {
        self.is_pending = self.is_pending && mutant!(MakesUpInVain);
        self.silent.clear();
        if self.stage != Stage::Idle {
            self.stage = Stage::Idle;
            cx.disarm(Timer::Answer);
            cx.disarm(Timer::Coordinator);
            cx.disarm(Timer::Close);
        }
    }

    fn close_rounds(&mut self, cx: &mut Context<'_, Self>) {
        while let Some(round) = self.rounds.pop_first() {
            cx.disarm(Timer::Round(round));
        }
    }
}

fn arm(timer: Timer, after: Duration, cx: &mut Context<'_, Bully>) {
    cx.arm(timer, after..=after);
}

fn range(first: NodeId, last: NodeId) -> impl Iterator<Item = NodeId> {
    (first.number()..=last.number()).filter_map(NodeId::new)
}
