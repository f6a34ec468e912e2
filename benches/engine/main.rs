//! The engine beside loops written by hand, in one run.
//!
//! - `cargo bench --bench engine` explores under criterion; `-- W1` filters.
//! - `cargo bench --bench engine --bench memory -- table` prints the tables of
//!   the README; `-- table W1` those of the engine whose names contain that,
//!   `-- table deadlock` the one of wait-for graphs.
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
mod explore;
mod host;
#[path = "../../tests/workloads/ring.rs"]
mod ring;
mod script;
mod table;
#[path = "../../tests/workloads/walk.rs"]
mod walk;
mod workloads;

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "table").skip(1);
    if !std::env::args().any(|argument| argument == "table") {
        return explore::explore();
    }
    println!("{}\n", host::line());
    if let Some(filter) = arguments.find(|argument| !argument.starts_with("--")) {
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
