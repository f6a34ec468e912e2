use std::time::Duration;

use criterion::{Criterion, Throughput};

use crate::contest::Who;
use crate::workloads;

/// Everything under criterion, which tells spreads, and what changed since the last time.
pub(crate) fn explore() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for contest in workloads::all() {
        let mut group = criterion.benchmark_group(format!("{}/{}", contest.name, contest.nodes));
        for mut lane in contest.lanes {
            group.throughput(Throughput::Elements(lane.run().events));
            let name = match lane.who {
                Who::Ours => "ours",
                Who::Digest => "ours with digest",
                Who::Heap => "bare heap",
                Who::Wheel => "bare wheel",
            };
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|runs| (0..runs).map(|_| lane.run().time).sum::<Duration>());
            });
        }
    }
    criterion.final_summary();
}
