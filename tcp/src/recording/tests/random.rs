use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use rehearsal_machine::{Effect, Storage};

use super::clerk::{Cell, Clerk, Inner, Order, Say};
use super::*;
use crate::recording::replay_with;

/// A random input, and the milliseconds until it comes.
fn arrival() -> impl Strategy<Value = (u64, RecordedInput)> {
    let say = prop_oneof![
        any::<u32>().prop_map(Say::Ping),
        ".{0,6}".prop_map(|text| Say::Wrapped(Inner::SourceFile(text))),
        (any::<u8>(), any::<Option<u64>>()).prop_map(|(a, b)| Say::Wrapped(Inner::Pair { a, b })),
    ];
    let message =
        (1_u32..4, any::<u32>(), any::<u32>(), say).prop_map(|(from, incarnation, count, say)| {
            RecordedInput::Message { from: node(from), incarnation, count, bytes: bytes(&say) }
        });
    let order = prop_oneof![(1_u32..4).prop_map(|to| Order::Greet(node(to))), Just(Order::Stop),];
    let command = order.prop_map(|order| RecordedInput::command::<Clerk>(&order).expect("plain"));
    (0_u64..8, prop_oneof![message, command])
}

/// Runs a node with cells and deadlines for one life, and records it.
fn live(
    path: &Path,
    incarnation: u32,
    arrivals: &[(u64, RecordedInput)],
    saved: &mut Storage<Clerk>,
) {
    let mut recordee = Recordee::new(path, incarnation);
    let held: BTreeMap<_, _> =
        saved.iter().map(|(cell, value)| (bytes(cell), bytes(value))).collect();
    let start = RecordedInput::start(held.iter().map(|(cell, value)| (&cell[..], &value[..])));
    let mut now = 0;
    let mut left = [(0, start)].into_iter().chain(arrivals.iter().cloned()).peekable();
    while let Some((wait, _)) = left.peek() {
        let next = Time::from_millis(now + wait);
        let due = recordee.node.deadlines().map(|(timer, at)| (at, *timer)).min();
        let (at, input) = if let Some((at, timer)) = due.filter(|(at, _)| *at <= next) {
            recordee.node.disarm(&timer);
            (at, RecordedInput::timer::<Clerk>(&timer).expect("plain"))
        } else {
            now += wait;
            (next, left.next().expect("there is one").1)
        };
        for (effect, outcome) in recordee.step(at, &input) {
            match (effect, outcome) {
                (Effect::Arm { timer, .. }, Outcome::Armed { after }) => {
                    recordee.node.arm(timer, at + Duration::from_nanos(after));
                }
                (Effect::Disarm(timer), _) => recordee.node.disarm(&timer),
                (Effect::Save { cell, value: Some(value) }, _) => {
                    saved.insert(cell, value);
                }
                (Effect::Save { cell, value: None }, _) => {
                    saved.remove(&cell);
                }
                _ => {}
            }
        }
    }
    recordee.recorder.flush().expect("room");
}

proptest! {
    #[test]
    fn random_lives_replay_without_a_difference(
        lives in vec(vec(arrival(), 0..30), 1..4),
    ) {
        let (_folder, path) = place();
        let mut saved = Storage::<Clerk>::new();
        let mut counts = Vec::new();
        for (incarnation, arrivals) in (1..).zip(&lives) {
            live(&path, incarnation, arrivals, &mut saved);
            counts.push(saved.get(&Cell::Count).copied().unwrap_or_default());
        }
        let recording = Recording::read(&path).expect("a recording");
        prop_assert_eq!(recording.lives.len(), lives.len());
        for (life, count) in recording.lives.iter().zip(counts) {
            let mut last = 0;
            let replayed = replay_with(life, Clerk::default(), |node, _| {
                last = node.machine().count;
            });
            prop_assert_eq!(replayed, Ok(()));
            prop_assert_eq!(last, count);
        }
    }
}
