use rehearsal_machine::{Effect, Input, Node, NodeId, Storage, Time};

use crate::predicate::{Predicate, Refutation, Scene, ask};
use crate::property::{NodeEvent, Observed};
use crate::protocol::Protocol;
use crate::world::World;

/// A world that is not simulated: it is told what has happened elsewhere, as to
/// recorded nodes, so that a protocol's properties can be asked of it.
///
/// A step is told in its parts: [`input`](Self::input), one
/// [`effect`](Self::effect) after the other, [`step_end`](Self::step_end).
///
/// # Panics
/// All methods do that are given a node which does not exist.
pub struct Observer<P: Protocol> {
    world: World<P::Machine>,
    memory: P::Memory,
}

impl<P: Protocol> Observer<P> {
    /// So many nodes, none of which has started.
    #[must_use]
    pub fn new(nodes: u32) -> Self {
        Self { world: World::new(nodes), memory: P::Memory::default() }
    }

    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> &World<P::Machine> {
        &self.world
    }

    /// This node, which takes its start next, is up and finds this in its
    /// durable cells. Its own clock shows `own_time` now, and runs as fast as
    /// the world's.
    pub fn started(
        &mut self,
        now: Time,
        own_time: Time,
        node: Node<P::Machine>,
        storage: Storage<P::Machine>,
    ) {
        self.world.started(now, own_time, node, storage);
    }

    /// The node takes this input now; its [machine](Self::node) is to handle it.
    pub fn input(&mut self, now: Time, node: NodeId, input: &Input<P::Machine>) {
        self.world.now = now;
        self.observe(node, NodeEvent::Input(input));
    }

    /// The node, to let its machine handle an input; `None` while it is down.
    pub fn node(&mut self, node: NodeId) -> Option<&mut Node<P::Machine>> {
        self.world.up_mut(node)
    }

    /// An effect of the node takes place: a cell holds what was saved, or the
    /// owner has heard the output. Other effects are no part of a world.
    pub fn effect(&mut self, node: NodeId, effect: Effect<P::Machine>) {
        self.observe(node, NodeEvent::Effect(&effect));
        self.world.apply(node, effect);
    }

    /// All effects of the node's input have taken place.
    pub fn step_end(&mut self, node: NodeId) {
        self.observe(node, NodeEvent::StepEnd);
    }

    /// The node goes down; its storage stays.
    pub fn crashed(&mut self, now: Time, node: NodeId) {
        self.world.now = now;
        if let Some(incarnation) = self.world.take_down(node) {
            self.tell(node, incarnation, NodeEvent::Crash);
        }
    }

    /// Does it mean something to ask this? A combination other than `All` of
    /// properties means nothing until every node has started; which nodes start with
    /// the run is not known here.
    #[must_use]
    pub fn can_be_asked(&self, predicate: &Predicate<P::Property>) -> bool {
        let has_begun = |node| self.world.has_begun(node);
        predicate.as_properties().is_some() || self.world.nodes().all(has_begun)
    }

    /// Does this hold of the world, after an event that changed this node? A
    /// property of every node is asked of that one, and a combination of all nodes.
    /// No message counts as on its way.
    pub fn holds_after(
        &self,
        predicate: &Predicate<P::Property>,
        changed: NodeId,
    ) -> Result<(), Refutation> {
        match predicate.as_properties() {
            Some(_) => self.holds_of(predicate, |node| node == changed),
            None => self.holds_of(predicate, |_| true),
        }
    }

    /// Does this hold of the world, where these nodes are asked about? No message
    /// counts as on its way.
    pub fn holds_of(
        &self,
        predicate: &Predicate<P::Property>,
        is_asked: impl Fn(NodeId) -> bool,
    ) -> Result<(), Refutation> {
        let ask = |wants_detail| {
            let (world, memory) = (&self.world, &self.memory);
            let scene = Scene::<P> { world, memory, under_way: 0, wants_detail };
            ask(predicate, &scene, &is_asked).refutation
        };
        match ask(false) {
            None => Ok(()),
            Some(_) => Err(ask(true).unwrap_or_else(Refutation::of_changed)),
        }
    }

    fn observe(&mut self, node: NodeId, event: NodeEvent<'_, P::Machine>) {
        if let Some(incarnation) = self.world.incarnation(node) {
            self.tell(node, incarnation, event);
        }
    }

    fn tell(&mut self, node: NodeId, incarnation: u32, event: NodeEvent<'_, P::Machine>) {
        let observed = Observed::new(&self.world, node, incarnation, event);
        P::observe(&mut self.memory, &self.world, &observed);
    }
}
