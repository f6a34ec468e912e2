use alloc::vec::Vec;

use crate::deadlines::{Deadlines, Expiry, Wakeup};
use crate::{Context, Draw, Effect, Input, Machine, NodeId, Time};

/// One incarnation of a node: its machine and its armed deadlines. The simulator
/// and the socket adapter drive it in the same way:
///
/// 1. Give the node an input with [`handle`](Self::handle); first of all
///    [`Input::Start`] with what earlier incarnations saved.
/// 2. Carry out the effects one at a time, in order: send, save, emit; for
///    [`Effect::Arm`] pick a span and call [`arm`](Self::arm), for
///    [`Effect::Disarm`] call [`disarm`](Self::disarm).
/// 3. Put every [`Wakeup`] that the node asks for into a schedule. When it is due,
///    call [`expire`](Self::expire), and give the node [`Input::Timer`] if the
///    deadline has come.
///
/// To crash a node, drop it. To restart it, make a new one with the next
/// incarnation: a deadline of the old one cannot come any more. A
/// clone is a fork: it has the same state and the same deadlines.
#[derive(Clone)]
pub struct Node<M: Machine> {
    id: NodeId,
    incarnation: u32,
    machine: M,
    deadlines: Deadlines<M::Timer>,
}

impl<M: Machine> Node<M> {
    /// A node that has not started: its first input must be [`Input::Start`].
    pub fn new(id: NodeId, incarnation: u32, machine: M) -> Self {
        Self { id, incarnation, machine, deadlines: Deadlines::new() }
    }

    /// The id of the node.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// The number of this incarnation of the node, from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// The machine, to look at.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Takes one input. The effects go to the end of `effects`, and the driver
    /// carries them out one at a time. `now` is the time on the node's own clock.
    pub fn handle(
        &mut self,
        input: Input<M>,
        now: Time,
        draws: &mut dyn Draw,
        effects: &mut Vec<Effect<M>>,
    ) {
        self.machine.handle(input, &mut Context::new(self.id, now, draws, effects));
    }

    /// Carries out an [`Effect::Arm`] whose span the driver has picked: the
    /// deadline comes at `at` on the node's own clock. Returns the wakeup that the
    /// driver must put into its schedule, if the node needs one more.
    pub fn arm(&mut self, timer: M::Timer, at: Time) -> Option<Wakeup> {
        self.deadlines.arm(timer, at)
    }

    /// Carries out an [`Effect::Disarm`].
    pub fn disarm(&mut self, timer: &M::Timer) {
        self.deadlines.disarm(timer);
    }

    /// Moves an armed deadline to `at` on the node's own clock, as a fault of a rehearsal
    /// does. Returns the wakeup that the driver must put into its schedule, if the node
    /// needs one more. A deadline that is not armed stays so.
    pub fn move_deadline(&mut self, timer: &M::Timer, at: Time) -> Option<Wakeup> {
        self.deadlines.move_to(timer, at)
    }

    /// Tells what to do now that the wakeup of this arming is due, at `now` on the
    /// node's own clock.
    pub fn expire(&mut self, timer: &M::Timer, arming: u64, now: Time) -> Expiry {
        self.deadlines.expire(timer, arming, now)
    }

    /// The wakeups that the deadlines need after the node's clock has changed. Older
    /// wakeups may stay in the schedule; nothing happens when they are due.
    pub fn wakeups(&mut self) -> impl Iterator<Item = (M::Timer, Wakeup)> {
        self.deadlines.wakeups()
    }

    /// The armed deadlines, sorted by name, with their times on the node's own
    /// clock.
    pub fn deadlines(&self) -> impl Iterator<Item = (&M::Timer, Time)> {
        self.deadlines.armed()
    }

    /// The armed deadline of this name: its time on the node's own clock, and which arming of
    /// the node it is.
    #[must_use]
    pub fn deadline(&self, timer: &M::Timer) -> Option<Wakeup> {
        self.deadlines.get(timer)
    }

    /// The number of times that a deadline was armed in this incarnation.
    #[must_use]
    pub fn armings(&self) -> u64 {
        self.deadlines.armings()
    }
}
