//! The definitions taken literally, whatever they cost: happened-before as the
//! transitive closure of a relation between all pairs of events.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::NodeId;
use rehearsal_sim::order::Guarantee;

use crate::event::Event;

pub(crate) struct Closure<'a> {
    events: &'a [Event],
    /// For each event: the message edges and process edges into it.
    edges: Vec<Vec<(usize, u32)>>,
    /// `before[b][a]`: event `a` happened before event `b`.
    before: Vec<Vec<bool>>,
    /// The first send of each message.
    sends: BTreeMap<u32, usize>,
    /// The first delivery of each message at each node to which it was sent before.
    deliveries: BTreeMap<(NodeId, u32), usize>,
}

impl<'a> Closure<'a> {
    pub(crate) fn of(events: &'a [Event]) -> Self {
        let mut sends = BTreeMap::new();
        for (place, event) in events.iter().enumerate() {
            if let Event::Sent { message, .. } = event {
                sends.entry(*message).or_insert(place);
            }
        }
        let mut closure = Self {
            events,
            edges: vec![Vec::new(); events.len()],
            before: Vec::new(),
            sends,
            deliveries: BTreeMap::new(),
        };
        for place in 0..events.len() {
            if let Some(delivery) = closure.delivery(place) {
                closure.deliveries.entry(delivery).or_insert(place);
            }
        }
        for (place, event) in events.iter().enumerate() {
            let own = events[..place].iter().rposition(|other| other.node() == event.node());
            closure.edges[place].extend(own.map(|own| (own, 0)));
            if let Some((_, message)) = closure.delivery(place) {
                closure.edges[place].push((closure.sends[&message], 1));
            }
        }
        // Events are listed after their causes, so one pass closes the relation.
        for place in 0..events.len() {
            let mut past = vec![false; events.len()];
            for (cause, _) in &closure.edges[place] {
                past[*cause] = true;
                let further = closure.before[*cause].iter();
                past.iter_mut().zip(further).for_each(|(past, further)| *past |= further);
            }
            closure.before.push(past);
        }
        closure
    }

    /// For each guarantee but `AllDelivered`: the event that completes its first
    /// violation.
    pub(crate) fn first_violations(&self) -> BTreeMap<Guarantee, usize> {
        let violations = [
            (Guarantee::UniqueIds, self.reused()),
            (Guarantee::NoCreation, self.created()),
            (Guarantee::NoDuplication, self.duplicated()),
            (Guarantee::Fifo, self.overtaken(|first, second| self.is_fifo(first, second))),
            (Guarantee::Causal, self.overtaken(|first, second| self.before[second][first])),
            (Guarantee::Total, self.disagreements()),
        ];
        let first = |(guarantee, all): (_, Vec<usize>)| Some((guarantee, all.into_iter().min()?));
        violations.into_iter().filter_map(first).collect()
    }

    /// Has each destination delivered what was sent by the first `count` events?
    pub(crate) fn all_delivered(&self, count: usize) -> bool {
        let sends = self.sends.iter().filter(|(_, send)| **send < count);
        let mut owed = sends
            .flat_map(|(message, send)| self.destinations(*send).iter().map(|to| (*to, *message)));
        owed.all(|(to, message)| self.first_delivery(to, message).is_some_and(|at| at < count))
    }

    /// The fewest deliveries on a chain to the send of `message` from the send of one
    /// that `at` has not delivered before event `now`.
    pub(crate) fn fewest_deliveries(&self, at: NodeId, message: u32, now: usize) -> Option<u32> {
        let end = self.sends[&message];
        let missing = self.sends.iter().filter(|(other, send)| {
            **other != message
                && self.destinations(**send).contains(&at)
                && self.is_missing(at, **other, now)
        });
        missing.filter_map(|(_, start)| self.distance(*start, end)).min()
    }

    pub(crate) fn is_missing(&self, at: NodeId, message: u32, now: usize) -> bool {
        self.first_delivery(at, message).is_none_or(|delivery| delivery >= now)
    }

    pub(crate) fn is_before(&self, first: u32, second: u32) -> bool {
        self.before[self.sends[&second]][self.sends[&first]]
    }

    /// The fewest message edges on a path from one event to a later one.
    fn distance(&self, start: usize, end: usize) -> Option<u32> {
        let mut fewest = vec![None; self.events.len()];
        fewest[start] = Some(0);
        for place in start + 1..=end {
            let known = self.edges[place].iter();
            fewest[place] = known.filter_map(|(cause, cost)| Some(fewest[*cause]? + cost)).min();
        }
        fewest[end]
    }

    /// A delivery of a message that was sent to the node before.
    fn delivery(&self, place: usize) -> Option<(NodeId, u32)> {
        let Event::Delivered { at, message } = self.events[place] else { return None };
        let send = *self.sends.get(&message)?;
        (send < place && self.destinations(send).contains(&at)).then_some((at, message))
    }

    fn destinations(&self, send: usize) -> &[NodeId] {
        match &self.events[send] {
            Event::Sent { to, .. } => to,
            Event::Delivered { .. } => &[],
        }
    }

    fn first_delivery(&self, at: NodeId, message: u32) -> Option<usize> {
        self.deliveries.get(&(at, message)).copied()
    }

    fn is_fifo(&self, first: usize, second: usize) -> bool {
        first < second && self.events[first].node() == self.events[second].node()
    }

    fn reused(&self) -> Vec<usize> {
        let is_second = |(place, event): (usize, &Event)| match event {
            Event::Sent { message, .. } => (self.sends[message] != place).then_some(place),
            Event::Delivered { .. } => None,
        };
        self.events.iter().enumerate().filter_map(is_second).collect()
    }

    fn created(&self) -> Vec<usize> {
        let is_delivery = |place: &usize| matches!(self.events[*place], Event::Delivered { .. });
        let all = (0..self.events.len()).filter(is_delivery);
        all.filter(|place| self.delivery(*place).is_none()).collect()
    }

    fn duplicated(&self) -> Vec<usize> {
        let is_second = |place: &usize| {
            let first =
                self.delivery(*place).and_then(|(at, message)| self.first_delivery(at, message));
            first.is_some_and(|first| first != *place)
        };
        (0..self.events.len()).filter(is_second).collect()
    }

    /// Deliveries at nodes where a message is missing whose send had to come first.
    fn overtaken(&self, had_to_be_first: impl Fn(usize, usize) -> bool) -> Vec<usize> {
        let is_overtaking = |place: &usize| {
            let Some((at, message)) = self.delivery(*place) else { return false };
            self.sends.iter().any(|(other, send)| {
                had_to_be_first(*send, self.sends[&message])
                    && self.destinations(*send).contains(&at)
                    && self.is_missing(at, *other, *place)
            })
        };
        (0..self.events.len()).filter(is_overtaking).collect()
    }

    /// For each two nodes and two messages in different orders: the last of the four
    /// deliveries.
    fn disagreements(&self) -> Vec<usize> {
        let nodes: BTreeSet<_> = self.events.iter().map(Event::node).collect();
        let mut found = Vec::new();
        for (one, other) in nodes.iter().flat_map(|one| nodes.range(..one).map(move |o| (*one, *o)))
        {
            let places = |message: &u32| {
                Some([self.first_delivery(one, *message)?, self.first_delivery(other, *message)?])
            };
            let common: Vec<_> = self.sends.keys().filter_map(places).collect();
            for (index, [a, b]) in common.iter().enumerate() {
                for [c, d] in &common[..index] {
                    if (a < c) != (b < d) {
                        found.push(*a.max(b).max(c).max(d));
                    }
                }
            }
        }
        found
    }
}
