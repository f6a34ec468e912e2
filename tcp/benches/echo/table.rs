use std::time::Duration;

use crate::machine::Order;
use crate::pair::{self, Who, contest};

/// The number of rounds, in each of which both pairs run once.
const ROUNDS: usize = 7;

const ALONE: Order = Order { packets: 10_000, in_flight: 1, size: 64 };
const MANY: [Order; 2] = [
    Order { packets: 1_000_000, in_flight: 1_024, size: 64 },
    Order { packets: 400_000, in_flight: 1_024, size: 1_024 },
];

/// The results of a pair in one round.
struct Round {
    /// Round trips of one packet at a time, sorted.
    trips: Vec<Duration>,
    /// Packets that returned per second, for each order.
    rates: Vec<f64>,
}

pub(crate) fn print() {
    println!(
        "| | bytes | in flight | bare echo, packets/s | nodes, packets/s | nodes relative to bare: median of {ROUNDS} (min..max) |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for is_tls in [false, true] {
        let rounds: Vec<_> =
            (0..ROUNDS).map(|_| (round(Who::Bare, is_tls), round(Who::Nodes, is_tls))).collect();
        let name = if is_tls { "TLS" } else { "plain" };
        for (place, order) in MANY.iter().enumerate() {
            let ratios =
                sorted(rounds.iter().map(|(bare, ours)| ours.rates[place] / bare.rates[place]));
            println!(
                "| {name} | {} | {} | {:.0} | {:.0} | {:.2} ({:.2}..{:.2}) |",
                order.size,
                order.in_flight,
                median(rounds.iter().map(|(bare, _)| bare.rates[place])),
                median(rounds.iter().map(|(_, ours)| ours.rates[place])),
                ratios[ROUNDS / 2],
                ratios[0],
                ratios[ROUNDS - 1],
            );
        }
        let micros = |share: usize, of: fn(&(Round, Round)) -> &Round| {
            median(rounds.iter().map(|both| {
                of(both).trips[share * (ALONE.packets as usize - 1) / 100].as_secs_f64() * 1e6
            }))
        };
        println!(
            "| {name}, round trip | {} | 1 | p50 {:.1} us, p99 {:.1} us | p50 {:.1} us, p99 {:.1} us | - |",
            ALONE.size,
            micros(50, |(bare, _)| bare),
            micros(99, |(bare, _)| bare),
            micros(50, |(_, ours)| ours),
            micros(99, |(_, ours)| ours),
        );
    }
}

/// Prints the load of an idle node.
pub(crate) fn idle() {
    const PEERS: usize = 50;
    const SPAN: Duration = Duration::from_secs(30);
    for is_tls in [false, true] {
        let taken = pair::idle(PEERS, is_tls, SPAN);
        let name = if is_tls { "TLS" } else { "plain" };
        println!(
            "idle, {PEERS} peers, {name}: {}.{:04} % of a core over {SPAN:?}",
            taken / 10_000,
            taken % 10_000
        );
    }
}

/// Runs one pair once, over plain TCP.
pub(crate) fn one(are_nodes: bool) {
    let round = round(if are_nodes { Who::Nodes } else { Who::Bare }, false);
    println!("packets/s: {:.0?}", round.rates);
}

fn round(who: Who, is_tls: bool) -> Round {
    let orders = [&[ALONE][..], &MANY].concat();
    let mut times = contest(who, is_tls, &orders).into_iter();
    let backs = times.next().unwrap_or_default();
    let mut trips: Vec<_> = std::iter::once(&Duration::ZERO)
        .chain(&backs)
        .zip(&backs)
        .map(|(before, back)| back.saturating_sub(*before))
        .collect();
    trips.sort();
    let last = |times: Vec<Duration>| times.last().copied().unwrap_or_default();
    let rates = MANY
        .iter()
        .zip(times)
        .map(|(order, times)| f64::from(order.packets) / last(times).as_secs_f64());
    Round { trips, rates: rates.collect() }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let numbers = sorted(numbers);
    numbers[numbers.len() / 2]
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}
