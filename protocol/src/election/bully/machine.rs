use alloc::collections::BTreeSet;

use super::window::Window;
use super::{Cell, Form, Line, Mark, Message, Rules, Timer};
use crate::election::{Command, Elector, Output, Role};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, Time, mutant};

/// One node of a bully election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bully {
    pub(super) rules: Rules,
    pub(super) me: NodeId,
    /// Does it start with the run, and so know who leads then?
    pub(super) is_founder: bool,
    pub(super) stage: Stage,
    pub(super) leader: Option<NodeId>,
    /// How often the silent have been asked in this election.
    pub(super) tries: u32,
    /// Who has not answered in this election; kept only where they are asked again.
    pub(super) silent: BTreeSet<NodeId>,
    /// The highest that answered in this election.
    pub(super) highest: Option<NodeId>,
    /// It has called an election too recently to call another one.
    pub(super) is_limited: bool,
    /// It will call an election when it may.
    pub(super) is_pending: bool,
    /// The elections of a node without a guard that wait for answers.
    pub(super) rounds: BTreeSet<u32>,
    pub(super) round: u32,
    /// When somebody above it last answered.
    pub(super) answered_at: Option<Time>,
    pub(super) announced: Option<Announcement>,
    pub(super) window: Window,
}

/// How far the node is with an election of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has none.
    Idle,
    /// It has asked, and nobody has answered.
    Asking,
    /// Somebody has answered, and is to announce a leader.
    Waiting,
    /// It was over just now, and not everybody need have heard how: questions
    /// that come now are late ones.
    Closing,
    /// As `Closing`; but it had announced itself, and has heard from a higher
    /// leader since: who heard of that one first now follows us.
    Overtaken,
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

    /// The lines of its window from this one on, of all that there ever were in
    /// this life; those that the window had no room for are left out.
    #[must_use]
    pub fn lines_from(&self, first: usize) -> &[Line] {
        let lines = self.window.lines();
        let fresh = self.window.told().saturating_sub(first).min(lines.len());
        &lines[lines.len() - fresh..]
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

    fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Answer => self.answers_are_due(cx),
            Timer::Coordinator if self.stage == Stage::Waiting => {
                self.stand_down(cx);
                self.note(Line::Offline(None));
                self.call(cx);
            }
            Timer::Close if self.is_closing() => self.closed(cx),
            Timer::Limit => {
                self.is_limited = false;
                if core::mem::take(&mut self.is_pending) {
                    self.call(cx);
                }
            }
            Timer::Round(round) if self.rounds.remove(&round) => self.announce(cx),
            Timer::Coordinator | Timer::Close | Timer::Round(_) => {}
        }
    }

    pub(super) fn note(&mut self, line: Line) {
        if self.rules.form == Form::Paper {
            self.window.push(line);
        }
    }
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
