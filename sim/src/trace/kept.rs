use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::encode::append;
use super::{Event, EventKind};
use crate::protocol::Lane;

/// The events of a run, or the last of them.
///
/// They are kept as bytes, which takes a fraction of the room of [`Event`]s, and
/// decoded one by one as they are read. As in a flight recorder, the oldest make
/// room for new ones once there are more than the limit, so that a run of any
/// length takes a bounded room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    chunks: VecDeque<Chunk>,
    limit: u64,
    kept: u64,
    dropped: u64,
    /// What each node was up to before the first event that is kept.
    lanes: Vec<Option<Lane>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Chunk {
    events: u64,
    bytes: Vec<u8>,
}

/// Bytes after which a chunk is full.
const CHUNK: usize = 64 * 1_024;

impl Trace {
    /// A trace without events, which will keep the last so many.
    #[must_use]
    pub fn keeping(limit: u64) -> Self {
        Self { chunks: VecDeque::new(), limit, kept: 0, dropped: 0, lanes: Vec::new() }
    }

    /// A trace that keeps all of these, which happened after so many others.
    #[must_use]
    pub fn after(dropped: u64, events: impl IntoIterator<Item = Event>) -> Self {
        Self { dropped, ..events.into_iter().collect() }
    }

    /// Adds the next event.
    pub fn push(&mut self, event: &Event) {
        if self.chunks.back().is_none_or(|last| last.bytes.len() >= CHUNK) {
            self.chunks.push_back(Chunk::default());
        }
        if let Some(last) = self.chunks.back_mut() {
            if let Err(error) = append(&mut last.bytes, event) {
                unreachable!("strings, numbers and lists of them can be encoded: {error}");
            }
            last.events += 1;
        }
        self.kept += 1;
        while self.chunks.front().is_some_and(|first| self.kept - first.events >= self.limit) {
            let Some(chunk) = self.chunks.pop_front() else { break };
            self.kept -= chunk.events;
            self.dropped += chunk.events;
            for event in chunk.decode() {
                pass(&mut self.lanes, &event);
            }
        }
    }

    /// The events that are kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = Event> {
        self.chunks.iter().flat_map(Chunk::decode).skip(self.surplus())
    }

    /// The events that are kept, all at once.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Event> {
        self.iter().collect()
    }

    /// How many events are kept.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.kept.min(self.limit)
    }

    /// The events that led to the one with this number, one after the other, as far as they are
    /// kept; the first of them comes first.
    #[must_use]
    pub fn causes(&self, number: u64) -> Vec<Event> {
        let earlier = || self.iter().take_while(|event| event.number <= number);
        let causes: BTreeMap<u64, u64> =
            earlier().filter_map(|event| Some((event.number, event.cause?))).collect();
        let led_to = |event: &u64| causes.get(event).copied();
        let chain: BTreeSet<u64> = std::iter::successors(led_to(&number), led_to).collect();
        earlier().filter(|event| chain.contains(&event.number)).collect()
    }

    /// Is none kept?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events happened before those that are kept.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped + self.surplus() as u64
    }

    /// What each of so many nodes was up to before the first event that is kept.
    #[must_use]
    pub fn lanes(&self, nodes: usize) -> Vec<Option<Lane>> {
        let mut lanes = self.lanes.clone();
        for event in self.chunks.iter().flat_map(Chunk::decode).take(self.surplus()) {
            pass(&mut lanes, &event);
        }
        lanes.resize(lanes.len().max(nodes), None);
        lanes
    }

    /// Events of the first chunk that are past the limit: chunks go as a whole.
    fn surplus(&self) -> usize {
        self.kept.saturating_sub(self.limit) as usize
    }
}

impl FromIterator<Event> for Trace {
    /// A trace that keeps all of these.
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        let mut trace = Self::keeping(u64::MAX);
        events.into_iter().for_each(|event| trace.push(&event));
        trace
    }
}

impl Chunk {
    fn decode(&self) -> impl Iterator<Item = Event> {
        let mut rest = self.bytes.as_slice();
        (0..self.events).map(move |_| {
            // `push` wrote it, and nothing else writes here.
            let (event, left) = postcard::take_from_bytes(rest).expect("an event that was encoded");
            rest = left;
            event
        })
    }
}

fn pass(lanes: &mut Vec<Option<Lane>>, event: &Event) {
    if let EventKind::Role { node, lane } = event.what {
        if lanes.len() <= node.index() {
            lanes.resize(node.index() + 1, None);
        }
        lanes[node.index()] = Some(lane);
    }
}

#[cfg(test)]
mod tests {
    use rehearsal_machine::{NodeId, Time};

    use super::*;

    fn event(number: u64) -> Event {
        let node = NodeId::from_index((number % 3) as usize);
        let what = match number % 4 {
            0 => EventKind::Role { node, lane: lane(number) },
            1 => EventKind::Crash { node },
            _ => EventKind::Emit { node, text: "x".repeat((number % 90) as usize), value: None },
        };
        Event { number, cause: number.checked_sub(2), at: Time::from_millis(number), what }
    }

    fn lane(number: u64) -> Lane {
        Lane::from(if number.is_multiple_of(8) { 'F' } else { 'L' })
    }

    #[test]
    fn a_trace_keeps_exactly_the_last_events_of_its_limit() {
        let all: Vec<_> = (1..=5_000).map(event).collect();
        let all = all.as_slice();
        for limit in [0, 1, 2, 999, 2_000, 4_999, 5_000, 5_001] {
            let mut trace = Trace::keeping(limit);
            for event in all {
                trace.push(event);
            }
            let first = all.len() - all.len().min(limit as usize);
            assert!(trace.iter().eq(all[first..].iter().cloned()), "limit {limit}");
            assert_eq!((trace.len(), trace.dropped()), (limit.min(5_000), first as u64));
            let last = |node: usize| {
                let of_node = |event: &&Event| event.what.node() == Some(NodeId::from_index(node));
                let mut before = all[..first].iter().rev().filter(of_node);
                before.find_map(|event| match event.what {
                    EventKind::Role { lane, .. } => Some(lane),
                    _ => None,
                })
            };
            assert_eq!(trace.lanes(3), [last(0), last(1), last(2)], "limit {limit}");
        }
    }

    #[test]
    fn a_full_trace_does_not_grow() {
        let mut trace = Trace::keeping(1_000);
        for number in 1..100_000 {
            trace.push(&event(number));
        }
        let bytes: usize = trace.chunks.iter().map(|chunk| chunk.bytes.capacity()).sum();
        assert!(bytes <= 4 * CHUNK, "{bytes} bytes for 1,000 events");
    }
}
