//! The bully election, hardened.
//!
//! The textbook's algorithm sends every message once and believes it for good, even
//! if it was lost or late. Here the leader announces itself again and again, to all
//! nodes. A node that missed an announcement, or that a partition had cut off,
//! receives the next one.
//!
//! - **Heartbeats go to all nodes**, not only to followers. When a partition heals,
//!   the two leaders hear of each other, and the higher one tells the lower one.
//! - **Monotone acceptance**: a node that follows a higher leader ignores a lower
//!   one, so a late message changes nothing.
//! - **Bounded waiting**: a node that was answered waits for an announcement only for a
//!   while. If none comes, the node that answered has crashed, and the waiting node
//!   calls another election.
//! - **Epochs** `(counter, leader)`: a leader takes an epoch later than any that it
//!   knows, and saves it before it sends it. So no epoch is taken twice. Followers
//!   save the epoch that they follow, so the latest epoch that a node knows never
//!   falls, through any crash. A follower compares ids, not epochs: the higher leader
//!   may have the earlier epoch. Then its followers' acknowledgements tell it of
//!   the later one, and it takes a later one still.
//! - **Fencing**: every write of a leader carries its epoch, and a resource refuses
//!   a write with an older epoch than it has seen ([`Fence`]).
//!
//! Time-outs cannot tell a slow leader from a dead one, so two nodes can lead at the
//! same time. If this must not happen, a leader needs the **votes of a majority** for
//! its term, the counter of the epoch. A node gives one vote in a term, and saves
//! it first. With **check-quorum**, a leader steps down if a majority does not
//! acknowledge it, and a candidate needs the support of a majority before it takes an
//! epoch: links that stay cut then raise no epochs without end (`support.rs`). Two leaders that never hear of each other, but share a resource,
//! outbid each other there endlessly; a majority ends that, too.
//!
//! A node with the highest id that restarts often would take over every time. With a
//! span to **settle**, it follows the current leader until it has been up for a while.
//!
//! If from some instant on messages take at most `d`, all live nodes agree on the
//! highest of them no later than `2d + max(leader_wait, coordinator_wait) +
//! answer_wait` after it (and `settle`), given the spans that [`Config`] asks
//! for and no majority to wait for.
//!
//! After Garcia-Molina, "Elections in a distributed computing system", 1982;
//! votes and check-quorum after Ongaro and Ousterhout, Raft, 2014.

mod fence;
mod member;
mod support;
mod votes;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Command, Elector, Epoch, Output, Role, Slot};
use crate::two_slot::TwoSlot;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, mutant};

pub use fence::Fence;

/// A node that takes part in elections, keeps the resource, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hardened {
    config: Config,
    me: NodeId,
    members: Arc<[NodeId]>,
    stage: Stage,
    /// Whether it has been up for long enough to be relied on.
    is_settled: bool,
    /// Whether a higher node has answered since its last election began.
    is_answered: bool,
    /// Who supports it, while it asks for support.
    supporters: Option<BTreeSet<NodeId>>,
    /// The node that has its vote, while it waits for that node to lead.
    awaited: Option<NodeId>,
    /// Whether no majority supported it when it last asked, or heard it when it last led.
    is_alone: bool,
    /// The latest epoch it has heard of.
    seen: Option<Epoch>,
    /// The latest it has taken, given its vote to or followed.
    two_slot: TwoSlot<Epoch>,
    fence: Fence,
    /// The latest that the fence has let in.
    let_in: TwoSlot<Epoch>,
}

/// What a node is in the middle of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// It keeps the resource and takes no part.
    Apart,
    /// It holds an election, and asks whether a higher node is alive.
    Calls,
    /// None was; it asks for votes for this epoch, and has these.
    Asks(Epoch, BTreeSet<NodeId>),
    /// Another node is to come forward.
    Waits,
    Follows(NodeId, Epoch),
    /// It leads; who has acknowledged that since it last counted.
    Leads(Epoch, BTreeSet<NodeId>),
}

impl Hardened {
    /// Node `me` of these members, which include it unless it keeps the
    /// resource and nothing else.
    #[must_use]
    pub fn new(config: Config, me: NodeId, members: Arc<[NodeId]>) -> Self {
        Self {
            config,
            me,
            members,
            stage: Stage::Apart,
            is_settled: false,
            is_answered: false,
            supporters: None,
            awaited: None,
            is_alone: false,
            seen: None,
            two_slot: TwoSlot::nothing(),
            fence: Fence::default(),
            let_in: TwoSlot::nothing(),
        }
    }

    /// Does it take part in elections?
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.members.contains(&self.me)
    }

    /// Whether it leads although a higher node has answered its last election.
    #[must_use]
    pub fn usurps(&self) -> bool {
        self.is_answered && matches!(self.stage, Stage::Leads(..))
    }

    /// Whether it knows of no majority that would have it as the leader. Only with check-quorum.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// The latest epoch it has heard of. It never falls below one that it has
    /// led in, asked for, given its vote to or followed, in any of its lives.
    #[must_use]
    pub fn latest(&self) -> Option<Epoch> {
        self.seen
    }

    /// Who keeps what leaders write.
    #[must_use]
    pub fn resource(&self) -> Option<NodeId> {
        self.config.resource
    }

    /// The fence of the resource that it keeps.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.two_slot = TwoSlot::restored(|half| {
            storage.get(&Cell::Latest(half)).copied().filter(|_| !mutant!(EpochForgotten))
        });
        self.seen = self.two_slot.latest();
        self.let_in = TwoSlot::restored(|half| storage.get(&Cell::Fence(half)).copied());
        self.fence = Fence::restored(self.let_in.latest());
        if !self.is_member() {
            return;
        }
        self.is_settled = self.config.settle.is_zero();
        if self.is_settled {
            self.call(cx);
        } else {
            self.stage = Stage::Waits;
            cx.arm(Timer::Settle, self.config.settle..=self.config.settle);
        }
    }

    fn message(&mut self, from: NodeId, message: &Message, cx: &mut Context<'_, Self>) {
        if let Message::Write(epoch) = message {
            return self.write(from, *epoch, cx);
        }
        let is_of_election = self.is_member() && self.members.contains(&from) && from != self.me;
        let is_denied_by_resource =
            matches!(message, Message::Denial(_)) && self.config.resource == Some(from);
        if is_of_election || is_denied_by_resource {
            self.hear(from, message, cx);
        }
    }

    /// A leader, or who thinks that it is one, writes to the resource here.
    fn write(&mut self, from: NodeId, epoch: Epoch, cx: &mut Context<'_, Self>) {
        if self.config.resource != Some(self.me) {
            return;
        }
        let before = self.fence.latest();
        match self.fence.admit(epoch) {
            Ok(()) => {
                if before != Some(epoch) && !mutant!(FenceUnsaved) {
                    cx.save(Cell::Fence(self.let_in.put(epoch)), epoch);
                }
                cx.emit(Output::Admits { epoch });
            }
            Err(latest) => {
                cx.emit(Output::Refuses { epoch });
                cx.send(from, Message::Denial(latest));
            }
        }
    }
}

impl Elector for Hardened {
    fn leader(&self) -> Option<NodeId> {
        match self.stage {
            Stage::Follows(leader, _) => Some(leader),
            Stage::Leads(..) => Some(self.me),
            Stage::Apart | Stage::Calls | Stage::Asks(..) | Stage::Waits => None,
        }
    }

    fn role(&self) -> Role {
        match self.stage {
            Stage::Apart => Role::Apart,
            Stage::Calls | Stage::Asks(..) => Role::Candidate,
            Stage::Waits => Role::Waits,
            Stage::Follows(..) => Role::Follows,
            Stage::Leads(..) => Role::Leads,
        }
    }

    fn epoch(&self) -> Option<Epoch> {
        match self.stage {
            Stage::Follows(_, epoch) | Stage::Leads(epoch, _) => Some(epoch),
            Stage::Apart | Stage::Calls | Stage::Asks(..) | Stage::Waits => None,
        }
    }
}

impl Machine for Hardened {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Epoch;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(Command::Suspect) => {
                if self.is_settled && matches!(self.stage, Stage::Follows(..)) {
                    self.call(cx);
                }
            }
            Input::Message { from, message } => self.message(from, &message, cx),
            Input::Timer(timer) => self.timer(timer, cx),
            Input::Link { .. } => {}
        }
    }
}

/// How long a node waits, and what it makes sure of. With `d` the longest time
/// that a message takes, an election settles if the spans are as said here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How long a candidate waits for an answer before it leads: more than `2d`.
    pub answer_wait: Duration,
    /// How long a node that answered has to become the leader: at least
    /// `answer_wait` and `2d`.
    pub coordinator_wait: Duration,
    /// How often a leader is heard; not nothing.
    pub heartbeat: Duration,
    /// How long a leader may be silent: at least `heartbeat` and `d`, and with
    /// `check_quorum` another `d`.
    pub leader_wait: Duration,
    /// Does a leader need the votes of a majority? Without, there may be two
    /// leaders at a time, in epochs of their own; with it, one in each term.
    pub majority: bool,
    /// Does a leader that a majority has not heard for `leader_wait` step down? With it and
    /// `majority`, a candidate asks for a majority's support before it asks for votes.
    pub check_quorum: bool,
    /// How long a node that has started stands back: it follows any leader, even a
    /// lower one, and answers no election. Zero: it calls an election at once.
    pub settle: Duration,
    /// Who keeps what leaders write. It may be one that takes no part itself.
    pub resource: Option<NodeId>,
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// To all higher nodes: I hold an election. Are you alive?
    Election,
    /// To a lower caller: I am, leave it to me.
    Answer,
    /// I lead.
    Coordinator(Epoch),
    /// I still lead.
    Heartbeat(Epoch),
    /// To a leader that is followed: I hear you. With the latest epoch known.
    Ack(Option<Epoch>),
    /// To all nodes, where a majority decides: may I lead in this epoch?
    Request(Epoch),
    /// You may; no other node has my vote for that number.
    Vote(Epoch),
    /// To the resource: a write, with its leader's token.
    Write(Epoch),
    /// To who asked for a vote or wrote: no, there is a later epoch.
    Denial(Epoch),
    /// To all nodes, with check-quorum: would you vote for me?
    Probe,
    /// I would, as far as I know.
    Support,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Answer => "answer",
            Self::Coordinator(_) => "coordinator",
            Self::Heartbeat(_) => "heartbeat",
            Self::Ack(_) => "heartbeat_ack",
            Self::Request(_) => "request",
            Self::Vote(_) => "vote",
            Self::Write(_) => "write",
            Self::Denial(_) => "denial",
            Self::Probe => "probe",
            Self::Support => "support",
        }
    }
}

impl Message {
    /// The epoch that it tells of.
    #[must_use]
    pub fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Election | Self::Answer | Self::Probe | Self::Support => None,
            Self::Ack(epoch) => *epoch,
            Self::Coordinator(epoch)
            | Self::Heartbeat(epoch)
            | Self::Request(epoch)
            | Self::Vote(epoch)
            | Self::Write(epoch)
            | Self::Denial(epoch) => Some(*epoch),
        }
    }
}

/// Names of a node's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// No higher node has answered our election, or too few have voted.
    Answer,
    /// Who answered has not become the leader.
    Coordinator,
    /// The leader is not heard any more.
    Leader,
    /// Time to be heard.
    Heartbeat,
    /// Time to count who has heard us.
    Quorum,
    /// We have been up long enough to be relied on.
    Settle,
}

/// Durable cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// The latest epoch that we have taken, given our vote to or followed.
    Latest(Slot),
    /// The latest epoch that the resource here has let in.
    Fence(Slot),
}
