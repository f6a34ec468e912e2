//! How a protocol's properties are asked of a run.
//!
//! A property states its quantifier together with its meaning: it answers a
//! [`Question`] by one of three methods, [`of_every_node`](Question::of_every_node),
//! [`of_some_node`](Question::of_some_node) and [`of_world`](Question::of_world).
//! There is no default, and only these methods make an [`Answer`]. The closure
//! that answers for the world is not told which node changed, so that a claim
//! about the world cannot depend on it by mistake.
//!
//! The quantifier decides what an event costs. A property of every node is
//! asked of the nodes that the event changed, which is enough as long as a node
//! that did not change keeps its answer. The two others are asked once per event.

use std::ops::Deref;

use rehearsal_machine::{Effect, Input, Machine, NodeId, Time};

use crate::world::World;

/// What a property looks at: the world, and what the protocol remembers of the
/// run so far.
///
/// A view dereferences to its [`World`]: `view.machine(node)`, `view.now()`.
pub struct View<'a, M: Machine, S = ()> {
    world: &'a World<M>,
    memory: &'a S,
    wants_detail: bool,
}

impl<'a, M: Machine, S> View<'a, M, S> {
    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> &'a World<M> {
        self.world
    }

    /// What [`Protocol::observe`](crate::Protocol::observe) has put down.
    #[must_use]
    pub fn memory(&self) -> &'a S {
        self.memory
    }

    /// The same world with a part of the memory, for the properties of a
    /// protocol that is a part of this one.
    #[must_use]
    pub fn part<T>(&self, memory: impl FnOnce(&'a S) -> &'a T) -> View<'a, M, T> {
        let Self { world, wants_detail, .. } = *self;
        View { world, memory: memory(self.memory), wants_detail }
    }

    /// Why a property does not hold. The reason has no nodes, times or counts
    /// in it: two runs that fail alike give the same one. The detail has them;
    /// it is formatted only once, for the failure that a person reads.
    pub fn violation(&self, reason: &'static str, detail: impl FnOnce() -> String) -> Violation {
        Violation { reason, detail: self.wants_detail.then(|| detail().into_boxed_str()) }
    }
}

impl<M: Machine, S> Clone for View<'_, M, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Machine, S> Copy for View<'_, M, S> {}

impl<M: Machine, S> Deref for View<'_, M, S> {
    type Target = World<M>;

    fn deref(&self) -> &World<M> {
        self.world
    }
}

/// Why a property does not hold: made by [`View::violation`], or from the
/// reason alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Violation {
    reason: &'static str,
    detail: Option<Box<str>>,
}

impl Violation {
    /// In words without nodes, times or counts.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// The same with them, for a person; the reason where there is no more to say.
    #[must_use]
    pub fn detail(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.reason)
    }

    /// Of a property that did not hold and holds when it is asked again: it is
    /// no function of what it is given.
    pub(crate) fn of_changed_answer() -> Self {
        "the property has another answer when it is asked again".into()
    }
}

impl From<&'static str> for Violation {
    fn from(reason: &'static str) -> Self {
        Self { reason, detail: None }
    }
}

/// Does a property hold? [`Protocol::holds`](crate::Protocol::holds) answers it.
pub struct Question<'a, M: Machine, S = ()> {
    view: View<'a, M, S>,
    node: NodeId,
}

impl<'a, M: Machine, S> Question<'a, M, S> {
    /// A question about a world and what is remembered of its past, and about
    /// this node where the property is one of every node. `wants_detail` asks
    /// for the text that a person reads.
    pub(crate) fn new(
        world: &'a World<M>,
        memory: &'a S,
        node: NodeId,
        wants_detail: bool,
    ) -> Self {
        Self { view: View { world, memory, wants_detail }, node }
    }

    /// The same question with a part of the memory, for the properties of a
    /// protocol that is a part of this one.
    #[must_use]
    pub fn part<T>(self, memory: impl FnOnce(&'a S) -> &'a T) -> Question<'a, M, T> {
        Question { view: self.view.part(memory), node: self.node }
    }

    /// The property holds if this holds of every node.
    ///
    /// After an event only the nodes that it changed are asked about: the
    /// answer about a node may look at others, but may turn from yes to no only
    /// by an event that changes the node itself. What does not keep to that,
    /// and every negation of a property of every node, is a matter for
    /// [`of_some_node`](Self::of_some_node) or [`of_world`](Self::of_world).
    #[inline]
    pub fn of_every_node<E: Into<Violation>>(
        self,
        holds: impl FnOnce(&View<'a, M, S>, NodeId) -> Result<(), E>,
    ) -> Answer {
        let violation = holds(&self.view, self.node).map_err(Into::into).err();
        Answer { is_of_world: false, violation }
    }

    /// The property holds if this is so of at least one node; otherwise it does
    /// not hold for this reason. Every node is asked about until one is found,
    /// after every event.
    #[inline]
    pub fn of_some_node(
        self,
        reason: &'static str,
        is_so: impl FnMut(&View<'a, M, S>, NodeId) -> bool,
    ) -> Answer {
        let mut is_so = is_so;
        self.of_world(
            |view| {
                if view.nodes().any(|node| is_so(view, node)) { Ok(()) } else { Err(reason) }
            },
        )
    }

    /// The property holds if this holds. It is asked once per event.
    #[inline]
    pub fn of_world<E: Into<Violation>>(
        self,
        holds: impl FnOnce(&View<'a, M, S>) -> Result<(), E>,
    ) -> Answer {
        let violation = holds(&self.view).map_err(Into::into).err();
        Answer { is_of_world: true, violation }
    }
}

/// The answer to a [`Question`], and whether it is one for the whole world.
#[must_use]
pub struct Answer {
    pub(crate) is_of_world: bool,
    pub(crate) violation: Option<Violation>,
}

impl Answer {
    #[inline]
    pub(crate) fn is_yes(&self) -> bool {
        self.violation.is_none()
    }
}

/// A part of a node's step, or its crash, as
/// [`Protocol::observe`](crate::Protocol::observe) is told of it.
#[non_exhaustive]
pub struct Observed<'a, M: Machine> {
    /// The node.
    pub node: NodeId,
    /// Which of its incarnations.
    pub incarnation: u32,
    /// Virtual time; of recorded nodes, the time on their common clock.
    pub now: Time,
    /// What the node's own clock shows: the `now` that its machine reads.
    pub own_time: Time,
    /// What happens.
    pub event: NodeEvent<'a, M>,
}

/// The parts of a step, in the order in which they happen: one input, its
/// effects one by one, and the end. A crash may come after any of them; the rest
/// of the step then never happens and is not observed.
#[non_exhaustive]
pub enum NodeEvent<'a, M: Machine> {
    /// The machine is about to handle this input. The world shows its state
    /// before.
    Input(&'a Input<M>),
    /// This effect is about to take place. The world shows the machine after
    /// the input, and storage and outputs before the effect.
    Effect(&'a Effect<M>),
    /// The step is over: all its effects have taken place.
    StepEnd,
    /// The node has gone down. The world shows the storage that is left.
    Crash,
}

impl<'a, M: Machine> Observed<'a, M> {
    #[inline]
    pub(crate) fn new(
        world: &World<M>,
        node: NodeId,
        incarnation: u32,
        event: NodeEvent<'a, M>,
    ) -> Self {
        Self { node, incarnation, now: world.now(), own_time: world.own_time(node), event }
    }
}
