use std::collections::{BTreeMap, VecDeque};

use rehearsal_machine::{Machine, NodeId};

use super::pending::Pending;
use crate::queue::Key;

/// The nodes that handle nothing just now, each with what has come for it.
pub(super) struct Pauses<M: Machine> {
    paused: BTreeMap<NodeId, Pause<M>>,
    /// How many pauses there were, to tell one from another.
    count: u32,
}

struct Pause<M: Machine> {
    number: u32,
    /// The pause is over, and what has come meanwhile is being handled.
    is_over: bool,
    /// It does not end with the calm.
    is_lasting: bool,
    backlog: Backlog<M>,
}

/// What came for a node while it paused, in its order.
pub(super) type Backlog<M> = VecDeque<(Key, Pending<M>)>;

impl<M: Machine> Pauses<M> {
    pub(super) fn new() -> Self {
        Self { paused: BTreeMap::new(), count: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.paused.clear();
        self.count = 0;
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.paused.is_empty()
    }

    /// Must an input that comes for the node now wait?
    pub(super) fn is_paused(&self, node: NodeId) -> bool {
        self.paused.contains_key(&node)
    }

    /// What comes for a node that pauses waits.
    pub(super) fn wait(&mut self, key: Key, pending: Pending<M>) {
        if let Some(pause) = self.paused.get_mut(&key.to()) {
            pause.backlog.push_back((key, pending));
        }
    }

    /// Begins a pause; gives its number. One that lasts is replaced, so that
    /// only the end of the last one counts.
    pub(super) fn begin(&mut self, node: NodeId, is_lasting: bool) -> u32 {
        self.count += 1;
        let number = self.count;
        let pause = || Pause { number, is_over: false, is_lasting, backlog: VecDeque::new() };
        let pause = self.paused.entry(node).or_insert_with(pause);
        (pause.number, pause.is_over) = (number, false);
        pause.is_lasting |= is_lasting;
        number
    }

    /// Does the node's pause outlive the calm, if it has one?
    pub(super) fn outlives_calm(&self, node: NodeId) -> bool {
        self.paused.get(&node).is_some_and(|pause| pause.is_lasting)
    }

    /// Ends the node's pause, if it has one, and it is this one if one is
    /// named; what has come is now to be handled.
    pub(super) fn end(&mut self, node: NodeId, number: Option<u32>) -> bool {
        let lasts = |pause: &&mut Pause<M>| {
            !pause.is_over && number.is_none_or(|number| pause.number == number)
        };
        let Some(pause) = self.paused.get_mut(&node).filter(lasts) else { return false };
        pause.is_over = true;
        true
    }

    /// The next of what has come for a node whose pause is over. After the
    /// last one nothing has to wait any more.
    pub(super) fn next(&mut self, node: NodeId) -> Option<(Key, Pending<M>)> {
        let pause = self.paused.get_mut(&node).filter(|pause| pause.is_over)?;
        let next = pause.backlog.pop_front();
        if next.is_none() {
            self.paused.remove(&node);
        }
        next
    }

    /// What waits for nodes that are paused.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &(Key, Pending<M>)> {
        self.paused.values().flat_map(|pause| &pause.backlog)
    }

    /// Takes out what fits of all that waits for nodes that are paused.
    pub(super) fn take_out(
        &mut self,
        fits: impl Fn(&Key, &Pending<M>) -> bool,
    ) -> Vec<(Key, Pending<M>)> {
        let mut taken = Vec::new();
        for pause in self.paused.values_mut() {
            let (fitting, rest): (Backlog<M>, Backlog<M>) =
                pause.backlog.drain(..).partition(|(key, pending)| fits(key, pending));
            taken.extend(fitting);
            pause.backlog = rest;
        }
        taken
    }

    /// The node is down: what has come for it is left to the caller.
    pub(super) fn take(&mut self, node: NodeId) -> Backlog<M> {
        self.paused.remove(&node).map_or_else(VecDeque::new, |pause| pause.backlog)
    }
}
