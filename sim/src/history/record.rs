use std::collections::BTreeMap;
use std::fmt;

use rehearsal_machine::{Effect, Input, Machine, NodeId};

use super::check::{self, NoOrder};
use super::inconsistency::Inconsistency;
use super::sequential::{Consistency, Sequential};
use crate::property::{NodeEvent, Observed, View, Violation};

/// The operations of all clients on objects of one kind, one object for each key `K`. An
/// operation is known by its id `I`.
///
/// A client is the owner of a node. Its operations may overlap: one that has not
/// returned may have taken effect or not, and it may still do so. An answer that
/// comes again, as outputs may after a crash, is the same answer.
///
/// See the [module](super) for an example.
#[derive(Clone, Debug)]
pub struct History<K, I, S: Sequential> {
    operations: Vec<Operation<K, S>>,
    places: BTreeMap<I, usize>,
    /// How many invocations and returns there have been.
    events: usize,
    /// The first event that belongs to no history.
    misuse: Option<Misuse>,
    /// What a search may remember.
    most_bytes: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Operation<K, S: Sequential> {
    pub(super) client: NodeId,
    pub(super) key: K,
    pub(super) call: S::Operation,
    /// The event that invoked it.
    pub(super) invoked: usize,
    pub(super) end: End<S::Answer>,
}

impl<K, S: Sequential> Operation<K, S> {
    /// Its invocation and its return.
    pub(super) fn events(&self) -> impl Iterator<Item = usize> {
        let returned = match self.end {
            End::Returned(event, _) => Some(event),
            End::Open | End::Failed => None,
        };
        [self.invoked].into_iter().chain(returned)
    }
}

/// How an operation has ended.
#[derive(Clone, Debug)]
pub(super) enum End<A> {
    /// Not yet.
    Open,
    /// It returned with this answer at this event.
    Returned(usize, A),
    /// It had no effect, and never has one.
    Failed,
}

#[derive(Clone, Copy, Debug)]
enum Misuse {
    InvokedTwice(NodeId),
    NotInvoked,
    TwoAnswers(NodeId),
}

/// What a node and its owner say to each other.
pub enum Said<'a, M: Machine> {
    /// The owner gave this command.
    Command(&'a M::Command),
    /// The node told its owner this.
    Output(&'a M::Output),
}

impl<K, I, S: Sequential> Default for History<K, I, S> {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            places: BTreeMap::new(),
            events: 0,
            misuse: None,
            most_bytes: 256 << 20,
        }
    }
}

impl<K: Ord + Clone, I: Ord, S: Sequential> History<K, I, S> {
    /// The same history, where a search for an order may take about this much memory, rather
    /// than 256 MB, until it is given up. All searches for a shorter prefix without an
    /// order may together take as much again.
    #[must_use]
    pub fn with_memory(self, bytes: usize) -> Self {
        Self { most_bytes: bytes, ..self }
    }

    /// The client invokes an operation on the object of this key.
    pub fn invoked(&mut self, client: NodeId, key: K, id: I, operation: S::Operation) {
        let place = self.operations.len();
        if self.places.contains_key(&id) {
            self.misuse.get_or_insert(Misuse::InvokedTwice(client));
            return;
        }
        self.places.insert(id, place);
        let invoked = self.next_event();
        self.operations.push(Operation { client, key, call: operation, invoked, end: End::Open });
    }

    /// The operation returns to its client, with this answer.
    pub fn returned(&mut self, id: &I, answer: S::Answer) {
        let event = self.next_event();
        let Some(operation) = self.operation(id) else { return };
        let client = operation.client;
        match &operation.end {
            End::Open => operation.end = End::Returned(event, answer),
            End::Returned(_, first) if *first == answer => {}
            End::Returned(..) | End::Failed => {
                self.misuse.get_or_insert(Misuse::TwoAnswers(client));
            }
        }
    }

    /// The operation returns to its client: it has had no effect, and will have none.
    pub fn failed(&mut self, id: &I) {
        let Some(operation) = self.operation(id) else { return };
        let client = operation.client;
        match operation.end {
            End::Open | End::Failed => operation.end = End::Failed,
            End::Returned(..) => {
                self.misuse.get_or_insert(Misuse::TwoAnswers(client));
            }
        }
    }

    /// Is the history consistent so far? Otherwise the shortest prefix that is not.
    ///
    /// It searches from the beginning each time it is called, so ask it at the end of a
    /// run.
    pub fn check(&self, consistency: Consistency) -> Result<(), Inconsistency<K, S>> {
        match self.misuse {
            None => {}
            Some(Misuse::InvokedTwice(client)) => {
                return Err(Inconsistency::InvokedTwice { client });
            }
            Some(Misuse::NotInvoked) => return Err(Inconsistency::NotInvoked),
            Some(Misuse::TwoAnswers(client)) => return Err(Inconsistency::TwoAnswers { client }),
        }
        let mut by_key: BTreeMap<&K, Vec<&Operation<K, S>>> = BTreeMap::new();
        for operation in &self.operations {
            if !matches!(operation.end, End::Failed) {
                by_key.entry(&operation.key).or_default().push(operation);
            }
        }
        by_key.into_iter().try_for_each(|(key, operations)| {
            check::check(&operations, consistency, self.most_bytes).map_err(|why| match why {
                NoOrder::Unordered(spans) => Inconsistency::Unordered { key: key.clone(), spans },
                NoOrder::Undecided => Inconsistency::Undecided { key: key.clone() },
            })
        })
    }

    /// The answer to a property of the world which claims that the history is consistent.
    /// It is a matter for `AtEnd`.
    pub fn holds<W: Machine, T>(
        &self,
        consistency: Consistency,
        view: &View<'_, W, T>,
    ) -> Result<(), Violation>
    where
        K: fmt::Display,
    {
        let inconsistency = self.check(consistency);
        inconsistency.map_err(|found| view.violation(found.reason(), || found.to_string()))
    }

    /// Reads what happened to a node, as [`Protocol::observe`](crate::Protocol::observe)
    /// is told of it. `read` tells the history what a command or an output says of
    /// operations.
    pub fn observe<M: Machine>(
        &mut self,
        observed: &Observed<'_, M>,
        read: impl FnOnce(&mut Self, NodeId, Said<'_, M>),
    ) {
        match observed.event {
            NodeEvent::Input(Input::Command(command)) => {
                read(self, observed.node, Said::Command(command));
            }
            NodeEvent::Effect(Effect::Emit(output)) => {
                read(self, observed.node, Said::Output(output));
            }
            _ => {}
        }
    }

    fn next_event(&mut self) -> usize {
        self.events += 1;
        self.events
    }

    fn operation(&mut self, id: &I) -> Option<&mut Operation<K, S>> {
        let Some(place) = self.places.get(id) else {
            self.misuse.get_or_insert(Misuse::NotInvoked);
            return None;
        };
        Some(&mut self.operations[*place])
    }
}
