use alloc::vec::Vec;
use core::{fmt, hash};

use crate::{Context, Draw, Effect, Input, Machine, NodeId, Storage, Time};

/// A child machine inside a larger one.
///
/// The parent gives the child inputs through [`Context::nest`] and acts on its
/// outputs. Children of one parent do not know each other: what one of them
/// tells, the parent asks of another. [`compose!`](crate::compose) writes what
/// a parent needs for that.
///
/// Two are equal when their machines are. The buffers beside the machine are
/// empty between steps, and kept so that a step does not allocate.
pub struct Nested<C: Machine> {
    /// The child machine, to look at.
    pub machine: C,
    /// More than one only if the parent gives the child an input while it acts
    /// on an output of the same child.
    buffers: Vec<Vec<Effect<C>>>,
}

impl<C: Machine> Nested<C> {
    /// Embeds this machine.
    pub fn new(machine: C) -> Self {
        Self { machine, buffers: Vec::new() }
    }

    /// The effects of one input, in a buffer that [`keep`](Self::keep) takes back.
    pub(crate) fn step(
        &mut self,
        input: Input<C>,
        me: NodeId,
        now: Time,
        draws: &mut dyn Draw,
    ) -> Vec<Effect<C>> {
        let mut effects = self.buffers.pop().unwrap_or_default();
        self.machine.handle(input, &mut Context::new(me, now, draws, &mut effects));
        effects
    }

    /// Keeps an empty buffer for the next step.
    pub(crate) fn keep(&mut self, buffer: Vec<Effect<C>>) {
        self.buffers.push(buffer);
    }
}

/// A machine that can hold a child of type `C`: every message, deadline and cell
/// of the child has a counterpart among its own.
///
/// [`compose!`](crate::compose) implements it. By hand, it is five conversions,
/// as a rule into a variant of an enum, and back from it.
pub trait Embeds<C: Machine>: Machine {
    /// A message of the child as one of the parent.
    fn message(message: C::Message) -> Self::Message;

    /// The name of a deadline of the child as one of the parent.
    fn timer(timer: C::Timer) -> Self::Timer;

    /// The name of a cell of the child as one of the parent.
    fn cell(cell: C::Cell) -> Self::Cell;

    /// What a cell of the child holds as what one of the parent holds.
    fn saved(saved: C::Saved) -> Self::Saved;

    /// The inverse of [`cell`](Self::cell) and [`saved`](Self::saved): the
    /// child's cell and what it holds, or nothing if the cell is not the child's.
    fn stored(cell: &Self::Cell, saved: &Self::Saved) -> Option<(C::Cell, C::Saved)>;

    /// The child's [`Input::Start`], with the part of the parent's storage that
    /// is the child's.
    #[must_use]
    fn start_input(storage: &Storage<Self>) -> Input<C> {
        Input::Start(storage.iter().filter_map(|(cell, saved)| Self::stored(cell, saved)).collect())
    }
}

impl<C: Machine + Clone> Clone for Nested<C> {
    fn clone(&self) -> Self {
        Self::new(self.machine.clone())
    }
}

impl<C: Machine + PartialEq> PartialEq for Nested<C> {
    fn eq(&self, other: &Self) -> bool {
        self.machine == other.machine
    }
}

impl<C: Machine + Eq> Eq for Nested<C> {}

impl<C: Machine + hash::Hash> hash::Hash for Nested<C> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.machine.hash(state);
    }
}

impl<C: Machine + fmt::Debug> fmt::Debug for Nested<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.machine.fmt(f)
    }
}
