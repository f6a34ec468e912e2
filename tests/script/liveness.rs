//! When users hold different copies of the script, the order of waiting decides
//! what is delivered, whatever the network does.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rehearsal::sim::{Keep, Options};

use super::graph::Waits;
use super::support::{Run, Sketch, Talk, properties};

/// A set of messages, and each user's own order of its share of them.
#[derive(Clone, Debug)]
struct Copies {
    talk: Talk,
    lists: Vec<Vec<usize>>,
}

impl Copies {
    fn waits(&self) -> Waits {
        Waits::new(self.talk.messages.len(), &self.lists)
    }

    /// Over a network that loses, doubles, delays and reorders until a calm.
    fn run(&self, seed: u64) -> Run {
        let network = "delay: Uniform(\"1ms\", \"60ms\"), loss: \"30/100\", \
             duplicate: \"20/100\", reorder: Some((share: \"20/100\", by: \"100ms\"))";
        let sketch = Sketch::of(&self.talk.source()).orders(&self.lists).network(network);
        let sketch = sketch.resend(40).calm_at(1_000).until(5_000);
        sketch.run_with(Options::seed(seed).keep(Keep::Verdict))
    }
}

/// Each user sorts its messages by keys of its own; with all keys equal, to
/// which they shrink, everybody follows the script.
fn copies() -> impl Strategy<Value = Copies> {
    (2..=5_usize)
        .prop_flat_map(|users| {
            let message = (1..=users, 1..users, any::<[u8; 2]>());
            (Just(users), prop::collection::vec(message, 1..=12))
        })
        .prop_map(|(users, drawn)| {
            let ends = drawn.iter().map(|(from, step, _)| (*from, (from + step - 1) % users + 1));
            let talk = Talk { users, messages: ends.collect() };
            let mut lists = talk.projections();
            for (user, list) in (1..).zip(&mut lists) {
                list.sort_by_key(|number| {
                    let (from, _, keys) = drawn[number - 1];
                    keys[usize::from(from != user)]
                });
            }
            Copies { talk, lists }
        })
}

#[test]
fn exactly_what_is_neither_on_a_cycle_nor_behind_one_is_delivered() {
    let mut runner = TestRunner::deterministic();
    let (mut cyclic, mut partly) = (0, 0);
    for seed in 1..=1_000 {
        let copies = copies().new_tree(&mut runner).unwrap().current();
        let (waits, run) = (copies.waits(), copies.run(seed));
        let delivered = run.delivered();
        run.assert_held();
        assert_eq!(delivered, waits.free(), "{copies:?}");
        assert_eq!(delivered.len() == copies.talk.messages.len(), !waits.is_cyclic());
        assert_eq!(run.is_stuck(), waits.is_cyclic(), "{copies:?}");
        cyclic += usize::from(waits.is_cyclic());
        partly += usize::from(waits.is_cyclic() && !delivered.is_empty());
    }
    println!("{cyclic} of 1000 are cyclic, {partly} of them deliver something");
    assert!((150..=850).contains(&cyclic), "{cyclic} of 1000 are cyclic");
    assert!(partly >= 100, "{partly} deliver a part");
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn the_users_lists_decide_what_is_delivered(copies in copies(), seed in any::<u64>()) {
        let run = copies.run(seed);
        prop_assert!(run.0.held(), "{:?}", run.0.failure);
        prop_assert_eq!(run.delivered(), copies.waits().free());
    }

    #[test]
    fn a_common_order_is_always_live(copies in copies(), seed in any::<u64>()) {
        let lists = copies.talk.projections();
        let copies = Copies { lists, ..copies };
        prop_assert!(!copies.waits().is_cyclic());
        let run = copies.run(seed);
        prop_assert!(run.0.held() && !run.is_stuck(), "{:?}", run.0.failure);
    }
}
