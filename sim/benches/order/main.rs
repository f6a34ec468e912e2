//! How long the oracle of message orders takes: a table of BENCHMARKS.md.
//! `cargo bench -p rehearsal-sim --bench order --bench order_memory` prints it, and
//! the memory below.
//!
//! Beside it runs a bare loop: the vector clocks alone, from messages that are
//! places in a list, with nothing decided. Both take each round's turn one after
//! the other, and a ratio is the median over rounds.

#![expect(clippy::float_arithmetic, reason = "nanoseconds and ratios are told here, not simulated")]
#![expect(clippy::cast_precision_loss, reason = "a million events")]

mod bare;
mod workload;

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use workload::{Event, Workload};

const ROUNDS: usize = 11;

fn main() {
    println!(
        "| workload | nodes | events | oracle, ns per event | bare clocks, ns per event | time \
         relative to bare: median of {ROUNDS} (min..max) | time for ten times as many events |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (workload, nodes) in workload::ALL {
        let mut before = None;
        for count in [100_000, 1_000_000] {
            before = Some(print(workload, nodes, count, before));
        }
    }
}

/// Prints a row, and gives the whole time of the oracle in nanoseconds.
fn print(workload: Workload, nodes: usize, count: usize, before: Option<f64>) -> f64 {
    let events = workload.events(nodes, count);
    let (mut ours, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let oracle = time(|| assert!(workload::has_kept_all(&workload::judged(&events))));
        let clocks = time(|| drop(black_box(clocks(nodes, &events))));
        if round > 0 {
            ours.push(per_event(oracle, events.len()));
            bare.push(per_event(clocks, events.len()));
            ratios.push(oracle.as_secs_f64() / clocks.as_secs_f64());
        }
    }
    let [ours, bare] = [ours, bare].map(|mut all| median(&mut all));
    let ratio = median(&mut ratios);
    let whole = ours * count as f64;
    let growth = before.map_or_else(|| "-".to_owned(), |before| format!("x{:.1}", whole / before));
    println!(
        "| {workload} | {nodes} | {count} | {ours:.0} | {bare:.0} | {ratio:.1} ({:.1}..{:.1}) | {growth} |",
        ratios[0],
        ratios[ROUNDS - 1],
    );
    whole
}

fn clocks(nodes: usize, events: &[Event]) -> bare::Clocks {
    let mut clocks = bare::Clocks::new(nodes);
    for event in events {
        match event {
            Event::Sent { by, .. } => clocks.sent(by.index()),
            Event::Delivered { at, message } => clocks.delivered(at.index(), *message),
        }
    }
    clocks
}

fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn per_event(time: Duration, events: usize) -> f64 {
    time.as_secs_f64() * 1e9 / events as f64
}

/// This thread's own time on a processor: other load only disturbs the caches.
fn time(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::try_from(time).expect("a thread's time is never negative")
    };
    let start = now();
    work();
    now().saturating_sub(start)
}
