//! How long a message takes by the laws of its link, in numbers of one's own.

use std::ops::RangeInclusive;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::network::{Bandwidth, Between, Distribution, Fifo, Network};

const SECOND: u128 = 1_000_000_000;

/// Within which bounds a law is, in nanoseconds. The greatest span of a law with
/// a tail is known up to a thousandth.
pub(super) struct Bounds {
    pub(super) least: u64,
    pub(super) most: RangeInclusive<u64>,
}

pub(super) fn bounds(network: &Network, from: NodeId, to: NodeId) -> Bounds {
    let latency = network.latency.as_ref();
    let latency = latency.map_or(0, |matrix| matrix.0[from.index()][to.index()].as_nanos());
    let (least, most) = match &network.delay {
        Distribution::Fixed(span) => (span.as_nanos(), span.as_nanos()..=span.as_nanos()),
        Distribution::Uniform(least, most) => (least.as_nanos(), most.as_nanos()..=most.as_nanos()),
        // 32 halvings: 32 ln 2 is 22.1807.
        Distribution::Exponential(mean) => (0, around(mean.as_nanos(), 22.1807)),
        Distribution::Bimodal { usual, rare, share } => {
            let ranges = [(usual, share.is_always()), (rare, share.is_never())];
            let possible = || ranges.iter().filter(|(_, never)| !never).map(|(range, _)| range);
            let least = possible().map(|range| range.0.as_nanos()).min().unwrap_or(0);
            let most = possible().map(|range| range.1.as_nanos()).max().unwrap_or(0);
            (least, most..=most)
        }
        Distribution::LogNormal { median, spread } => {
            let reach = reach(&spread.to_string());
            let least = around(median.as_nanos(), reach.recip());
            (*least.start(), around(median.as_nanos(), reach))
        }
        law => unreachable!("{law} is not known here"),
    };
    Bounds { least: latency + least, most: latency + most.start()..=latency + most.end() }
}

/// 6.2303 standard deviations, as a factor.
#[expect(clippy::float_arithmetic, reason = "an oracle of its own")]
fn reach(spread: &str) -> f64 {
    let (part, whole) = spread.split_once('/').expect("a spread is written as a fraction");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    (6.2303 * number(part) / number(whole)).exp()
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an oracle of its own, for spans far below the precision of a double"
)]
fn around(nanos: u64, by: f64) -> RangeInclusive<u64> {
    let product = nanos as f64 * by;
    ((product * 0.999) as u64).saturating_sub(1)..=(product * 1.001) as u64 + 1
}

/// By how much chance may hold a message back.
pub(super) fn held_back(network: &Network) -> u64 {
    network.reorder.map_or(0, |reorder| reorder.by.as_nanos())
}

pub(super) fn is_fifo(network: &Network, from: NodeId, to: NodeId) -> bool {
    is_session(network, from, to)
        || match &network.fifo {
            Fifo::None => false,
            Fifo::All => true,
            Fifo::Links(links) => links.contains(&(from, to)),
        }
}

pub(super) fn is_session(network: &Network, from: NodeId, to: NodeId) -> bool {
    network.sessions.as_ref().is_some_and(|sessions| match &sessions.between {
        Between::All => from != to,
        Between::Pairs(pairs) => pairs.contains(&(from, to)) || pairs.contains(&(to, from)),
    })
}

/// When the line is free again that is busy until `free_at`, once so many bytes
/// have gone, too; `None` if there is no room for them.
pub(super) fn carried(line: &Bandwidth, free_at: Time, now: Time, bytes: u64) -> Option<Time> {
    let rate = u128::from(line.rate);
    let busy = u128::from(free_at.as_nanos().saturating_sub(now.as_nanos()));
    let waiting = (busy * rate).div_ceil(SECOND);
    if line.queue.is_some_and(|room| waiting + u128::from(bytes) > room.into()) {
        return None;
    }
    let takes = u64::try_from((u128::from(bytes) * SECOND).div_ceil(rate)).expect("some time");
    Some(Time::from_nanos(free_at.max(now).as_nanos() + takes))
}

/// The bytes of a courier's note, by what the trace says of it: postcard writes
/// a byte for which sort it is, and seven bits of a number in each byte.
pub(super) fn bytes(text: &str) -> u64 {
    let (kind, number) = text.split_once(' ').unwrap_or((text, "0"));
    let number: u64 = number.parse().expect("a number");
    let digits = u64::from(64 - number.leading_zeros()).div_ceil(7).max(1);
    match kind {
        "letter" => 1 + digits,
        "parcel" => 1 + digits + number,
        "rally" => 2,
        _ => 1,
    }
}
