use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rehearsal_machine::NodeId;

/// The place of a message in the order of all sends.
pub(super) type MessageIndex = u32;

/// An event of a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Sent(MessageIndex),
    Delivered(MessageIndex),
}

/// What the oracle knows of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) events: Vec<Event>,
    /// How many events of each other node happened before this node's next event.
    pub(super) clock: Arc<Vec<u32>>,
    /// For each sender: the messages under way from it, in the order of their sends.
    /// The first one is never delivered; others may be.
    pending: Vec<VecDeque<Pending>>,
    /// For each other node: the last message that both have delivered.
    pub(super) common: Vec<Option<Common>>,
    /// Where its current step begins among its events, if steps are told.
    step: Option<u32>,
    /// Where its current life begins among its events.
    pub(super) life: u32,
    /// Messages whose delivery a crash may have undone.
    in_doubt: BTreeSet<MessageIndex>,
}

/// A message under way to the node.
#[derive(Clone, Copy, Debug)]
struct Pending {
    message: MessageIndex,
    /// The place of the send among the sender's events.
    at: u32,
    is_delivered: bool,
}

/// A message that two nodes have delivered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    pub(super) message: MessageIndex,
    /// The place of its delivery among the other node's events.
    pub(super) there: u32,
}

impl Node {
    /// A message was sent to the node.
    pub(super) fn expect(&mut self, from: NodeId, message: MessageIndex, at: u32) {
        let pending = Pending { message, at, is_delivered: false };
        entry(&mut self.pending, from).push_back(pending);
    }

    /// Is a message under way to the node from among the sender's first `events` events?
    pub(super) fn misses(&self, sender: usize, events: u32) -> bool {
        let oldest = self.pending.get(sender).and_then(VecDeque::front);
        oldest.is_some_and(|oldest| oldest.at < events)
    }

    /// The oldest message under way from each sender.
    pub(super) fn oldest_pending(&self) -> impl Iterator<Item = MessageIndex> {
        self.pending.iter().filter_map(VecDeque::front).map(|oldest| oldest.message)
    }

    /// The latest message under way from among the sender's first `events` events.
    pub(super) fn latest_pending(&self, sender: usize, events: usize) -> Option<MessageIndex> {
        let pending = self.pending.get(sender)?;
        let end = pending.partition_point(|pending| (pending.at as usize) < events);
        let latest = pending.range(..end).rfind(|pending| !pending.is_delivered)?;
        Some(latest.message)
    }

    /// Takes a message from those under way.
    pub(super) fn take_pending(&mut self, from: NodeId, at: u32) {
        let pending = &mut self.pending[from.index()];
        let place = pending.partition_point(|pending| pending.at < at);
        pending[place].is_delivered = true;
        while pending.front().is_some_and(|oldest| oldest.is_delivered) {
            pending.pop_front();
        }
    }

    /// What happened before a message that the node delivers happened before all that it
    /// does from now on.
    pub(super) fn learn(&mut self, from: NodeId, sent_at: u32, clock: &[u32]) {
        let has =
            |node: usize, events: u32| self.clock.get(node).is_some_and(|known| *known >= events);
        let is_known = has(from.index(), sent_at + 1)
            && clock.iter().enumerate().all(|(node, events)| has(node, *events));
        if is_known {
            return;
        }
        let ours = Arc::make_mut(&mut self.clock);
        if ours.len() < clock.len() {
            ours.resize(clock.len(), 0);
        }
        for (known, events) in ours.iter_mut().zip(clock) {
            *known = (*known).max(*events);
        }
        let known = entry(ours, from);
        *known = (*known).max(sent_at + 1);
    }

    pub(super) fn step_began(&mut self) {
        self.step = Some(place(self.events.len()));
    }

    pub(super) fn crashed(&mut self) {
        self.life = place(self.events.len());
        let step = self.step.take().map_or(&[][..], |step| &self.events[step as usize..]);
        self.in_doubt.extend(step.iter().filter_map(|event| match event {
            Event::Sent(_) => None,
            Event::Delivered(message) => Some(*message),
        }));
    }

    /// A message is delivered again. Is that excused, because a crash may have undone
    /// the delivery?
    pub(super) fn deliver_again(&mut self, message: MessageIndex) -> bool {
        let is_excused = self.in_doubt.remove(&message);
        if is_excused {
            self.events.push(Event::Delivered(message));
        }
        is_excused
    }
}

/// A node's place in a list that grows when a node is first named.
pub(super) fn entry<T: Clone + Default>(list: &mut Vec<T>, node: NodeId) -> &mut T {
    if list.len() <= node.index() {
        list.resize(node.index() + 1, T::default());
    }
    &mut list[node.index()]
}

/// A count as it is kept.
pub(super) fn place(count: usize) -> u32 {
    // Each takes at least eight bytes.
    u32::try_from(count).expect("2^32 events do not fit in memory")
}
