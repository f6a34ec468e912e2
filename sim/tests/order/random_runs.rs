use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal_machine::NodeId;
use rehearsal_sim::order::{Breach, ChainEvent, Guarantee, Oracle};

use crate::closure::Closure;
use crate::event::{Event, feed, judged};

/// How many random runs to judge: as many as `REHEARSAL_SEEDS` says.
pub(crate) fn seeds(usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how long to test is no part of a run")]
    let given = std::env::var("REHEARSAL_SEEDS").ok();
    given.map_or(usual, |text| text.parse().expect("REHEARSAL_SEEDS is a number"))
}

pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u64::from(self.0.next_u32()) * bound as u64) >> 32) as usize
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

/// In which order copies of messages are delivered.
#[derive(Clone, Copy)]
enum Deliver {
    Any,
    InOrderOfTheSender,
    InOrderOfAllSends,
    /// In the order of all sends. Every fourth message comes after all others.
    SomeLate,
}

/// Broadcasts, multicasts and unicasts among two to six nodes, also to the sender
/// itself. In some runs copies are lost, delivered twice, at the wrong node or without a
/// send, and ids are used again.
fn random_run(seed: u64) -> Vec<Event> {
    let mut random = Random::of(seed);
    let nodes = 2 + random.below(5);
    let deliver =
        [Deliver::Any, Deliver::InOrderOfTheSender, Deliver::InOrderOfAllSends, Deliver::SomeLate];
    let deliver = deliver[random.below(4)];
    // One in this many nodes gets a message: all of them, or few.
    let sparseness = 1 + random.below(4);
    // One kind of mishap in half of the runs, and all of them in a few.
    let mishaps = random.below(10);
    let has = |kind: usize| mishaps == kind || mishaps == 5;
    let most = 4 + random.below(20);
    let mut events = Vec::new();
    let mut under_way: Vec<(u32, NodeId, NodeId)> = Vec::new();
    let mut sent = 0;
    while sent < most || !under_way.is_empty() {
        let is_send = sent < most && (under_way.is_empty() || random.one_in(3));
        if is_send {
            let by = NodeId::from_index(random.below(nodes));
            let is_chosen = |_: &NodeId| random.one_in(sparseness);
            let to: Vec<_> = NodeId::all(nodes as u32).filter(is_chosen).collect();
            let message = if has(0) && sent > 0 && random.one_in(8) {
                random.below(sent) as u32
            } else {
                sent as u32
            };
            if message == sent as u32 {
                under_way.extend(to.iter().map(|to| (message, by, *to)));
            }
            events.push(Event::Sent { by, message, to });
            sent += 1;
            continue;
        }
        let place = match deliver {
            Deliver::InOrderOfAllSends => 0,
            Deliver::SomeLate => {
                let is_early = |(message, ..): &(u32, NodeId, NodeId)| message % 4 > 0;
                under_way.iter().position(is_early).unwrap_or(0)
            }
            Deliver::Any => random.below(under_way.len()),
            Deliver::InOrderOfTheSender => {
                let (_, from, to) = under_way[random.below(under_way.len())];
                let first = under_way.iter().position(|(_, f, t)| (*f, *t) == (from, to));
                first.expect("at least the one that was drawn")
            }
        };
        let (message, _, at) = under_way.remove(place);
        if has(1) && random.one_in(8) {
            continue;
        }
        if has(2) && random.one_in(8) {
            under_way.push((message, at, at));
        }
        let (message, at) = match () {
            () if has(3) && random.one_in(8) => (1_000 + message, at),
            () if has(4) && random.one_in(8) => {
                (random.below(sent) as u32, NodeId::from_index(random.below(nodes)))
            }
            () => (message, at),
        };
        events.push(Event::Delivered { at, message });
    }
    events
}

/// The first event after which the oracle says that a guarantee is broken.
fn by_oracle(events: &[Event], closure: &Closure<'_>, seed: u64) -> BTreeMap<Guarantee, usize> {
    let mut oracle = Oracle::default();
    let mut first = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        feed(&mut oracle, event);
        let [all_delivered, orders @ ..] = {
            let mut all = Guarantee::ALL;
            all.rotate_right(1);
            all
        };
        assert_eq!(oracle.keeps(all_delivered), closure.all_delivered(place + 1), "seed {seed}");
        for guarantee in orders {
            if !oracle.keeps(guarantee) {
                first.entry(guarantee).or_insert(place);
            }
        }
    }
    first
}

#[test]
fn the_oracle_and_the_transitive_closure_agree_on_the_first_event_that_violates() {
    let seeds = seeds(5_000);
    let mut broken: BTreeMap<Guarantee, u64> = BTreeMap::new();
    for seed in 0..seeds {
        let events = random_run(seed);
        let closure = Closure::of(&events);
        let expected = closure.first_violations();
        assert_eq!(by_oracle(&events, &closure, seed), expected, "seed {seed}: {events:#?}");
        for guarantee in expected.into_keys() {
            *broken.entry(guarantee).or_default() += 1;
        }
        let undelivered = !closure.all_delivered(events.len());
        *broken.entry(Guarantee::AllDelivered).or_default() += u64::from(undelivered);
    }
    println!("of {seeds} runs, broken: {broken:?}");
    for guarantee in Guarantee::ALL {
        let broken = broken.get(&guarantee).copied().unwrap_or_default();
        let is_tested = broken * 50 > seeds && broken * 50 < 49 * seeds;
        assert!(is_tested || seeds < 1_000, "{guarantee} is broken in {broken} runs");
    }
}

#[test]
fn a_chain_is_one_of_happened_before_and_no_other_has_fewer_deliveries() {
    let (mut chains, mut longest) = (0, 0);
    for seed in 0..seeds(5_000) {
        let events = random_run(seed);
        let closure = Closure::of(&events);
        for (guarantee, now) in closure.first_violations() {
            let breach = judged(&events).breach(guarantee);
            let Some(Breach::Overtaken { at, message, missing, chain }) = breach else { continue };
            assert_eq!(events[now], Event::Delivered { at, message }, "seed {seed}");
            assert!(closure.is_before(missing, message), "seed {seed}");
            assert!(closure.is_missing(at, missing, now), "seed {seed}");
            assert_is_chain(&chain, missing, message, &closure);
            let is_delivery =
                |event: &&ChainEvent<u32>| matches!(event, ChainEvent::Delivered { .. });
            let deliveries = chain.iter().filter(is_delivery).count() as u32;
            let fewest = closure.fewest_deliveries(at, message, now);
            assert_eq!(Some(deliveries), fewest, "seed {seed}");
            chains += 1;
            longest = longest.max(deliveries);
        }
    }
    println!("{chains} chains, the longest with {longest} deliveries");
    assert!(chains > 0 && longest > 1);
}

/// Each event of the chain follows from the one before.
fn assert_is_chain(chain: &[ChainEvent<u32>], missing: u32, message: u32, closure: &Closure<'_>) {
    let sends = |event: &ChainEvent<u32>, which| matches!(event, ChainEvent::Sent { message, .. } if *message == which);
    assert!(sends(&chain[0], missing) && sends(&chain[chain.len() - 1], message), "{chain:?}");
    let distinct: BTreeSet<_> = chain.iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(distinct.len(), chain.len(), "{chain:?}");
    for pair in chain.windows(2) {
        let follows = match (&pair[0], &pair[1]) {
            (ChainEvent::Sent { message: sent, .. }, ChainEvent::Delivered { message, .. }) => {
                sent == message
            }
            (ChainEvent::Sent { by, message: first }, ChainEvent::Sent { by: same, message }) => {
                by == same && closure.is_before(*first, *message)
            }
            (ChainEvent::Delivered { at, message: first }, ChainEvent::Sent { by, message }) => {
                at == by && closure.is_before(*first, *message)
            }
            (ChainEvent::Delivered { .. }, ChainEvent::Delivered { .. }) => false,
        };
        assert!(follows, "{chain:?}");
    }
}
