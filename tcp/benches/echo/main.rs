//! Two real nodes beside a bare echo of the same frames, each pair two
//! processes on loopback, in one run: `cargo bench -p rehearsal-tcp`.
//!
//! The bare echo is what tokio's own codec makes of the same frames: it knows
//! no messages, no checksums, no queues and no machine. Machines are noisy: a
//! ratio is the median over rounds, in each of which everybody runs once.
//! `-- idle` tells what a node takes that has fifty peers and nothing to do;
//! `-- one nodes` and `-- one bare` run one of them once, for a profiler.

#![expect(clippy::disallowed_types, reason = "a benchmark looks at the clock")]
#![expect(clippy::float_arithmetic, reason = "ratios are told here")]

mod bare;
mod machine;
mod node;
mod pair;
mod table;
mod tls;

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
