//! What is measured. Of the engine's walks and rings a short run is taken from
//! a long one, each timed whole: what remains is the steady state, without
//! building and dropping the world. The bare loops are built beforehand.

use std::hint::black_box;

use rehearsal::sim::{Keep, Options, Protocol, Runner, Scenario, Tally, run};

use crate::bare::{Heap, Rearm, Ring, Wheel};
use crate::clock::time;
use crate::contest::{Contest, Timed, Who};
use crate::ring;
use crate::walk::Walks;

/// The mean of the walks' delays.
const MEAN_DELAY_US: u64 = 5_500;
/// For a world of few nodes, and one in which every node has its turn often enough.
const LEAST_DELIVERIES: u64 = 1 << 18;
const LEAST_TURNS: u64 = 16;

/// Four properties of every node that are expected always.
const FOUR_ALWAYS: &str = "Always(SumBelow(18446744073709551612)),
    Always(SumBelow(18446744073709551613)), Always(SumBelow(18446744073709551614)),
    Always(SumBelow(18446744073709551615))";

pub(crate) fn all() -> Vec<Contest> {
    vec![
        walk("W1, per delivery", 16, 16).required(0.80),
        walk("W1, per delivery", 1_024, 1_024).required(0.90),
        walk("W1, per delivery", 65_536, 65_536).required(0.50),
        watched("W1 with four Always, per delivery", 16).required(0.67),
        watched("W1 with four Always, per delivery", 1_024).required(0.67),
        walk("W1n, per delivery", 1_024, 16),
        walk("W1n, per delivery", 65_536, 16).required(0.50),
        heartbeats("W2, per event; the heap pushes at each re-arm", Rearm::Push).required(1.70),
        heartbeats("W2, per event; the heap writes a deadline", Rearm::Write),
        small_worlds("W3, per world built, 1,000 deliveries, dropped", built).required(0.85),
        small_worlds("W3, per world used again, 1,000 deliveries", used_again),
        empty_worlds(),
    ]
}

fn walk(name: &'static str, nodes: u32, neighbours: u32) -> Contest {
    let walks = Walks { neighbours, ..Walks::among_all(nodes) };
    let turns = LEAST_TURNS.max(LEAST_DELIVERIES / u64::from(nodes));
    let deliveries = turns * u64::from(nodes);
    // Long enough for all links of 1,024 nodes to lie on pages that were touched.
    let warm_up = (turns / 16).max(2) * MEAN_DELAY_US;
    let until = |us| walks.scenario(nodes, us, "");
    let ours = |keep| {
        let (short, long) = (until(warm_up), until(warm_up + turns * MEAN_DELAY_US));
        move || steady(&short, &long, keep, |tally| tally.delivered)
    };
    let mut heap = Heap::new(walks, nodes);
    let mut wheel = Wheel::new(walks, nodes);
    heap.deliver(deliveries / 4);
    wheel.deliver(deliveries / 4);
    Contest::new(name, nodes)
        .lane(Who::Ours, ours(Keep::Verdict))
        .lane(Who::Heap, move || {
            let (time, events) = time(|| heap.deliver(deliveries));
            black_box(heap.sum());
            Timed { time, events }
        })
        .lane(Who::Wheel, move || {
            let (time, ()) = time(|| wheel.deliver(deliveries));
            black_box(wheel.sum());
            Timed { time, events: deliveries }
        })
        .lane(Who::Digest, ours(Keep::Digest))
}

/// The walks of W1, of which four properties of every node are expected always;
/// beside them, the same of which nothing is.
fn watched(name: &'static str, nodes: u32) -> Contest {
    let turns = LEAST_TURNS.max(LEAST_DELIVERIES / u64::from(nodes));
    let warm_up = (turns / 16).max(2) * MEAN_DELAY_US;
    // Endless for this run, and few enough for no sum to reach the limits.
    let walks = Walks { hops: 1 << 40, ..Walks::among_all(nodes) };
    let ours = |keep, expect| {
        let until = |us| walks.expecting(nodes, us, "", expect);
        let (short, long) = (until(warm_up), until(warm_up + turns * MEAN_DELAY_US));
        move || steady(&short, &long, keep, |tally| tally.delivered)
    };
    Contest::new(name, nodes)
        .lane(Who::Ours, ours(Keep::Verdict, FOUR_ALWAYS))
        .lane(Who::Unwatched, ours(Keep::Verdict, ""))
        .lane(Who::Digest, ours(Keep::Digest, FOUR_ALWAYS))
}

fn heartbeats(name: &'static str, rearm: Rearm) -> Contest {
    const NODES: u32 = 1_024;
    let ours = |keep| {
        let (short, long) = (ring::scenario(NODES, 1_000), ring::scenario(NODES, 9_000));
        move || steady(&short, &long, keep, |tally| tally.events)
    };
    let mut bare = Ring::new(rearm, NODES);
    // A period of every node has two events: its heart beats, and it hears another's.
    let events = 2 * u64::from(NODES) * 8_000 / 50;
    bare.go_on(events / 8);
    Contest::new(name, NODES)
        .lane(Who::Ours, ours(Keep::Verdict))
        .lane(Who::Heap, move || {
            let (time, ()) = time(|| bare.go_on(events));
            black_box(bare.heard());
            Timed { time, events }
        })
        .lane(Who::Digest, ours(Keep::Digest))
}

/// The start's message and 199 that it makes, from each of five nodes; `world`
/// says how runs of it are made.
fn small_worlds<R>(name: &'static str, world: impl Fn(&'static Scenario<Walks>) -> R) -> Contest
where
    R: FnMut(Options) -> Tally + 'static,
{
    const NODES: u32 = 5;
    const WORLDS: u64 = 200;
    let walks = Walks { hops: 199, ..Walks::among_all(NODES) };
    let hour_us = 3_600_000_000;
    let scenario = Box::leak(Box::new(walks.scenario(NODES, hour_us, "")));
    let ours = |keep| {
        let mut run = world(scenario);
        let mut deliver = move || run(Options::seed(1).keep(keep)).delivered;
        move || worlds(WORLDS, || assert_eq!(deliver(), 1_000))
    };
    let bare = move || {
        let mut heap = Heap::new(walks, NODES);
        assert_eq!(heap.deliver(u64::MAX), 1_000);
        black_box(heap.sum());
    };
    Contest::new(name, NODES)
        .lane(Who::Ours, ours(Keep::Verdict))
        .lane(Who::Heap, move || worlds(WORLDS, bare))
        .lane(Who::Digest, ours(Keep::Digest))
}

fn built(scenario: &'static Scenario<Walks>) -> impl FnMut(Options) -> Tally {
    move |options| run(scenario, options).outcome.tally
}

fn used_again(scenario: &'static Scenario<Walks>) -> impl FnMut(Options) -> Tally {
    let mut runner = Runner::new(scenario);
    move |options| {
        let mut report = runner.run(options);
        let tally = std::mem::take(&mut report.outcome.tally);
        runner.recycle(report);
        tally
    }
}

fn empty_worlds() -> Contest {
    const NODES: u32 = 5;
    let nobody_writes = Walks { each: 0, ..Walks::among_all(NODES) };
    let scenario = nobody_writes.scenario(NODES, 1_000_000, "");
    Contest::new("per empty world: nodes start, nothing else", NODES).lane(Who::Ours, move || {
        worlds(20_000, || assert!(run(&scenario, Options::seed(1).keep(Keep::Verdict)).held()))
    })
}

fn worlds(count: u64, mut world: impl FnMut()) -> Timed {
    let (time, ()) = time(|| (0..count).for_each(|_| world()));
    Timed { time, events: count }
}

/// What a long run has more than a short one.
fn steady<P: Protocol>(
    short: &Scenario<P>,
    long: &Scenario<P>,
    keep: Keep,
    events: impl Fn(&Tally) -> u64,
) -> Timed {
    let timed = |scenario| {
        let (time, report) = time(|| run(scenario, Options::seed(1).keep(keep)));
        assert!(report.held(), "a run that ends early measures nothing");
        (time, events(&report.outcome.tally))
    };
    let (short, long) = (timed(short), timed(long));
    Timed { time: long.0.saturating_sub(short.0), events: long.1 - short.1 }
}
