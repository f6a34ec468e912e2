use todc_utils::linearizability::history::Action;

use super::inconsistency::Span;
use super::record::{End, Operation};
use super::search::{self, Found, Step};
use super::sequential::{Consistency, Sequential};

/// Why the operations on one object have not been ordered.
pub(super) enum NoOrder<S: Sequential> {
    /// Those of the shortest prefix that is known to have none.
    Unordered(Vec<Span<S>>),
    /// The search has taken too much memory.
    Undecided,
}

/// Can the operations on one object be ordered?
pub(super) fn check<K, S: Sequential>(
    operations: &[&Operation<K, S>],
    consistency: Consistency,
    most_bytes: usize,
) -> Result<(), NoOrder<S>> {
    let mut events: Vec<_> = operations.iter().flat_map(|operation| operation.events()).collect();
    events.sort_unstable();
    let until = |count: usize| Prefix::<S>::of(operations, &events[..count]);
    match until(events.len()).search(consistency, most_bytes) {
        Found::Order => return Ok(()),
        Found::Undecided => return Err(NoOrder::Undecided),
        Found::NoOrder => {}
    }
    let is_bad = |count: &usize| until(*count).search(consistency, most_bytes) == Found::NoOrder;
    let count = match consistency {
        // A prefix of a linearizable history is linearizable.
        Consistency::Linearizable => {
            let (mut good, mut bad) = (0, events.len());
            while bad - good > 1 {
                let middle = usize::midpoint(good, bad);
                *(if is_bad(&middle) { &mut bad } else { &mut good }) = middle;
            }
            bad
        }
        // A read of a value that is written later has an order only once it is written, so
        // no prefix says anything of longer ones.
        Consistency::Sequential => (1..events.len()).find(is_bad).unwrap_or(events.len()),
    };
    Err(NoOrder::Unordered(until(count).spans))
}

/// The first events of a history.
struct Prefix<S: Sequential> {
    spans: Vec<Span<S>>,
}

impl<S: Sequential> Prefix<S> {
    fn of<K>(operations: &[&Operation<K, S>], events: &[usize]) -> Self {
        let place = |event: usize| events.binary_search(&event).ok();
        let spans = operations.iter().filter_map(|operation| {
            let returned = match &operation.end {
                End::Returned(event, answer) => place(*event).map(|event| (event, answer.clone())),
                End::Open | End::Failed => None,
            };
            Some(Span {
                client: operation.client,
                operation: operation.call.clone(),
                invoked: place(operation.invoked)?,
                returned,
            })
        });
        Self { spans: spans.collect() }
    }

    fn search(&self, consistency: Consistency, most_bytes: usize) -> Found {
        match (search::in_real_time(self.in_real_time(), most_bytes), consistency) {
            (Found::Order, _) => Found::Order,
            (found, Consistency::Linearizable) => found,
            (_, Consistency::Sequential) => {
                search::in_program_order(self.all_at_once(), most_bytes)
            }
        }
    }

    /// An operation, with the earlier ones of its client.
    fn step(&self, place: usize) -> Step<S> {
        let span = &self.spans[place];
        let is_earlier = |(_, other): &(usize, &Span<S>)| {
            other.client == span.client && other.end() < span.invoked
        };
        let earlier = self.spans[..place].iter().enumerate().filter(is_earlier);
        Step {
            place,
            operation: span.operation.clone(),
            answer: span.returned.as_ref().map(|(_, answer)| answer.clone()),
            earlier: earlier.map(|(place, _)| place).collect(),
        }
    }

    /// Each event in its place. An operation that has not returned returns at the
    /// end: it can take effect there, after all others, as if it had none.
    fn in_real_time(&self) -> Vec<Action<Step<S>>> {
        let mut actions = Vec::new();
        for (place, span) in self.spans.iter().enumerate() {
            let step = self.step(place);
            actions.push((span.invoked, Action::Call(step.clone())));
            actions.push((span.end(), Action::Response(step)));
        }
        actions.sort_by_key(|(event, _)| *event);
        actions.into_iter().map(|(_, action)| action).collect()
    }

    /// All operations at the same time. The search tries them in this order: those that have
    /// returned, as they did so.
    fn all_at_once(&self) -> Vec<Action<Step<S>>> {
        let mut places: Vec<_> = (0..self.spans.len()).collect();
        places.sort_by_key(|place| self.spans[*place].end());
        let steps: Vec<_> = places.into_iter().map(|place| self.step(place)).collect();
        let calls = steps.iter().cloned().map(Action::Call);
        calls.chain(steps.iter().cloned().map(Action::Response)).collect()
    }
}
