//! The definitions taken literally: all orders of the operations of small random
//! histories.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal_machine::NodeId;
use rehearsal_sim::history::{
    Consistency, History, Inconsistency, Register, RegisterAnswer, RegisterOperation,
    Sequential as _,
};

#[derive(Clone, Debug)]
struct Operation {
    client: usize,
    call: RegisterOperation<u32>,
    answer: RegisterAnswer<u32>,
    invoked: usize,
    /// After all events if it has not returned.
    returned: usize,
}

const NEVER: usize = usize::MAX;

/// Up to four clients, some of whose operations overlap and some of whose answers are
/// wrong.
fn random(seed: u64) -> Vec<Operation> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |bound: u32| ((u64::from(random.next_u32()) * u64::from(bound)) >> 32) as u32;
    let (clients, count) = (1 + below(4), 2 + below(5) as usize);
    let mut operations: Vec<Operation> = Vec::new();
    // At the end the operations that never return.
    let mut open: Vec<usize> = Vec::new();
    let mut register = Register::<u32>::default();
    let mut event = 0;
    while operations.len() < count || (!open.is_empty() && below(8) > 0) {
        event += 1;
        if !open.is_empty() && (operations.len() == count || below(2) == 0) {
            let place = open.swap_remove(below(open.len() as u32) as usize);
            operations[place].returned = event;
            continue;
        }
        let call = match below(3) {
            0 => RegisterOperation::Write(below(3)),
            1 => RegisterOperation::CompareAndSet(below(3), below(3)),
            _ => RegisterOperation::Read,
        };
        // It takes effect at once, or the client is told something wrong.
        let answer = match (below(4), &call) {
            (0, RegisterOperation::Read) => RegisterAnswer::Value(Some(below(3))),
            (0, RegisterOperation::CompareAndSet(..)) => RegisterAnswer::Done,
            _ => register.apply(&call),
        };
        let client = below(clients) as usize;
        open.push(operations.len());
        operations.push(Operation { client, call, answer, invoked: event, returned: NEVER });
    }
    operations
}

/// Is there an order with each operation after those that must be earlier? One that has not
/// returned may be left out.
fn can_be_ordered(
    operations: &[Operation],
    must_be_earlier: impl Fn(&Operation, &Operation) -> bool + Copy,
) -> bool {
    fn go(
        left: &[&Operation],
        register: &Register<u32>,
        must_be_earlier: impl Fn(&Operation, &Operation) -> bool + Copy,
    ) -> bool {
        let is_next =
            |operation: &Operation| left.iter().all(|other| !must_be_earlier(other, operation));
        left.iter().all(|operation| operation.returned == NEVER)
            || left.iter().enumerate().any(|(place, operation)| {
                let mut after = register.clone();
                let answer = after.apply(&operation.call);
                let mut rest = left.to_vec();
                rest.remove(place);
                let has_answer = operation.returned == NEVER || answer == operation.answer;
                is_next(operation) && has_answer && go(&rest, &after, must_be_earlier)
            })
    }
    go(&operations.iter().collect::<Vec<_>>(), &Register::default(), must_be_earlier)
}

fn by_definition(operations: &[Operation], consistency: Consistency) -> bool {
    can_be_ordered(operations, |earlier, later| {
        let is_same_client =
            consistency == Consistency::Linearizable || earlier.client == later.client;
        is_same_client && earlier.returned < later.invoked
    })
}

fn until(operations: &[Operation], event: usize) -> Vec<Operation> {
    let begun = operations.iter().filter(|operation| operation.invoked <= event).cloned();
    let cut = |mut operation: Operation| {
        if operation.returned > event {
            operation.returned = NEVER;
        }
        operation
    };
    begun.map(cut).collect()
}

fn events(operations: &[Operation]) -> Vec<usize> {
    let both = operations.iter().flat_map(|operation| [operation.invoked, operation.returned]);
    let mut events: Vec<_> = both.filter(|event| *event != NEVER).collect();
    events.sort_unstable();
    events
}

fn recorded(operations: &[Operation]) -> History<char, usize, Register<u32>> {
    let mut history = History::default();
    for event in events(operations) {
        for (id, operation) in operations.iter().enumerate() {
            if operation.invoked == event {
                let client = NodeId::from_index(operation.client);
                history.invoked(client, 'x', id, operation.call.clone());
            }
            if operation.returned == event {
                history.returned(&id, operation.answer.clone());
            }
        }
    }
    history
}

#[test]
fn the_checker_and_all_orders_agree_and_the_prefix_is_the_shortest() {
    #[expect(clippy::disallowed_methods, reason = "how long to test is no part of a run")]
    let given = std::env::var("REHEARSAL_SEEDS").ok();
    let seeds = given.map_or(5_000, |text| text.parse().expect("REHEARSAL_SEEDS is a number"));
    let mut consistent = [0_u64; 2];
    for seed in 0..seeds {
        let operations = random(seed);
        let history = recorded(&operations);
        let events = events(&operations);
        for (place, consistency) in
            [Consistency::Linearizable, Consistency::Sequential].into_iter().enumerate()
        {
            let expected = by_definition(&operations, consistency);
            consistent[place] += u64::from(expected);
            match history.check(consistency) {
                Ok(()) => assert!(expected, "seed {seed}: {operations:#?}"),
                Err(Inconsistency::Unordered { spans, .. }) => {
                    assert!(!expected, "seed {seed}: {operations:#?}");
                    let first = events
                        .iter()
                        .find(|event| !by_definition(&until(&operations, **event), consistency));
                    let shortest = until(&operations, *first.expect("the last at least"));
                    let is_open = |operation: &Operation| operation.returned == NEVER;
                    let expected = shortest.iter().map(|o| (o.client, is_open(o)));
                    let found = spans.iter().map(|s| (s.client.index(), s.returned.is_none()));
                    assert!(expected.eq(found), "seed {seed}: {spans:#?}");
                }
                Err(other) => panic!("seed {seed}: {other}"),
            }
        }
    }
    println!("of {seeds} histories, linearizable and sequentially consistent: {consistent:?}");
    assert!(consistent.iter().all(|count| *count > seeds / 10 && *count < seeds * 9 / 10));
    assert!(consistent[0] < consistent[1]);
}
