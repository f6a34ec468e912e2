//! The bully election, hardened.
//!
//! The textbook's algorithm believes what it is told once, and a message that
//! is lost or late is believed for ever. Here whoever leads says so again and
//! again, to everybody: a node that missed it, or that a partition had cut
//! off, hears it the next time.
//!
//! - **Heartbeats go to all**, not to followers alone: the two leaders that a
//!   partition has made hear of each other when it heals. The higher one tells
//!   the lower one so.
//! - **Monotone accept**: a lower leader's word does not count while a higher
//!   one is followed, so a late word changes nothing.
//! - **Whoever was answered waits, but not for ever**: if nobody has come
//!   forward after a while, the one who answered has died, and there is
//!   another election.
//! - **Epochs** `(counter, leader)`: later than any its leader knew of, saved
//!   before anybody hears of them, and so never taken twice. Followers save
//!   those that they follow, so that the latest that a node knows of never
//!   falls, through any crash. A follower goes by the id, not by the epoch: the
//!   higher leader's may be the earlier one, until its followers'
//!   acknowledgements tell it of the later one, and it takes one later still.
//! - **Fencing**: what a leader writes carries its epoch, and a resource lets
//!   nothing in that is older than what it has seen ([`Fence`]).
//!
//! Time-outs cannot tell a slow leader from a dead one, so two may lead at a
//! time. Where that must not be, a leader needs the **votes of a majority**
//! for its term, the epoch's counter. A node gives one vote to a term, and
//! saves it first. With **check-quorum** a leader that a majority does not
//! hear steps down. Two that never hear of each other but share a resource
//! outbid each other there for ever; a majority ends that, too.
//!
//! A node that comes and goes and has the highest id would take over every
//! time. With a span to **settle** it follows whoever leads until it has been
//! up for a while.
//!
//! If messages take at most `d`, from some instant on, all live nodes agree on
//! the highest of them no later than `2d + max(leader_wait, coordinator_wait) +
//! answer_wait` after it (and `settle`), given the spans that [`Rules`] asks
//! for and no majority to wait for.
//!
//! After Garcia-Molina, Elections in a Distributed Computing System, 1982;
//! votes and check-quorum after Ongaro and Ousterhout, Raft, 2014.

mod fence;
mod member;
mod rules;
mod votes;
mod wire;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;

pub use fence::Fence;
pub use rules::Rules;
pub use wire::{Cell, Message, Timer};

use super::kept::Kept;
use super::{Command, Elector, Epoch, Output, Role};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

/// A node that takes part in elections, keeps the resource, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hardened {
    rules: Rules,
    me: NodeId,
    members: Arc<[NodeId]>,
    stage: Stage,
    /// Whether it has been up for long enough to be relied on.
    is_settled: bool,
    /// Whether somebody higher has answered since its last election began.
    is_answered: bool,
    /// The latest epoch it has heard of.
    seen: Option<Epoch>,
    /// The latest it has taken, given its vote to or followed.
    kept: Kept<Epoch>,
    fence: Fence,
    /// The latest that the fence has let in.
    let_in: Kept<Epoch>,
}

/// What a node is in the middle of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// It keeps the resource and takes no part.
    Apart,
    /// It holds an election: is anybody higher there?
    Calls,
    /// Nobody was; it asks for votes for this epoch, and has these.
    Asks(Epoch, BTreeSet<NodeId>),
    /// Somebody else shall come forward.
    Waits,
    Follows(NodeId, Epoch),
    /// It leads; who has acknowledged that since it last counted.
    Leads(Epoch, BTreeSet<NodeId>),
}

impl Hardened {
    /// Node `me` of these members, which include it unless it keeps the
    /// resource and nothing else.
    #[must_use]
    pub fn new(rules: Rules, me: NodeId, members: Arc<[NodeId]>) -> Self {
        Self {
            rules,
            me,
            members,
            stage: Stage::Apart,
            is_settled: false,
            is_answered: false,
            seen: None,
            kept: Kept::nothing(),
            fence: Fence::default(),
            let_in: Kept::nothing(),
        }
    }

    /// Does it take part in elections?
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.members.contains(&self.me)
    }

    /// Does it lead although somebody higher has answered its last election?
    #[must_use]
    pub fn usurps(&self) -> bool {
        self.is_answered && matches!(self.stage, Stage::Leads(..))
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
        self.rules.resource
    }

    /// The fence of the resource that it keeps.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.kept = Kept::restored(|half| storage.get(&Cell::Latest(half)).copied());
        self.seen = self.kept.latest();
        self.let_in = Kept::restored(|half| storage.get(&Cell::Fence(half)).copied());
        self.fence = Fence::restored(self.let_in.latest());
        if !self.is_member() {
            return;
        }
        self.is_settled = self.rules.settle.is_zero();
        if self.is_settled {
            self.call(cx);
        } else {
            self.stage = Stage::Waits;
            cx.arm(Timer::Settle, self.rules.settle..=self.rules.settle);
        }
    }

    fn message(&mut self, from: NodeId, message: &Message, cx: &mut Context<'_, Self>) {
        if let Message::Write(epoch) = message {
            return self.write(from, *epoch, cx);
        }
        let is_of_election = self.is_member() && self.members.contains(&from) && from != self.me;
        let is_denied_by_resource =
            matches!(message, Message::Denial(_)) && self.rules.resource == Some(from);
        if is_of_election || is_denied_by_resource {
            self.hear(from, message, cx);
        }
    }

    /// A leader, or who thinks that it is one, writes to the resource here.
    fn write(&mut self, from: NodeId, epoch: Epoch, cx: &mut Context<'_, Self>) {
        if self.rules.resource != Some(self.me) {
            return;
        }
        let before = self.fence.latest();
        match self.fence.admit(epoch) {
            Ok(()) => {
                if before != Some(epoch) {
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
        }
    }
}
