//! Networks of every sort; the milder, the nearer to zero.

use proptest::prelude::*;
use rehearsal::machine::NodeId;
use rehearsal::sim::network::{
    Bandwidth, Between, Distribution, Fifo, Latency, Network, Reorder, Sessions,
};
use rehearsal::sim::source::{Ratio, Spread, TimeSpan};

/// Up to 50 ms, to the nanosecond.
fn span() -> impl Strategy<Value = TimeSpan> + Clone {
    (0..50_000_000_u64).prop_map(TimeSpan::from_nanos)
}

fn ratio() -> impl Strategy<Value = Ratio> + Clone {
    let ratio = |parts| Ratio::new(parts, 100).expect("at most all");
    prop_oneof![2 => Just(Ratio::NEVER), 3 => (0..40_u32).prop_map(ratio)]
}

pub(crate) fn laws() -> BoxedStrategy<Distribution> {
    let some = || span().prop_map(|span| span.max(TimeSpan::from_nanos(1)));
    let range = || (span(), span()).prop_map(|(one, other)| (one.min(other), one.max(other)));
    prop_oneof![
        span().prop_map(Distribution::Fixed),
        range().prop_map(|(least, most)| Distribution::Uniform(least, most)),
        some().prop_map(Distribution::Exponential),
        (range(), range(), ratio()).prop_map(|(usual, rare, share)| Distribution::Bimodal {
            usual,
            rare,
            share
        }),
        (some(), 1..=8_u32).prop_map(|(median, eighths)| Distribution::LogNormal {
            median,
            spread: Spread::new(eighths, 8).expect("at most one"),
        }),
    ]
    .boxed()
}

fn bandwidths() -> impl Strategy<Value = Bandwidth> {
    // At the slow ones a queue grows; at the fast ones a message takes next to no time.
    let rate = prop_oneof![300..5_000_u64, 300..1_000_000_u64];
    (rate, prop::option::of(20..3_000_u64)).prop_map(|(rate, queue)| Bandwidth { rate, queue })
}

fn fifos(nodes: usize) -> impl Strategy<Value = Fifo> {
    let node = move || (0..nodes).prop_map(NodeId::from_index);
    prop_oneof![
        Just(Fifo::None),
        Just(Fifo::All),
        prop::collection::vec((node(), node()), 1..8).prop_map(Fifo::Links),
    ]
}

fn delay_alone() -> Network {
    Distribution::Fixed(TimeSpan::ZERO).into()
}

prop_compose! {
    pub(super) fn networks(nodes: usize, between: Option<Between>)(
        delay in laws(),
        latency in prop::option::of(prop::collection::vec(prop::collection::vec(span(), nodes), nodes)),
        (loss, corrupt, duplicate) in (ratio(), ratio(), ratio()),
        reorder in prop::option::of((ratio(), span()).prop_map(|(share, by)| Reorder { share, by })),
        bandwidth in prop::option::of(bandwidths()),
        fifo in fifos(nodes),
        setup in prop_oneof![Just(TimeSpan::ZERO), span()],
        max_message in prop_oneof![Just(64 * 1_024), 4..300_u64],
    ) -> Network {
        let latency = latency.map(Latency);
        // Sessions are in order already.
        let fifo = match (&between, fifo) {
            (Some(Between::All), _) => Fifo::None,
            (Some(Between::Pairs(pairs)), Fifo::Links(links)) => {
                let is_free = |(from, to): &(NodeId, NodeId)| {
                    !pairs.contains(&(*from, *to)) && !pairs.contains(&(*to, *from))
                };
                Fifo::Links(links.into_iter().filter(is_free).collect())
            }
            (_, fifo) => fifo,
        };
        let sessions = between.clone().map(|between| Sessions { between, setup });
        let network =
            Network { delay, latency, bandwidth, fifo, sessions, max_message, ..delay_alone() };
        // Chance disturbs no message of a session.
        if between == Some(Between::All) {
            network
        } else {
            Network { loss, corrupt, duplicate, reorder, ..network }
        }
    }
}
