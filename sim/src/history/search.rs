//! The search for an order, by todc-utils.

use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;

use todc_utils::linearizability::history::{Action, History};
use todc_utils::{Specification, WGLChecker};

use super::sequential::Sequential;

/// What came of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Order,
    NoOrder,
    /// It was given up.
    Undecided,
}

/// An operation.
#[derive(Clone, Debug)]
pub(super) struct Step<S: Sequential> {
    pub(super) place: usize,
    pub(super) operation: S::Operation,
    /// The answer, if there was one; otherwise any answer will do.
    pub(super) answer: Option<S::Answer>,
    /// The places of those operations of the client that come directly before it.
    pub(super) earlier: Rc<[usize]>,
}

/// How much memory searches may take, one after the other, in bytes.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Cell::new(bytes))
    }
}

/// Can the operations take effect each between its call and its return?
pub(super) fn in_real_time<S: Sequential>(actions: Vec<Action<Step<S>>>, budget: &Budget) -> Found {
    search::<S, InRealTime<S>>(actions, budget)
}

/// Can the operations take effect each after the earlier ones of its client?
pub(super) fn in_program_order<S: Sequential>(
    actions: Vec<Action<Step<S>>>,
    budget: &Budget,
) -> Found {
    search::<S, InProgramOrder<S>>(actions, budget)
}

fn search<S: Sequential, O: Specification<Operation = Costly<S>>>(
    actions: Vec<Action<Step<S>>>,
    budget: &Budget,
) -> Found {
    // The checker has no word for a history without operations.
    if actions.is_empty() {
        return Found::Order;
    }
    // For each state that it has come to, the checker remembers a byte for each event.
    let (bytes, state_bytes) = (budget.0.get(), actions.len());
    let states_left = Rc::new(Cell::new(bytes / state_bytes));
    let costly = |step| Costly { step, states_left: states_left.clone() };
    // To the checker, a process says which return belongs to which call, and no more.
    let actions = actions.into_iter().map(|action| match action {
        Action::Call(step) => (step.place, Action::Call(costly(step))),
        Action::Response(step) => (step.place, Action::Response(costly(step))),
    });
    let has_order = WGLChecker::<O>::is_linearizable(History::from_actions(actions.collect()));
    let taken = bytes / state_bytes - states_left.get();
    budget.0.set(bytes - taken * state_bytes);
    match (has_order, states_left.get()) {
        (true, _) => Found::Order,
        (false, 0) => Found::Undecided,
        (false, _) => Found::NoOrder,
    }
}

/// A step that may be taken as long as states are left. Then no step may be taken,
/// and the search ends soon.
#[derive(Clone, Debug)]
struct Costly<S: Sequential> {
    step: Step<S>,
    states_left: Rc<Cell<usize>>,
}

impl<S: Sequential> Costly<S> {
    /// The object after the operation, if it gives this answer.
    fn after(&self, before: &S) -> Option<S> {
        let left = self.states_left.get().checked_sub(1)?;
        let mut object = before.clone();
        let answer = object.apply(&self.step.operation);
        let is_right = self.step.answer.as_ref().is_none_or(|given| *given == answer);
        is_right.then(|| {
            self.states_left.set(left);
            object
        })
    }
}

/// The checker orders operations by their calls and returns.
struct InRealTime<S>(PhantomData<S>);

impl<S: Sequential> Specification for InRealTime<S> {
    type State = S;
    type Operation = Costly<S>;

    fn init() -> S {
        S::default()
    }

    fn apply(step: &Costly<S>, state: &S) -> (bool, S) {
        step.after(state).map_or_else(|| (false, state.clone()), |object| (true, object))
    }
}

/// All operations overlap, and a client's operation takes effect only after its earlier
/// ones. Which have done so is a part of the state.
struct InProgramOrder<S>(PhantomData<S>);

/// A bit for each operation that has taken effect.
type Done = Vec<u64>;

impl<S: Sequential> Specification for InProgramOrder<S> {
    type State = (S, Done);
    type Operation = Costly<S>;

    fn init() -> (S, Done) {
        (S::default(), Done::new())
    }

    fn apply(costly: &Costly<S>, state: &(S, Done)) -> (bool, (S, Done)) {
        let (object, done) = state;
        let has =
            |place: &usize| done.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1);
        let is_turn = costly.step.earlier.iter().all(has);
        match is_turn.then(|| costly.after(object)).flatten() {
            None => (false, state.clone()),
            Some(object) => {
                let (mut done, place) = (done.clone(), costly.step.place);
                done.resize(done.len().max(place / 64 + 1), 0);
                done[place / 64] |= 1 << (place % 64);
                (true, (object, done))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Register, RegisterAnswer, RegisterOperation};

    /// So many writes at the same time, and a read of another value.
    fn unordered(writes: usize) -> Vec<Action<Step<Register<u32>>>> {
        let write = RegisterOperation::Write(1);
        let operations = (0..writes).map(|_| (write.clone(), RegisterAnswer::Done));
        let read = (RegisterOperation::Read, RegisterAnswer::Value(Some(2)));
        let steps = operations.chain([read]).enumerate().map(|(place, (operation, answer))| Step {
            place,
            operation,
            answer: Some(answer),
            earlier: Rc::default(),
        });
        let steps: Vec<_> = steps.collect();
        let calls = steps.iter().cloned().map(Action::Call);
        calls.chain(steps.iter().cloned().map(Action::Response)).collect()
    }

    #[test]
    fn searches_one_after_the_other_share_their_budget() {
        let budget = Budget::new(10_000);
        assert_eq!(in_real_time(unordered(3), &budget), Found::NoOrder);
        assert_eq!(in_real_time(unordered(30), &budget), Found::Undecided);
        assert_eq!(in_real_time(unordered(3), &budget), Found::Undecided);
    }
}
