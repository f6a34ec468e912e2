//! What may happen next, and nothing about when.
//!
//! A driver of machines has to decide again and again what happens next. A
//! [`Bag`] holds the nodes and everything that is possible: messages in flight
//! and armed timers, in the order in which they came about. The driver chooses
//! one: at random, or each in turn on a copy of the bag, or the one whose time
//! has come. The effects of a step go back into the bag one at a time, so a
//! crash can fall between any two.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::{Context, Draw, Effect, Input, Machine, NodeId, Storage, Time};

/// Nodes, and what may happen to them next.
///
/// ```
/// # use rehearsal_machine::draws::Lowest;
/// # use rehearsal_machine::{Bag, Context, Event, Input, Machine, Message, NodeId, Nothing, Time};
/// # #[derive(Clone)]
/// # struct Ball;
/// # impl Message for Ball { fn kind(&self) -> &'static str { "ball" } }
/// # struct Player;
/// # impl Machine for Player {
/// #     type Message = Ball;
/// #     type Command = NodeId;
/// #     type Output = Nothing;
/// #     type Timer = Nothing;
/// #     type Cell = Nothing;
/// #     type Saved = Nothing;
/// #     fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
/// #         match input {
/// #             Input::Command(to) => cx.send(to, Ball),
/// #             Input::Message { from, .. } => cx.send(from, Ball),
/// #             _ => {}
/// #         }
/// #     }
/// # }
/// let [one, two] = [0, 1].map(NodeId::from_index);
/// let mut bag = Bag::new(2);
/// for node in [one, two] {
///     let start = bag.start(node, Player);
///     bag.step(node, start, Time::ZERO, &mut Lowest);
/// }
/// // Node 1 throws a ball to node 2.
/// bag.step(one, Input::Command(two), Time::ZERO, &mut Lowest);
/// let ball = bag.remove(0);
/// assert!(bag.pending().is_empty() && ball.node() == two);
/// // Node 2 throws it back.
/// bag.happen(ball, Time::ZERO, &mut Lowest);
/// assert!(matches!(bag.pending()[0].event, Event::Message { from, .. } if from == two));
/// ```
pub struct Bag<M: Machine> {
    nodes: Vec<Place<M>>,
    pending: Vec<Pending<M>>,
    /// How many ever were pending.
    numbers: u64,
}

/// One node.
struct Place<M: Machine> {
    /// `None` while the node is down.
    machine: Option<M>,
    storage: Storage<M>,
    /// The cell of the last save and what it held before, as long as no later
    /// effect has made the save durable.
    last_save: Option<(M::Cell, Option<M::Saved>)>,
}

/// An event that may happen next.
pub struct Pending<M: Machine> {
    /// Tells it from all others that ever were in the bag; later ones have
    /// greater numbers.
    pub number: u64,
    /// The event.
    pub event: Event<M>,
}

/// Something that happens to a node and that a machine has brought about.
pub enum Event<M: Machine> {
    /// A message arrives.
    Message {
        /// Its sender.
        from: NodeId,
        /// Its receiver.
        to: NodeId,
        /// Its content.
        message: M::Message,
    },
    /// A timer fires.
    Timer {
        /// The node that armed it.
        node: NodeId,
        /// Its name.
        timer: M::Timer,
        /// How long after its arming, as the machine asked.
        after: RangeInclusive<Duration>,
    },
}

impl<M: Machine> Event<M> {
    /// The node that it happens to.
    #[must_use]
    pub fn node(&self) -> NodeId {
        match self {
            Self::Message { to, .. } => *to,
            Self::Timer { node, .. } => *node,
        }
    }
}

/// Methods that take a node panic if there is no such node.
impl<M: Machine> Bag<M> {
    /// This many nodes, all down.
    #[must_use]
    pub fn new(nodes: usize) -> Self {
        let down = |_| Place { machine: None, storage: Storage::<M>::new(), last_save: None };
        Self { nodes: (0..nodes).map(down).collect(), pending: Vec::new(), numbers: 0 }
    }

    /// A node comes up, with the machine that it runs from now on. Gives its
    /// first input, with what it has saved, for the first [`step`](Self::step).
    #[must_use = "the node waits for its first input"]
    pub fn start(&mut self, node: NodeId, machine: M) -> Input<M> {
        let place = &mut self.nodes[node.index()];
        place.machine = Some(machine);
        Input::Start(place.storage.clone())
    }

    /// A node goes down: its timers are gone, its storage and the messages to it
    /// stay. `undoes_save` undoes its very last effect, if that was a save.
    pub fn crash(&mut self, node: NodeId, undoes_save: bool) {
        let place = &mut self.nodes[node.index()];
        place.machine = None;
        if let Some((cell, before)) = place.last_save.take()
            && undoes_save
        {
            put(&mut place.storage, cell, before);
        }
        self.forget_timers(node, |_| true);
    }

    /// The machine of a node that is up.
    #[must_use]
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        self.nodes[node.index()].machine.as_ref()
    }

    /// What a node has saved.
    #[must_use]
    pub fn storage(&self, node: NodeId) -> &Storage<M> {
        &self.nodes[node.index()].storage
    }

    /// What may happen next, the oldest first.
    #[must_use]
    pub fn pending(&self) -> &[Pending<M>] {
        &self.pending
    }

    /// The place in [`pending`](Self::pending) of the one with this number,
    /// unless it has been removed or its timer disarmed.
    #[must_use]
    pub fn place(&self, number: u64) -> Option<usize> {
        self.pending.binary_search_by_key(&number, |pending| pending.number).ok()
    }

    /// Takes out the event at this place of [`pending`](Self::pending): to let
    /// it [`happen`](Self::happen), or to lose it.
    ///
    /// # Panics
    /// If there is none.
    pub fn remove(&mut self, place: usize) -> Event<M> {
        self.pending.remove(place).event
    }

    /// Puts the event at this place in once more, as a network does that
    /// delivers a message twice.
    ///
    /// # Panics
    /// If there is none.
    pub fn duplicate(&mut self, place: usize) {
        let event = self.pending[place].event.clone();
        self.put(event);
    }

    /// Lets an event that was [removed](Self::remove) happen; gives the outputs.
    /// Nothing comes of it at a node that is down.
    pub fn happen(&mut self, event: Event<M>, now: Time, draws: &mut dyn Draw) -> Vec<M::Output> {
        let node = event.node();
        let input = match event {
            Event::Message { from, message, .. } => Input::Message { from, message },
            Event::Timer { timer, .. } => Input::Timer(timer),
        };
        self.step(node, input, now, draws)
    }

    /// Gives a node an input and carries out all effects; gives the outputs.
    pub fn step(
        &mut self,
        node: NodeId,
        input: Input<M>,
        now: Time,
        draws: &mut dyn Draw,
    ) -> Vec<M::Output> {
        let effects = self.handle(node, input, now, draws);
        effects.into_iter().filter_map(|effect| self.carry_out(node, effect)).collect()
    }

    /// The first half of a [`step`](Self::step): gives a node an input, and
    /// gives the effects, none of which has been carried out. None at a node
    /// that is down.
    pub fn handle(
        &mut self,
        node: NodeId,
        input: Input<M>,
        now: Time,
        draws: &mut dyn Draw,
    ) -> Vec<Effect<M>> {
        let mut effects = Vec::new();
        if let Some(machine) = &mut self.nodes[node.index()].machine {
            machine.handle(input, &mut Context::new(node, now, draws, &mut effects));
        }
        effects
    }

    /// The second half of a [`step`](Self::step), one effect at a time; gives
    /// the output, if it is one. A message to a node that does not exist is lost.
    pub fn carry_out(&mut self, node: NodeId, effect: Effect<M>) -> Option<M::Output> {
        let nodes = self.nodes.len();
        let place = &mut self.nodes[node.index()];
        // A later effect makes a save durable.
        place.last_save = None;
        match effect {
            Effect::Send { to, message } => {
                if to.index() < nodes {
                    self.put(Event::Message { from: node, to, message });
                }
            }
            Effect::Arm { timer, after } => {
                self.forget_timers(node, |armed| *armed == timer);
                self.put(Event::Timer { node, timer, after });
            }
            Effect::Disarm(timer) => self.forget_timers(node, |armed| *armed == timer),
            Effect::Save { cell, value } => {
                let before = put(&mut place.storage, cell.clone(), value);
                place.last_save = Some((cell, before));
            }
            Effect::Emit(output) => return Some(output),
        }
        None
    }

    fn put(&mut self, event: Event<M>) {
        self.numbers += 1;
        self.pending.push(Pending { number: self.numbers, event });
    }

    fn forget_timers(&mut self, node: NodeId, are_these: impl Fn(&M::Timer) -> bool) {
        self.pending.retain(|pending| match &pending.event {
            Event::Timer { node: of, timer, .. } => *of != node || !are_these(timer),
            Event::Message { .. } => true,
        });
    }
}

/// Gives what the cell held before.
fn put<C: Ord, S>(storage: &mut BTreeMap<C, S>, cell: C, value: Option<S>) -> Option<S> {
    match value {
        Some(value) => storage.insert(cell, value),
        None => storage.remove(&cell),
    }
}

impl<M: Machine + Clone> Clone for Bag<M> {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), pending: self.pending.clone(), numbers: self.numbers }
    }
}

impl<M: Machine + Clone> Clone for Place<M> {
    fn clone(&self) -> Self {
        Self {
            machine: self.machine.clone(),
            storage: self.storage.clone(),
            last_save: self.last_save.clone(),
        }
    }
}

impl<M: Machine> Clone for Pending<M> {
    fn clone(&self) -> Self {
        Self { number: self.number, event: self.event.clone() }
    }
}

impl<M: Machine> Clone for Event<M> {
    fn clone(&self) -> Self {
        match self {
            Self::Message { from, to, message } => {
                Self::Message { from: *from, to: *to, message: message.clone() }
            }
            Self::Timer { node, timer, after } => {
                Self::Timer { node: *node, timer: timer.clone(), after: after.clone() }
            }
        }
    }
}
