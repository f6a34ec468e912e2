//! The throughput and latency of two real nodes, compared with a bare echo of the same frames:
//! `cargo bench -p rehearsal-tcp`. Each pair is two processes on loopback.
//!
//! The bare echo uses tokio's own codec for the same frames, without messages, checksums, queues
//! and machine. Because computers are noisy, a ratio is the median over several rounds, in each of
//! which both pairs run once.
//!
//! `-- idle` measures the load of an idle node with fifty peers. `-- one nodes` and `-- one bare`
//! run one of the pairs once, for a profiler.

#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]
#![expect(clippy::float_arithmetic, reason = "it prints ratios")]

mod bare;
mod machine;
mod node;
mod pair;
mod table;
mod tls;
#[path = "../../tests/nodes/trust_all.rs"]
mod trust_all;

use std::env;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("peer") => pair::be_peer(&arguments[1..]),
        Some("one") => table::one(arguments[1..] == ["nodes"]),
        Some("idle") => table::idle(),
        _ => {
            table::print();
            println!();
            table::idle();
        }
    }
}
