//! The engine beside loops written by hand, in one run.
//!
//! - `cargo bench --bench engine --bench memory -- table` prints the tables of
//!   BENCHMARKS.md;
//! - `cargo bench --bench engine -- W1` prints the rows of the engine's table
//!   whose names contain `W1`, and `-- deadlock` the table of wait-for graphs.
//!
//! Machines are noisy: a ratio is the median over rounds, in each of which
//! everybody runs once, so that all meet the same noise.

#![expect(clippy::float_arithmetic, reason = "nanoseconds and ratios are told here, not simulated")]

mod bare;
#[path = "../../tests/workloads/bully.rs"]
mod bully;
#[path = "../../tests/workloads/chat.rs"]
mod chat;
mod clock;
mod contest;
mod deadlock;
mod election;
mod host;
#[path = "../../tests/workloads/ring.rs"]
mod ring;
mod script;
mod table;
#[path = "../../tests/workloads/walk.rs"]
mod walk;
mod workloads;

fn main() {
    let is_filter = |argument: &String| !argument.starts_with("--") && argument != "table";
    let filter = std::env::args().skip(1).find(is_filter);
    println!("{}\n", host::line());
    if let Some(filter) = filter {
        if filter == "deadlock" {
            return deadlock::print();
        }
        table::print(&filter);
    } else {
        table::print("");
        println!();
        script::print();
        println!();
        election::print();
        println!();
        deadlock::print();
    }
}
