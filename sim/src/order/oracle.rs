use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rehearsal_machine::{Effect, Machine, NodeId};

use super::breach::{Breach, ChainEvent};
use super::chain;
use super::guarantee::Guarantee;
use super::node::{Common, Event, MessageIndex, Node, entry, place};
use crate::property::{NodeEvent, Observed, View, Violation};

/// Decides from sends and deliveries which [`Guarantee`]s a run has kept so far. `M`
/// identifies a message. See the [module](super) for an example, for what crashes
/// mean, and for what an event costs.
///
/// Nodes need not be announced. A destination that is named twice counts once, and a
/// message to its own sender is a message like any other. A delivery that breaks
/// [`NoCreation`](Guarantee::NoCreation) or
/// [`NoDuplication`](Guarantee::NoDuplication), and a send that breaks
/// [`UniqueIds`](Guarantee::UniqueIds), does not count for any other guarantee.
#[derive(Clone, Debug)]
pub struct Oracle<M> {
    ids: BTreeMap<M, MessageIndex>,
    messages: Vec<Message>,
    /// Each list of destinations, sorted, once.
    lists: BTreeSet<Arc<[NodeId]>>,
    nodes: Vec<Node>,
    undelivered: u64,
    breaches: BTreeMap<Guarantee, Breach<M>>,
}

/// A message that was sent.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) from: NodeId,
    /// The place of its send among the sender's events.
    at: u32,
    to: Arc<[NodeId]>,
    /// `None` once every destination has delivered it.
    transit: Option<Box<Transit>>,
}

/// What is known of a message until its last destination has delivered it.
#[derive(Clone, Debug)]
struct Transit {
    /// How many events of each other node happened before the send.
    clock: Arc<Vec<u32>>,
    delivered: Vec<Delivery>,
}

#[derive(Clone, Copy, Debug)]
struct Delivery {
    node: NodeId,
    /// Its place among the node's events.
    at: u32,
}

impl<M> Default for Oracle<M> {
    fn default() -> Self {
        Self {
            ids: BTreeMap::new(),
            messages: Vec::new(),
            lists: BTreeSet::new(),
            nodes: Vec::new(),
            undelivered: 0,
            breaches: BTreeMap::new(),
        }
    }
}

impl<M: Ord + Clone> Oracle<M> {
    /// The node sends a message to these nodes.
    ///
    /// # Panics
    /// If there are 2³² messages or events of one node, which do not fit in memory.
    pub fn sent(&mut self, node: NodeId, message: &M, to: impl IntoIterator<Item = NodeId>) {
        let to = self.destinations(to);
        if let Some(index) = self.ids.get(message) {
            let earlier = &self.messages[*index as usize];
            let is_told_again = earlier.from == node
                && earlier.to == to
                && earlier.at < self.nodes[node.index()].life;
            if !is_told_again {
                let (message, first) = (message.clone(), earlier.from);
                self.broken(Guarantee::UniqueIds, |_| Breach::ReusedId {
                    message,
                    first,
                    second: node,
                });
            }
            return;
        }
        let index = place(self.messages.len());
        self.ids.insert(message.clone(), index);
        let sender = self.node(node);
        let at = place(sender.events.len());
        sender.events.push(Event::Sent(index));
        let clock = sender.clock.clone();
        for receiver in &*to {
            self.node(*receiver).expect(node, index, at);
        }
        self.undelivered += to.len() as u64;
        let transit = (!to.is_empty()).then(|| Box::new(Transit { clock, delivered: Vec::new() }));
        self.messages.push(Message { from: node, at, to, transit });
    }

    /// The node delivers a message.
    ///
    /// # Panics
    /// If there are 2³² events of the node, which do not fit in memory.
    pub fn delivered(&mut self, node: NodeId, message: &M) {
        let index = self.ids.get(message).copied();
        let sent = index.map(|index| &mut self.messages[index as usize]);
        let (Some(index), Some(sent)) = (index, sent) else {
            let message = message.clone();
            let created = |_: &Self| Breach::Created { at: node, message, sender: None };
            return self.broken(Guarantee::NoCreation, created);
        };
        if sent.to.binary_search(&node).is_err() {
            let (message, sender) = (message.clone(), Some(sent.from));
            let created = |_: &Self| Breach::Created { at: node, message, sender };
            return self.broken(Guarantee::NoCreation, created);
        }
        let is_first = |transit: &Transit| transit.delivered.iter().all(|d| d.node != node);
        let Some(mut transit) = sent.transit.take_if(|transit| is_first(transit)) else {
            return self.delivered_again(node, index, message);
        };
        let (from, sent_at, destinations) = (sent.from, sent.at, sent.to.len());

        self.check_causes(node, index, &transit.clock);
        let receiver = &mut self.nodes[node.index()];
        receiver.take_pending(from, sent_at);
        let delivery = Delivery { node, at: place(receiver.events.len()) };
        receiver.events.push(Event::Delivered(index));
        receiver.learn(from, sent_at, &transit.clock);
        self.check_agreement(delivery, index, &transit.delivered);
        transit.delivered.push(delivery);
        self.undelivered -= 1;
        if transit.delivered.len() < destinations {
            self.messages[index as usize].transit = Some(transit);
        }
    }

    /// A step of the node begins: what the node sends and delivers until its next step
    /// is part of this one. To be told only where nodes can crash.
    pub fn step_began(&mut self, node: NodeId) {
        self.node(node).step_began();
    }

    /// The node has crashed. The deliveries of its last step may come again.
    pub fn crashed(&mut self, node: NodeId) {
        self.node(node).crashed();
    }

    /// Has the run kept this guarantee so far? It takes constant time.
    #[must_use]
    pub fn keeps(&self, guarantee: Guarantee) -> bool {
        match guarantee {
            Guarantee::AllDelivered => self.undelivered == 0,
            _ => !self.breaches.contains_key(&guarantee),
        }
    }

    /// How the guarantee was broken first. Of [`AllDelivered`](Guarantee::AllDelivered):
    /// which message is missing now, at the lowest node, from the lowest sender.
    #[must_use]
    pub fn breach(&self, guarantee: Guarantee) -> Option<Breach<M>> {
        match guarantee {
            Guarantee::AllDelivered => self.undelivered_message(),
            _ => self.breaches.get(&guarantee).cloned(),
        }
    }

    /// The answer to a property which claims the guarantee:
    ///
    /// ```
    /// # use rehearsal_machine::{Machine, NodeId};
    /// # use rehearsal_sim::{Answer, Question, order::{Guarantee, Oracle}};
    /// fn holds<M: Machine>(claim: Guarantee, asked: Question<'_, M, Oracle<u64>>) -> Answer {
    ///     asked.of_world(|view| view.memory().holds(claim, view))
    /// }
    /// ```
    pub fn holds<W: Machine, S>(
        &self,
        guarantee: Guarantee,
        view: &View<'_, W, S>,
    ) -> Result<(), Violation>
    where
        M: fmt::Display,
    {
        if self.keeps(guarantee) {
            return Ok(());
        }
        let detail = || self.breach(guarantee).map(|breach| breach.to_string());
        Err(view.violation(guarantee.reason(), || detail().unwrap_or_default()))
    }

    /// Reads what happened to a node, as [`Protocol::observe`](crate::Protocol::observe)
    /// is told of it. `read` tells the oracle what an output says of messages:
    ///
    /// ```
    /// # use rehearsal_machine::{Machine, NodeId};
    /// # use rehearsal_sim::{Observed, order::Oracle};
    /// # enum Output { Sent { number: u64, to: Vec<NodeId> }, Delivered { number: u64 } }
    /// fn observe(oracle: &mut Oracle<u64>, seen: &Observed<'_, impl Machine<Output = Output>>) {
    ///     oracle.observe(seen, |oracle, node, output| match output {
    ///         Output::Sent { number, to } => oracle.sent(node, number, to.iter().copied()),
    ///         Output::Delivered { number } => oracle.delivered(node, number),
    ///     });
    /// }
    /// ```
    pub fn observe<W: Machine>(
        &mut self,
        observed: &Observed<'_, W>,
        read: impl FnOnce(&mut Self, NodeId, &W::Output),
    ) {
        match observed.event {
            NodeEvent::Input(_) => self.step_began(observed.node),
            NodeEvent::Effect(Effect::Emit(output)) => read(self, observed.node, output),
            NodeEvent::Crash => self.crashed(observed.node),
            NodeEvent::Effect(_) | NodeEvent::StepEnd => {}
        }
    }

    /// A second delivery is excused if a crash may have undone the first one.
    fn delivered_again(&mut self, node: NodeId, index: MessageIndex, message: &M) {
        let receiver = &mut self.nodes[node.index()];
        if receiver.deliver_again(index) {
            return;
        }
        let message = message.clone();
        self.broken(Guarantee::NoDuplication, |_| Breach::Duplicated { at: node, message });
    }

    /// Has the node delivered all that precedes this message, which it delivers now?
    fn check_causes(&mut self, node: NodeId, index: MessageIndex, clock: &[u32]) {
        let Message { from, at, .. } = self.messages[index as usize];
        let receiver = &self.nodes[node.index()];
        let is_fifo = !receiver.misses(from.index(), at);
        let is_causal = is_fifo
            && clock
                .iter()
                .enumerate()
                .all(|(sender, known)| sender == from.index() || !receiver.misses(sender, *known));
        if !is_fifo {
            self.broken(Guarantee::Fifo, |oracle| oracle.overtaken(node, index));
        }
        if !is_causal {
            self.broken(Guarantee::Causal, |oracle| oracle.overtaken(node, index));
        }
    }

    /// Does the node deliver this message after all that others have delivered before
    /// it?
    fn check_agreement(
        &mut self,
        Delivery { node, at }: Delivery,
        index: MessageIndex,
        earlier: &[Delivery],
    ) {
        if self.breaches.contains_key(&Guarantee::Total) {
            return;
        }
        for other in earlier {
            let common = entry(&mut self.nodes[node.index()].common, other.node);
            if let Some(last) = common.filter(|last| other.at < last.there) {
                return self.broken(Guarantee::Total, |oracle| {
                    let [last, now] = [last.message, index].map(|index| oracle.id(index));
                    Breach::Disagreement {
                        one: (node, [last.clone(), now.clone()]),
                        other: (other.node, [now, last]),
                    }
                });
            }
            *common = Some(Common { message: index, there: other.at });
            let common = entry(&mut self.nodes[other.node.index()].common, node);
            *common = Some(Common { message: index, there: at });
        }
    }

    fn overtaken(&self, node: NodeId, index: MessageIndex) -> Breach<M> {
        // The clocks have found a missing message, and the search goes through all that
        // the clocks cover.
        let chain = chain::shortest(self, node, index).expect("a missing message is in the past");
        let events = chain.events.into_iter().map(|(node, event)| match event {
            Event::Sent(index) => ChainEvent::Sent { by: node, message: self.id(index) },
            Event::Delivered(index) => ChainEvent::Delivered { at: node, message: self.id(index) },
        });
        Breach::Overtaken {
            at: node,
            message: self.id(index),
            missing: self.id(chain.missing),
            chain: events.collect(),
        }
    }

    fn undelivered_message(&self) -> Option<Breach<M>> {
        let mut waiting = self.nodes.iter().enumerate().flat_map(|(node, receiver)| {
            receiver.oldest_pending().map(move |message| (NodeId::from_index(node), message))
        });
        let (to, index) = waiting.next()?;
        let from = self.messages[index as usize].from;
        Some(Breach::Undelivered { message: self.id(index), from, to, missing: self.undelivered })
    }

    /// Keeps the first breach of a guarantee.
    fn broken(&mut self, guarantee: Guarantee, breach: impl FnOnce(&Self) -> Breach<M>) {
        if !self.breaches.contains_key(&guarantee) {
            let breach = breach(self);
            self.breaches.insert(guarantee, breach);
        }
    }

    /// The id of a message. It is searched among all, since only a breach has to name
    /// messages.
    fn id(&self, index: MessageIndex) -> M {
        let mut ids = self.ids.iter();
        let found = ids.find(|(_, place)| **place == index);
        // A message gets its index together with its id.
        found.map(|(id, _)| id.clone()).expect("every message has an id")
    }

    fn destinations(&mut self, to: impl IntoIterator<Item = NodeId>) -> Arc<[NodeId]> {
        let mut to: Vec<_> = to.into_iter().collect();
        to.sort_unstable();
        to.dedup();
        if let Some(list) = self.lists.get(&*to) {
            return list.clone();
        }
        let list: Arc<[NodeId]> = to.into();
        self.lists.insert(list.clone());
        list
    }

    fn node(&mut self, node: NodeId) -> &mut Node {
        entry(&mut self.nodes, node)
    }
}

/// What the search for a chain reads.
impl<M> Oracle<M> {
    pub(super) fn node_count(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn message(&self, index: MessageIndex) -> &Message {
        &self.messages[index as usize]
    }

    pub(super) fn events(&self, node: usize) -> &[Event] {
        &self.nodes[node].events
    }

    /// The latest message that `receiver` has not delivered, of those among the
    /// sender's first `events` events.
    pub(super) fn latest_pending(
        &self,
        receiver: NodeId,
        sender: usize,
        events: usize,
    ) -> Option<MessageIndex> {
        self.nodes[receiver.index()].latest_pending(sender, events)
    }
}

impl Message {
    /// The place of its send among the sender's events.
    pub(super) fn at(&self) -> usize {
        self.at as usize
    }
}
