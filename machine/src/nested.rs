use alloc::collections::BTreeMap;
use alloc::vec::{Drain, Vec};
use core::{fmt, hash};

use crate::{Context, Draw, Effect, Input, Machine, NodeId, Storage, Time};

/// A machine held by another one, which gives it inputs through
/// [`Context::nest`] and acts on its outputs. Siblings meet only in the parent.
///
/// Two are equal when their machines are: the buffer beside it is empty
/// between steps, and kept so that a step without outputs does not allocate.
pub struct Nested<C: Machine> {
    /// The machine itself, to look at.
    pub machine: C,
    scratch: Vec<Effect<C>>,
}

/// A machine that can hold one of another kind: whatever that one says, arms
/// or saves, it can say, arm or save as its own. Implied by the conversions.
pub trait Embeds<C: Machine>:
    Machine<
        Message: From<C::Message>,
        Timer: From<C::Timer>,
        Cell: From<C::Cell>,
        Saved: From<C::Saved>,
    >
{
}

impl<M, C> Embeds<C> for M
where
    C: Machine,
    M: Machine<
            Message: From<C::Message>,
            Timer: From<C::Timer>,
            Cell: From<C::Cell>,
            Saved: From<C::Saved>,
        >,
{
}

/// What a machine holds for another one, a cell, say, is not for this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotMine;

impl<C: Machine> Nested<C> {
    /// Embeds this machine.
    pub fn new(machine: C) -> Self {
        Self { machine, scratch: Vec::new() }
    }

    /// The part of its parent's storage that is this machine's, for its
    /// [`Input::Start`].
    #[must_use]
    pub fn storage<Cell, Saved>(of_parent: &BTreeMap<Cell, Saved>) -> Storage<C>
    where
        Cell: Clone,
        Saved: Clone,
        C::Cell: TryFrom<Cell>,
        C::Saved: TryFrom<Saved>,
    {
        of_parent
            .iter()
            .filter_map(|(cell, value)| {
                Some((cell.clone().try_into().ok()?, value.clone().try_into().ok()?))
            })
            .collect()
    }

    pub(crate) fn handle(&mut self, input: Input<C>, me: NodeId, now: Time, draws: &mut dyn Draw) {
        let mut cx = Context::new(me, now, draws, &mut self.scratch);
        self.machine.handle(input, &mut cx);
    }

    pub(crate) fn effects(&mut self) -> Drain<'_, Effect<C>> {
        self.scratch.drain(..)
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
