use rehearsal_machine::{Effect, Machine, Node, NodeId, Storage, Time};

use crate::clock::Clocks;

/// The nodes of a run and what can be known of them: what a property looks at.
pub struct World<M: Machine> {
    pub(crate) now: Time,
    pub(crate) clocks: Clocks,
    /// What runs at each place; nothing while its node is down. Apart from the
    /// places, because every event touches the one and few touch the other.
    pub(crate) nodes: Vec<Option<Node<M>>>,
    pub(crate) places: Vec<Place<M>>,
}

/// What outlives the incarnations of a node.
pub(crate) struct Place<M: Machine> {
    pub(crate) storage: Storage<M>,
    /// How many incarnations have started.
    pub(crate) incarnations: u32,
    /// How often a crash struck it, up or down: a planned start is good only while
    /// this has not changed.
    pub(crate) crashes: u32,
    pub(crate) outputs: Vec<M::Output>,
}

impl<M: Machine> World<M> {
    pub(crate) fn new(nodes: u32) -> Self {
        let place = || Place {
            storage: Storage::<M>::new(),
            incarnations: 0,
            crashes: 0,
            outputs: Vec::new(),
        };
        Self {
            now: Time::ZERO,
            clocks: Clocks::default(),
            nodes: (0..nodes).map(|_| None).collect(),
            places: (0..nodes).map(|_| place()).collect(),
        }
    }

    /// As new; the allocated memory is kept.
    pub(crate) fn clear(&mut self) {
        self.now = Time::ZERO;
        self.clocks.clear();
        self.nodes.fill_with(|| None);
        for place in &mut self.places {
            place.storage.clear();
            place.outputs.clear();
            (place.incarnations, place.crashes) = (0, 0);
        }
    }

    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// What the node's own clock shows now: the `now` that its machine reads. It
    /// differs from [`now`](Self::now) where a fault has set the clock, and for
    /// recorded nodes, whose machines read the clock of their computer, while
    /// the world's time counts from the first start.
    #[must_use]
    pub fn own_time(&self, node: NodeId) -> Time {
        self.clocks.show(node, self.now)
    }

    /// All nodes, up or down.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<M> {
        (0..self.nodes.len()).map(NodeId::from_index)
    }

    /// The node's state; `None` while it is down, or if there is no such node.
    #[must_use]
    pub fn machine(&self, node: NodeId) -> Option<&M> {
        self.up(node).map(Node::machine)
    }

    /// Which incarnation is up; `None` while the node is down, or if there is none.
    #[must_use]
    pub fn incarnation(&self, node: NodeId) -> Option<u32> {
        self.up(node).map(Node::incarnation)
    }

    /// Is the node up?
    #[must_use]
    pub fn is_up(&self, node: NodeId) -> bool {
        self.up(node).is_some()
    }

    /// The node's durable cells.
    ///
    /// # Panics
    /// If there is no such node.
    #[must_use]
    pub fn storage(&self, node: NodeId) -> &Storage<M> {
        &self.places[node.index()].storage
    }

    /// What the node has told its owner, in all its incarnations, in order.
    ///
    /// # Panics
    /// If there is no such node.
    #[must_use]
    pub fn outputs(&self, node: NodeId) -> &[M::Output] {
        &self.places[node.index()].outputs
    }

    /// Has the node started at some time, or did a crash prevent that?
    pub(crate) fn has_begun(&self, node: NodeId) -> bool {
        let place = &self.places[node.index()];
        place.incarnations > 0 || place.crashes > 0
    }

    pub(crate) fn up(&self, node: NodeId) -> Option<&Node<M>> {
        self.nodes.get(node.index())?.as_ref()
    }

    pub(crate) fn up_mut(&mut self, node: NodeId) -> Option<&mut Node<M>> {
        self.nodes.get_mut(node.index())?.as_mut()
    }
}

impl<M: Machine> World<M> {
    /// The node is up with this storage, on a clock that shows `own_time` and
    /// runs true.
    pub(crate) fn started(
        &mut self,
        now: Time,
        own_time: Time,
        node: Node<M>,
        storage: Storage<M>,
    ) {
        let index = node.id().index();
        self.now = now;
        self.clocks.set(node.id(), own_time, now);
        self.places[index].incarnations = node.incarnation();
        self.places[index].storage = storage;
        self.nodes[index] = Some(node);
    }

    /// The node goes down; its storage stays. Gives the incarnation that was up.
    pub(crate) fn take_down(&mut self, node: NodeId) -> Option<u32> {
        self.places[node.index()].crashes += 1;
        self.nodes[node.index()].take().map(|node| node.incarnation())
    }

    /// What the effect changes in a world: a cell, or what the owner has heard.
    pub(crate) fn apply(&mut self, node: NodeId, effect: Effect<M>) {
        let place = &mut self.places[node.index()];
        match effect {
            Effect::Save { cell, value: Some(value) } => {
                place.storage.insert(cell, value);
            }
            Effect::Save { cell, value: None } => {
                place.storage.remove(&cell);
            }
            Effect::Emit(output) => place.outputs.push(output),
            Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm(_) => {}
        }
    }
}
