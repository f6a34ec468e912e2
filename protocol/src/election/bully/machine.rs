use alloc::collections::BTreeSet;
use core::time::Duration;

use super::window::Window;
use super::{Cell, Form, Line, Mark, Message, Rules, Timer};
use crate::election::{Command, Elector, Output, Role};
use crate::{Context, Input, Machine, NodeId, Storage, Time, mutant};

/// One node of a bully election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bully {
    rules: Rules,
    me: NodeId,
    /// Does it start with the run, and so know who leads then?
    is_founder: bool,
    stage: Stage,
    leader: Option<NodeId>,
    /// How often the silent have been asked in this election.
    tries: u32,
    /// Who has not answered in this election; kept only where they are asked again.
    silent: BTreeSet<NodeId>,
    /// The highest that answered in this election.
    highest: Option<NodeId>,
    /// It has called an election too recently to call another one.
    is_limited: bool,
    /// It will call an election when it may.
    is_pending: bool,
    /// The elections of a node without a guard that wait for answers.
    rounds: BTreeSet<u32>,
    round: u32,
    /// When somebody above it last answered.
    answered_at: Option<Time>,
    announced: Option<Announcement>,
    window: Window,
}

/// How far the node is with an election of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has none.
    Idle,
    /// It has asked, and nobody has answered.
    Asking,
    /// Somebody has answered, and is to announce a leader.
    Waiting,
    /// It was over just now, and not everybody need have heard how: questions
    /// that come now are late ones.
    Settling,
}

/// What a leader knew when it announced itself, by its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// When it did.
    pub at: Time,
    /// When somebody above it had last answered it in this life, if ever.
    pub answered_at: Option<Time>,
}

impl Bully {
    /// Node `me`. One that `is_founder` starts with the run, and knows who
    /// leads then; any other calls an election when it starts.
    #[must_use]
    pub fn new(rules: Rules, me: NodeId, is_founder: bool) -> Self {
        Self {
            rules,
            me,
            is_founder,
            stage: Stage::Idle,
            leader: None,
            tries: 0,
            silent: BTreeSet::new(),
            highest: None,
            is_limited: false,
            is_pending: false,
            rounds: BTreeSet::new(),
            round: 0,
            answered_at: None,
            announced: None,
            window: Window::default(),
        }
    }

    /// How it goes about elections.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Its last announcement in this life, if it made one.
    #[must_use]
    pub fn announced(&self) -> Option<Announcement> {
        self.announced
    }

    /// What its owner sees, in the paper's form: the last hundred lines.
    #[must_use]
    pub fn window(&self) -> &[Line] {
        self.window.lines()
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        *self = Self::new(self.rules, self.me, self.is_founder);
        let is_new = !storage.contains_key(&Cell::Joined);
        if is_new {
            cx.save(Cell::Joined, Mark(self.me));
        }
        if (is_new && self.is_founder) || mutant!(ReturnsQuietly) {
            self.leader = self.rules.initial_leader;
        } else {
            self.call(cx);
        }
    }

    fn suspect(&mut self, cx: &mut Context<'_, Self>) {
        let is_over = self.stage == Stage::Settling;
        if self.role() != Role::Leads && (is_over || self.may_call()) {
            self.stand_down(cx);
            self.note(Line::Offline(self.leader));
            self.call(cx);
        }
    }

    /// A node below asks whether we are alive.
    fn election(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from >= self.me || (self.is_limited && mutant!(SilentWhileLimited)) {
            return;
        }
        cx.send(from, Message::Answer);
        self.note(Line::Alive(from));
        if !self.rules.one_round && self.may_call() {
            self.call(cx);
        }
    }

    /// Is there no election of ours already? Without a guard nobody cares.
    fn may_call(&self) -> bool {
        self.stage == Stage::Idle || !self.rules.guard || mutant!(NoGuard)
    }

    fn call(&mut self, cx: &mut Context<'_, Self>) {
        if self.is_limited {
            self.is_pending = !mutant!(LimitForgets);
            return;
        }
        if let Some(limit) = self.rules.rate_limit {
            self.is_limited = true;
            arm(Timer::Limit, limit, cx);
        }
        self.leader = None;
        self.highest = None;
        cx.emit(Output::Calls);
        let Some(next) = NodeId::new(self.me.number().saturating_add(1)) else { return };
        if self.me.number() >= self.rules.nodes {
            return self.announce(cx);
        }
        let last = NodeId::new(self.rules.nodes).unwrap_or(next);
        self.note(Line::Asks(next, last));
        self.stage = Stage::Asking;
        self.tries = 1;
        cx.send_all(range(next, last), &Message::Election);
        if self.rules.tries > 1 {
            self.silent = range(next, last).collect();
        }
        if self.rules.guard && !mutant!(NoGuard) {
            arm(Timer::Answer, self.rules.answer_wait, cx);
        } else {
            self.round = self.round.wrapping_add(1);
            self.rounds.insert(self.round);
            arm(Timer::Round(self.round), self.rules.answer_wait, cx);
        }
    }

    /// A node above is alive.
    fn answer(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from <= self.me {
            return;
        }
        self.answered_at = Some(cx.now());
        self.silent.remove(&from);
        if self.stage != Stage::Asking || mutant!(AnswerIgnored) {
            return;
        }
        self.highest = self.highest.max(Some(from));
        self.note(Line::Answered(from));
        if !self.rules.one_round {
            self.close_rounds(cx);
            if self.silent.is_empty() {
                cx.disarm(Timer::Answer);
            }
            self.yield_to(from, cx);
        }
    }

    fn yield_to(&mut self, to: NodeId, cx: &mut Context<'_, Self>) {
        self.stage = Stage::Waiting;
        cx.emit(Output::Yields { to });
        if !mutant!(WaitsForEver) {
            arm(Timer::Coordinator, self.rules.coordinator_wait, cx);
        }
    }

    /// The silent had the time to answer.
    fn answers_are_due(&mut self, cx: &mut Context<'_, Self>) {
        let is_asking = self.stage == Stage::Asking;
        if !is_asking && self.stage != Stage::Waiting {
            return;
        }
        if self.tries < self.rules.tries && !self.silent.is_empty() {
            self.tries += 1;
            cx.send_all(self.silent.iter().copied(), &Message::Election);
            arm(Timer::Answer, self.rules.answer_wait, cx);
        } else if let Some(highest) = self.highest.filter(|_| is_asking) {
            cx.send(highest, Message::Nominate);
            self.yield_to(highest, cx);
        } else if is_asking {
            self.announce(cx);
        }
    }

    /// We are the highest that answered one below.
    fn nominate(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from < self.me && self.rules.one_round && self.stage != Stage::Settling {
            self.announce(cx);
        }
    }

    fn announce(&mut self, cx: &mut Context<'_, Self>) {
        self.stand_down(cx);
        self.leader = Some(self.me);
        self.announced = Some(Announcement { at: cx.now(), answered_at: self.answered_at });
        self.note(Line::Leads);
        cx.emit(Output::Leads { epoch: None });
        let last = match self.rules.form {
            Form::Textbook => self.me.number() - 1,
            Form::Paper => self.rules.nodes,
        };
        let others = (1..=last).filter_map(NodeId::new).filter(|other| *other != self.me);
        cx.send_all(others, &Message::Coordinator);
        self.settle(cx);
    }

    fn settle(&mut self, cx: &mut Context<'_, Self>) {
        self.stage = Stage::Settling;
        arm(Timer::Settle, self.rules.patience(), cx);
    }

    fn coordinator(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if from > self.me || mutant!(AcceptsLower) {
            let was_in_it = self.stage != Stage::Idle;
            let is_news = self.leader != Some(from);
            self.stand_down(cx);
            self.close_rounds(cx);
            if was_in_it {
                self.settle(cx);
            }
            self.leader = Some(from);
            if is_news {
                self.note(Line::Follows(from));
                cx.emit(Output::Follows { leader: from, epoch: None });
            }
        } else if from < self.me && self.may_call() {
            self.call(cx);
        }
    }

    /// The election is over for us, and so is any that we still meant to call.
    fn stand_down(&mut self, cx: &mut Context<'_, Self>) {
        self.is_pending = false;
        self.silent.clear();
        if self.stage != Stage::Idle {
            self.stage = Stage::Idle;
            cx.disarm(Timer::Answer);
            cx.disarm(Timer::Coordinator);
            cx.disarm(Timer::Settle);
        }
    }

    fn close_rounds(&mut self, cx: &mut Context<'_, Self>) {
        while let Some(round) = self.rounds.pop_first() {
            cx.disarm(Timer::Round(round));
        }
    }

    fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Answer => self.answers_are_due(cx),
            Timer::Coordinator if self.stage == Stage::Waiting => {
                self.stand_down(cx);
                self.note(Line::Offline(None));
                self.call(cx);
            }
            Timer::Settle if self.stage == Stage::Settling => self.stage = Stage::Idle,
            Timer::Limit => {
                self.is_limited = false;
                if core::mem::take(&mut self.is_pending) {
                    self.call(cx);
                }
            }
            Timer::Round(round) if self.rounds.remove(&round) => self.announce(cx),
            Timer::Coordinator | Timer::Settle | Timer::Round(_) => {}
        }
    }

    fn note(&mut self, line: Line) {
        if self.rules.form == Form::Paper {
            self.window.push(line);
        }
    }
}

fn arm(timer: Timer, after: Duration, cx: &mut Context<'_, Bully>) {
    cx.arm(timer, after..=after);
}

fn range(first: NodeId, last: NodeId) -> impl Iterator<Item = NodeId> {
    (first.number()..=last.number()).filter_map(NodeId::new)
}

impl Elector for Bully {
    fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    fn role(&self) -> Role {
        match self.stage {
            Stage::Asking => Role::Candidate,
            Stage::Waiting => Role::Waits,
            _ if self.is_pending => Role::Waits,
            _ if self.leader == Some(self.me) => Role::Leads,
            _ => Role::Follows,
        }
    }
}

impl Machine for Bully {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Mark;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(Command::Suspect) => self.suspect(cx),
            Input::Message { from, message } => match message {
                Message::Election => self.election(from, cx),
                Message::Answer => self.answer(from, cx),
                Message::Coordinator => self.coordinator(from, cx),
                Message::Nominate => self.nominate(from, cx),
            },
            Input::Timer(timer) => self.timer(timer, cx),
        }
    }
}
