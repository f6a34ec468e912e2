//! The bully election as it was first published, with its reorganisation.
//!
//! A node that calls an election asks the nodes above it, one by one. The first
//! answer ends the election. The node that answers does *not* begin an election: the
//! coordinator will find by its own questions that a node is not at work. If no
//! node answers, the caller **halts** all nodes below it, one by one, tells those
//! that answered that it is their coordinator, and then gives them the task to work
//! on. A halted node obeys only the node that halted it. So two working nodes never
//! have different coordinators. In the later textbook form, which does not halt
//! nodes, they can.
//!
//! The algorithm needs a network that delivers in order and within a bound, and
//! nodes that answer at once: no answer within [`Config::answer_wait`] *is* a crash.
//!
//! Garcia-Molina, "Elections in a distributed computing system", IEEE Transactions
//! on Computers, 1982: the algorithm of the section on synchronous systems. When all
//! nodes below are halted, the calls to them are made in parallel here, not one
//! after the other.

mod caller;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Command, Elector, Epoch, Output, Role, Slot};
use crate::two_slot::TwoSlot;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, mutant};

/// How long a node waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How long a call may take: more than a round trip.
    pub answer_wait: Duration,
    /// How often the coordinator asks whether all are at work; not nothing.
    pub check: Duration,
    /// After how long without a word of the coordinator a node asks for it;
    /// not nothing.
    pub timeout: Duration,
}

/// What a node is at, the paper's variable `s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It has just come up.
    Down,
    /// It is halted, or halts others.
    Election,
    /// Its coordinator is known, the task is not.
    Reorganization,
    /// It is at work.
    Normal,
}

/// A node of the 1982 algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GarciaMolina {
    config: Config,
    me: NodeId,
    members: Arc<[NodeId]>,
    status: Status,
    coordinator: Option<NodeId>,
    task: Option<Epoch>,
    /// Who halted it last.
    halter: Option<NodeId>,
    /// The calls it waits for, and which they are.
    stage: Stage,
    last_call: Call,
    /// How many elections it has held.
    rounds: TwoSlot<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// It has no call out.
    Idle,
    /// It calls an election, and asks this one.
    AsksAbove(NodeId),
    /// No higher node is up. It halts this one; those are halted.
    Halts(NodeId, BTreeSet<NodeId>),
    /// It tells these of its group that it coordinates them.
    Announces(BTreeSet<NodeId>, BTreeSet<NodeId>),
    /// It tells these the task.
    Distributes(BTreeSet<NodeId>),
    /// It coordinates, and asks these whether they are at work.
    Checks(BTreeSet<NodeId>),
    /// It asks the coordinator whether it is there.
    Asks(NodeId),
}

impl GarciaMolina {
    /// Node `me` of these members, which include it.
    #[must_use]
    pub fn new(config: Config, me: NodeId, members: Arc<[NodeId]>) -> Self {
        Self {
            config,
            me,
            members,
            status: Status::Down,
            coordinator: None,
            task: None,
            halter: None,
            stage: Stage::Idle,
            last_call: Call { round: 0, step: 0 },
            rounds: TwoSlot::nothing(),
        }
    }

    /// What it is at.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// The coordinator of the group that it belongs to, if it belongs to one:
    /// while it reorganises or works.
    #[must_use]
    pub fn coordinator(&self) -> Option<NodeId> {
        let belongs = matches!(self.status, Status::Reorganization | Status::Normal);
        self.coordinator.filter(|_| belongs)
    }

    /// What it works on, while it does.
    #[must_use]
    pub fn task(&self) -> Option<Epoch> {
        self.task.filter(|_| self.status == Status::Normal)
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.rounds = TwoSlot::restored(|half| storage.get(&Cell::Round(half)).copied());
        self.last_call.round = self.rounds.latest().unwrap_or_default();
        self.call_election(cx);
    }

    fn message(&mut self, from: NodeId, message: &Message, cx: &mut Context<'_, Self>) {
        if from == self.me || !self.members.contains(&from) {
            return;
        }
        let answer = |call: &Call, is_yes| Message::Answer { call: *call, is_yes };
        match message {
            Message::AreYouThere(call) => cx.send(from, answer(call, true)),
            Message::AreYouNormal(call) => {
                let is_at_work = self.status == Status::Normal && self.coordinator == Some(from);
                if is_at_work && !mutant!(CheckUnheeded) {
                    self.wait_for_coordinator(cx);
                }
                cx.send(from, answer(call, is_at_work));
            }
            Message::Halt(call) if from > self.me => {
                self.halted(from, cx);
                cx.send(from, answer(call, true));
            }
            Message::NewCoordinator(call) if self.heeds(from) => {
                self.coordinator = Some(from);
                self.status = Status::Reorganization;
                self.wait_for_coordinator(cx);
                cx.send(from, answer(call, true));
            }
            Message::Ready { call, task }
                if self.status == Status::Reorganization && self.coordinator == Some(from) =>
            {
                self.task = Some(*task);
                self.status = Status::Normal;
                cx.emit(Output::Follows { leader: from, epoch: Some(*task) });
                self.wait_for_coordinator(cx);
                cx.send(from, answer(call, true));
            }
            Message::Answer { call, is_yes } if *call == self.last_call || mutant!(PastAnswers) => {
                self.answered(from, *is_yes, cx);
            }
            Message::Halt(_)
            | Message::NewCoordinator(_)
            | Message::Ready { .. }
            | Message::Answer { .. } => {}
        }
    }

    /// Stops whatever it does, for one above it.
    fn halted(&mut self, from: NodeId, cx: &mut Context<'_, Self>) {
        if mutant!(HaltUnheeded) {
            self.halter = Some(from);
            return;
        }
        self.rest(cx);
        self.status = Status::Election;
        if self.halter != Some(from) {
            cx.emit(Output::Yields { to: from });
        }
        self.halter = Some(from);
        self.wait_for_coordinator(cx);
    }

    /// Does the word of a new coordinator count?
    fn heeds(&self, from: NodeId) -> bool {
        self.status == Status::Election && self.halter == Some(from)
    }

    /// No message has come for long.
    fn timed_out(&mut self, cx: &mut Context<'_, Self>) {
        match self.coordinator() {
            Some(coordinator) if coordinator != self.me => {
                let call = self.next_call(cx);
                cx.send(coordinator, Message::AreYouThere(call));
                self.stage = Stage::Asks(coordinator);
            }
            _ => self.call_election(cx),
        }
    }

    fn wait_for_coordinator(&self, cx: &mut Context<'_, Self>) {
        if matches!(self.stage, Stage::Idle) {
            cx.arm(Timer::Coordinator, self.config.timeout..=self.config.timeout);
        }
    }

    fn holds_election(&self) -> bool {
        match self.stage {
            Stage::AsksAbove(_)
            | Stage::Halts(..)
            | Stage::Announces(..)
            | Stage::Distributes(_) => true,
            Stage::Idle | Stage::Checks(_) | Stage::Asks(_) => false,
        }
    }
}

impl Elector for GarciaMolina {
    fn leader(&self) -> Option<NodeId> {
        self.coordinator.filter(|_| self.status == Status::Normal && !self.holds_election())
    }

    fn role(&self) -> Role {
        match self.leader() {
            _ if self.holds_election() => Role::Candidate,
            None => Role::Waits,
            Some(leader) if leader == self.me => Role::Leads,
            Some(_) => Role::Follows,
        }
    }

    fn epoch(&self) -> Option<Epoch> {
        self.task()
    }
}

impl Machine for GarciaMolina {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(Command::Suspect) => {
                if self.coordinator() != Some(self.me) && !self.holds_election() {
                    self.call_election(cx);
                }
            }
            Input::Message { from, message } => self.message(from, &message, cx),
            Input::Timer(Timer::Call) => self.silent(cx),
            Input::Timer(Timer::Check) => self.check(cx),
            Input::Timer(Timer::Coordinator) if matches!(self.stage, Stage::Idle) => {
                self.timed_out(cx);
            }
            Input::Timer(Timer::Coordinator) | Input::Link { .. } => {}
        }
    }
}

/// Which call an answer belongs to. Every call of a node, over all its lives,
/// has a number of its own, so that an answer of the past answers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Call {
    /// The caller's latest election, counted in a durable cell.
    pub round: u64,
    /// Which batch of calls since that election began.
    pub step: u32,
}

/// What nodes say to each other: calls, and the answer to any of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Are you up?
    AreYouThere(Call),
    /// From the coordinator: are you at work for me?
    AreYouNormal(Call),
    /// From the caller of an election: stop your work, and obey no other node.
    Halt(Call),
    /// From who halted you: I am your coordinator.
    NewCoordinator(Call),
    /// From the new coordinator: this is the task, to work.
    Ready {
        /// The call.
        call: Call,
        /// What to work on, named by who gave it out and when.
        task: Epoch,
    },
    /// Yes, or no.
    Answer {
        /// To which call.
        call: Call,
        /// Only to `AreYouNormal` there is another answer than yes.
        is_yes: bool,
    },
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::AreYouThere(_) => "are_you_there",
            Self::AreYouNormal(_) => "are_you_normal",
            Self::Halt(_) => "halt",
            Self::NewCoordinator(_) => "new_coordinator",
            Self::Ready { .. } => "ready",
            Self::Answer { .. } => "answer",
        }
    }
}

/// Names of a node's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Who has not answered the calls at hand by now is down.
    Call,
    /// The coordinator asks whether all are at work.
    Check,
    /// The coordinator has not been heard for long.
    Coordinator,
}

/// Durable cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// How many elections the node has held.
    Round(Slot),
}
