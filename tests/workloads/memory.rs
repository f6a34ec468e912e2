//! What runs take of memory, in bytes asked of the allocator.
//!
//! What a single message or link takes is the difference of two worlds of the
//! same nodes, so that all else cancels. Tables grow by doubling: the counts of
//! messages and links here are powers of two, and a table that is sized by them
//! is about full; with another count it may be half empty.

use std::fmt;
use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use rehearsal::sim::{Keep, Options, Protocol, Scenario, run};

use crate::walk::{SCALE, Walks};

/// Bytes for so many things of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) bytes: u64,
    pub(crate) of: u64,
}

impl Share {
    /// Is it at most so many bytes for each?
    pub(crate) fn is_at_most(self, bytes: u64) -> bool {
        self.bytes <= bytes * self.of
    }
}

/// Bytes for each, with one decimal.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.bytes * 10 + self.of / 2) / self.of;
        write!(f, "{}.{}", tenths / 10, tenths % 10)
    }
}

/// All allocations of a run, its end included.
pub(crate) fn allocations<P: Protocol>(scenario: &Scenario<P>, keep: Keep) -> AllocationInfo {
    allocations_under(scenario, Options::seed(1).keep(keep))
}

/// The same, with these options.
pub(crate) fn allocations_under<P: Protocol>(
    scenario: &Scenario<P>,
    options: Options,
) -> AllocationInfo {
    measure(|| {
        let report = run(scenario, options);
        assert!(report.held(), "{:?}", report.failure);
        drop(black_box(report));
    })
}

/// Bytes that a world holds at an instant in the middle of its run.
pub(crate) fn held(walks: Walks, nodes: u32, at_us: u64) -> u64 {
    let weighing = format!(r#"(at: "{at_us}us", to: 1, command: Weigh)"#);
    let scenario = walks.scenario(nodes, at_us + 1, &weighing);
    let peak = allocations(&scenario, Keep::Verdict).bytes_max;
    peak.checked_sub(SCALE).expect("it was weighed")
}

/// Eight messages under way for every node, against one. All go from each node
/// to the next, so both worlds use the same links; each has arrived at least once.
pub(crate) fn per_message_in_flight(nodes: u32) -> Share {
    let world = |each| held(Walks { neighbours: 1, each, hops: u64::MAX }, nodes, 12_000);
    Share { bytes: world(8) - world(1), of: 7 * u64::from(nodes) }
}

/// Sixteen messages from every node, each over a link of its own, against
/// sixteen over the same link; weighed while all are under way.
pub(crate) fn per_link_of_neighbours(nodes: u32) -> Share {
    let world = |neighbours| held(Walks { neighbours, each: 16, hops: 0 }, nodes, 500);
    Share { bytes: world(16).saturating_sub(world(1)), of: 15 * u64::from(nodes) }
}

/// Five nodes start, and nothing else happens.
pub(crate) fn empty_world() -> AllocationInfo {
    let nobody_writes = Walks { neighbours: 1, each: 0, hops: 0 };
    allocations(&nobody_writes.scenario(5, 1_000_000, ""), Keep::Verdict)
}
