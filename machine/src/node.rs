use alloc::vec::Vec;

use crate::deadlines::{Deadlines, Expiry, Wakeup};
use crate::{Context, Draw, Effect, Input, Machine, NodeId, Time};

/// One incarnation of a node: its machine and its armed deadlines, driven the
/// same way in the simulator and over sockets.
///
/// A crash drops it. A restart makes a new one, with the next incarnation, and
/// gives it [`Input::Start`]: a deadline of the dead one has nowhere to fire. A
/// clone is a fork: it has the same state and the same deadlines.
#[derive(Clone)]
pub struct Node<M: Machine> {
    id: NodeId,
    incarnation: u32,
    machine: M,
    deadlines: Deadlines<M::Timer>,
}

impl<M: Machine> Node<M> {
    /// A node that has not started: its first input shall be [`Input::Start`].
    pub fn new(id: NodeId, incarnation: u32, machine: M) -> Self {
        Self { id, incarnation, machine, deadlines: Deadlines::new() }
    }

    /// Which node it is.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Which life of the node this is, counted from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Its state, to look at.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Takes one input; the effects go to the end of `effects`, for the driver
    /// to carry out one at a time. `now` is what the node's own clock says.
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
    /// deadline comes at `at` on the node's own clock. Gives the wakeup that the
    /// driver has to put into its schedule, if it needs one more for this.
    pub fn arm(&mut self, timer: M::Timer, at: Time) -> Option<Wakeup> {
        self.deadlines.arm(timer, at)
    }

    /// Carries out an [`Effect::Disarm`].
    pub fn disarm(&mut self, timer: &M::Timer) {
        self.deadlines.disarm(timer);
    }

    /// The wakeup that was made for this arming is due, at `now` on the node's
    /// own clock.
    pub fn expire(&mut self, timer: &M::Timer, arming: u64, now: Time) -> Expiry {
        self.deadlines.expire(timer, arming, now)
    }

    /// After the node's clock has changed: the wakeups that its deadlines need
    /// now. Those in the schedule may stay there; they come to nothing.
    pub fn wakeups(&mut self) -> impl Iterator<Item = (M::Timer, Wakeup)> {
        self.deadlines.wakeups()
    }

    /// What is armed, sorted by name, and when it comes on the node's own clock.
    pub fn deadlines(&self) -> impl Iterator<Item = (&M::Timer, Time)> {
        self.deadlines.armed()
    }

    /// How often a timer has been armed in this incarnation.
    #[must_use]
    pub fn armings(&self) -> u64 {
        self.deadlines.armings()
    }
}
