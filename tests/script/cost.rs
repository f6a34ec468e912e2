//! What a run on lossless links costs, known in advance from a recurrence over
//! the script: no events, no queue, no machine.

use proptest::prelude::*;
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Keep, Options};

use super::support::{PAPER_39, PAPER_50, Run, Sketch, Talk, node};

/// What a run amounts to. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cost {
    data: u64,
    ack: u64,
    /// For each user, when it delivers its messages.
    deliveries: Vec<Vec<u64>>,
    /// For each user, when its messages are acknowledged.
    acknowledged: Vec<Vec<u64>>,
}

/// When a user is ready for its next step, and who made it so: of two messages
/// that arrive at the same instant, the one from the user with the smaller
/// number goes first, and an acknowledgement goes before the data that its
/// sender sent after it.
#[derive(Clone, Copy, Default)]
struct Ready {
    at: u64,
    by: usize,
}

/// With the sender ready at `s`, the receiver at `r`, delays `a` there and `b`
/// back, and a copy every `resend`: the first copy that finds the receiver
/// ready is delivered; every copy that arrives from then on is acknowledged;
/// copies end when the first acknowledgement is back.
fn recurrence(talk: &Talk, resend: u64, delay: impl Fn(usize, usize) -> u64) -> Cost {
    let mut ready = vec![Ready::default(); talk.users + 1];
    let none = vec![Vec::new(); talk.users];
    let mut cost = Cost { data: 0, ack: 0, deliveries: none.clone(), acknowledged: none };
    for &(from, to) in &talk.messages {
        let (there, back) = (delay(from, to), delay(to, from));
        let (start, other) = (ready[from].at, ready[to]);
        let mut dropped = other.at.saturating_sub(start + there).div_ceil(resend);
        if start + dropped * resend + there == other.at && from < other.by {
            dropped += 1;
        }
        let delivered = start + dropped * resend + there;
        let copies = (there + back).div_ceil(resend);
        cost.data += dropped + copies;
        cost.ack += copies;
        cost.deliveries[to - 1].push(delivered);
        cost.acknowledged[from - 1].push(delivered + back);
        ready[to] = Ready { at: delivered, by: from };
        ready[from] = Ready { at: delivered + back, by: to };
    }
    cost
}

impl Cost {
    fn of(run: &Run) -> Self {
        let at = |wanted: &dyn Fn(&EventKind) -> bool| {
            let events = run.0.events.as_ref().unwrap().iter();
            events
                .filter(|event| wanted(&event.what))
                .map(|event| event.at.as_nanos() / 1_000_000)
                .collect::<Vec<_>>()
        };
        let users: Vec<_> = run.0.world.nodes().collect();
        let emits =
            |user| at(&|what| matches!(what, EventKind::Emit { node, .. } if *node == user));
        let ends =
            |user| at(&|what| matches!(what, EventKind::Disarm { node, .. } if *node == user));
        Self {
            data: run.0.tally.sent_of("data"),
            ack: run.0.tally.sent_of("ack"),
            deliveries: users.iter().map(|user| emits(*user)).collect(),
            acknowledged: users.iter().map(|user| ends(*user)).collect(),
        }
    }

    fn last_delivery(&self) -> u64 {
        *self.deliveries.iter().flatten().max().unwrap()
    }

    fn last_ack(&self) -> u64 {
        *self.acknowledged.iter().flatten().max().unwrap()
    }

    /// Pairs of messages that are delivered against the script's order.
    fn inversions(&self, talk: &Talk) -> usize {
        let mut times = vec![0; talk.messages.len()];
        for (window, deliveries) in talk.windows().iter().zip(&self.deliveries) {
            for (number, at) in window.iter().zip(deliveries) {
                times[number - 1] = *at;
            }
        }
        let inverted = |(place, at)| times[..place].iter().filter(move |earlier| **earlier > at);
        times.iter().copied().enumerate().flat_map(inverted).count()
    }
}

/// The links of the run whose cost is known.
pub(crate) fn known_delay(from: usize, to: usize) -> u64 {
    100 + 10 * from as u64 + to as u64
}

fn simulated(source: &str, resend: u64, delay: impl Fn(usize, usize) -> u64) -> Run {
    let sketch = Sketch::of(source).resend(resend).links(delay).until(3_600_000);
    sketch.run_with(Options::seed(1).keep(Keep::Trace))
}

fn assert_costs(source: &str, expected: [u64; 4], inversions: usize) {
    let talk = Talk::read(source);
    let run = simulated(source, 401, known_delay);
    run.assert_held();
    for cost in [recurrence(&talk, 401, known_delay), Cost::of(&run)] {
        assert_eq!([cost.data, cost.ack, cost.last_delivery(), cost.last_ack()], expected);
        assert_eq!(cost.inversions(&talk), inversions);
    }
}

#[test]
fn the_50_message_script_costs_80_data_and_50_acks_and_ends_at_8081() {
    assert_costs(PAPER_50, [80, 50, 7940, 8081], 26);
}

#[test]
fn the_39_message_script_costs_57_data_and_39_acks_and_ends_at_6167() {
    assert_costs(PAPER_39, [57, 39, 6052, 6167], 20);
}

#[test]
fn a_resend_below_the_round_trip_costs_235_data_and_165_acks_and_harms_nothing() {
    let talk = Talk::read(PAPER_50);
    let run = simulated(PAPER_50, 97, known_delay);
    run.assert_held();
    assert_eq!(run.0.windows, super::windows::expected(50));
    for cost in [recurrence(&talk, 97, known_delay), Cost::of(&run)] {
        assert_eq!((cost.data, cost.ack), (235, 165));
    }
}

#[test]
fn a_resend_below_the_round_trip_stops_the_paper_after_12_deliveries_without_any_loss() {
    let run = Sketch::of(PAPER_50).printed_form().resend(97).links(known_delay).run();
    assert!(run.is_stuck());
    let shown = run.shown();
    assert_eq!(shown.iter().flatten().count(), 12);
    assert_eq!(shown[node(3).index()], [3, 3, 3]);
    assert_eq!(shown[node(4).index()], [6, 8, 8]);
    assert!(run.0.tally.lost.is_empty());
}

#[test]
fn an_acknowledgement_goes_before_data_that_follows_it_on_the_same_link_at_once() {
    // User 2 acknowledges 1 and goes on to send 2 in the same step.
    let talk = Talk { users: 2, messages: vec![(1, 2), (2, 1)] };
    let cost = Cost::of(&simulated(&talk.source(), 50, |_, _| 10));
    assert_eq!((cost.data, cost.ack), (2, 2));
    assert_eq!(cost.deliveries, [vec![20], vec![10]]);
}

/// A script of 2 to 7 users and 1 to 60 messages.
pub(crate) fn talk() -> impl Strategy<Value = Talk> {
    (2..=7_usize)
        .prop_flat_map(|users| {
            let message = (1..=users, 1..users);
            (Just(users), prop::collection::vec(message, 1..=60))
        })
        .prop_map(|(users, messages)| {
            let others = |(from, step)| (from, (from + step - 1) % users + 1);
            Talk { users, messages: messages.into_iter().map(others).collect() }
        })
}

fn assert_as_computed(talk: &Talk, resend: u64, delays: &[Vec<u64>]) -> Result<(), TestCaseError> {
    let delay = |from: usize, to: usize| delays[from - 1][to - 1];
    let run = simulated(&talk.source(), resend, delay);
    prop_assert!(run.0.held(), "{:?}", run.0.failure);
    prop_assert_eq!(run.shown(), talk.windows());
    prop_assert_eq!(Cost::of(&run), recurrence(talk, resend, delay));
    Ok(())
}

proptest! {
    #![proptest_config(super::support::properties())]

    #[test]
    fn the_recurrence_is_the_simulator(
        talk in talk(),
        resend in 20..1_000_u64,
        delays in prop::collection::vec(prop::collection::vec(1..=500_u64, 7), 7),
    ) {
        assert_as_computed(&talk, resend, &delays)?;
    }

    // Delays of a few milliseconds only: most runs have messages that arrive at the same instant.
    #[test]
    fn the_recurrence_is_the_simulator_where_messages_meet(
        talk in talk(),
        resend in 1..12_u64,
        delays in prop::collection::vec(prop::collection::vec(1..=4_u64, 7), 7),
    ) {
        assert_as_computed(&talk, resend, &delays)?;
    }
}
