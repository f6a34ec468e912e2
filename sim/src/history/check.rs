use std::collections::BTreeMap;
use std::rc::Rc;

use rehearsal_machine::NodeId;
use todc_utils::linearizability::history::Action;

use super::inconsistency::Span;
use super::record::{End, Operation};
use super::search::{self, Budget, Found, Step};
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
    match until(events.len()).search(consistency, &Budget::new(most_bytes)) {
        Found::Order => return Ok(()),
        Found::Undecided => return Err(NoOrder::Undecided),
        Found::NoOrder => {}
    }
    // All prefixes together may take as much as the whole history.
    let budget = Budget::new(most_bytes);
    let is_bad = |count: &usize| until(*count).search(consistency, &budget) == Found::NoOrder;
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

    fn search(&self, consistency: Consistency, budget: &Budget) -> Found {
        let steps = self.steps();
        match (search::in_real_time(self.in_real_time(&steps), budget), consistency) {
            (Found::Order, _) => Found::Order,
            (found, Consistency::Linearizable) => found,
            (_, Consistency::Sequential) => {
                search::in_program_order(self.all_at_once(&steps), budget)
            }
        }
    }

    /// The operations, each with those earlier ones of its client that must have taken
    /// effect before it. Those that come before one of these need not be named.
    fn steps(&self) -> Vec<Step<S>> {
        let mut recent: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        let steps = self.spans.iter().enumerate().map(|(place, span)| {
            let recent = recent.entry(span.client).or_default();
            let is_earlier = |place: &&usize| self.spans[**place].end() < span.invoked;
            let latest = recent.iter().filter(is_earlier).map(|place| self.spans[*place].invoked);
            let latest = latest.max().unwrap_or(0);
            recent.retain(|place| self.spans[*place].end() >= latest);
            let earlier: Rc<[usize]> = recent.iter().filter(is_earlier).copied().collect();
            recent.push(place);
            Step {
                place,
                operation: span.operation.clone(),
                answer: span.returned.as_ref().map(|(_, answer)| answer.clone()),
                earlier,
            }
        });
        steps.collect()
    }

    /// Each event in its place. An operation that has not returned returns at the
    /// end: it can take effect there, after all others, as if it had none.
    fn in_real_time(&self, steps: &[Step<S>]) -> Vec<Action<Step<S>>> {
        let mut actions = Vec::new();
        for (span, step) in self.spans.iter().zip(steps) {
            actions.push((span.invoked, Action::Call(step.clone())));
            actions.push((span.end(), Action::Response(step.clone())));
        }
        actions.sort_by_key(|(event, _)| *event);
        actions.into_iter().map(|(_, action)| action).collect()
    }

    /// All operations at the same time. The search tries them in this order: those that have
    /// returned, as they did so.
    fn all_at_once(&self, steps: &[Step<S>]) -> Vec<Action<Step<S>>> {
        let mut places: Vec<_> = (0..self.spans.len()).collect();
        places.sort_by_key(|place| self.spans[*place].end());
        let calls = places.iter().map(|place| Action::Call(steps[*place].clone()));
        calls.chain(places.iter().map(|place| Action::Response(steps[*place].clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Register, RegisterAnswer, RegisterOperation};

    /// A write of this client from one event to another.
    fn span(client: usize, invoked: usize, returned: Option<usize>) -> Span<Register<u32>> {
        Span {
            client: NodeId::from_index(client),
            operation: RegisterOperation::Write(1),
            invoked,
            returned: returned.map(|event| (event, RegisterAnswer::Done)),
        }
    }

    fn earlier(spans: Vec<Span<Register<u32>>>) -> Vec<Vec<usize>> {
        Prefix { spans }.steps().iter().map(|step| step.earlier.to_vec()).collect()
    }

    #[test]
    fn an_operation_comes_after_the_last_earlier_ones_of_its_client() {
        let spans = vec![
            span(1, 0, Some(2)),
            span(1, 1, Some(4)),
            span(2, 3, Some(5)),
            // After both, neither of which is earlier than the other.
            span(1, 6, None),
            span(1, 7, Some(8)),
            // The one that has not returned may come later still.
            span(1, 9, Some(10)),
        ];
        assert_eq!(earlier(spans), [vec![], vec![], vec![], vec![0, 1], vec![0, 1], vec![4]]);
    }

    #[test]
    fn the_operations_of_a_client_name_no_more_than_one_earlier_operation_each() {
        let one_by_one = (0..10_000).map(|place| span(1, 2 * place, Some(2 * place + 1)));
        let named: usize = earlier(one_by_one.collect()).iter().map(Vec::len).sum();
        assert_eq!(named, 9_999);
    }
}
