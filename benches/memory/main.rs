//! How much memory runs take: the second half of the tables of BENCHMARKS.md, in a
//! binary of its own because the allocator that counts is slower than the usual
//! one. `cargo bench --bench memory -- table` prints it.

#[path = "../../tests/workloads/bully.rs"]
mod bully;
#[path = "../../tests/workloads/chat.rs"]
mod chat;
#[path = "../../tests/workloads/memory.rs"]
mod memory;
#[path = "../../tests/workloads/walk.rs"]
mod walk;

use std::hint::black_box;

use allocation_counter::measure;
use memory::Share;
use rehearsal::sim::{Keep, Options, run};
use walk::Walks;

fn main() {
    if !std::env::args().any(|argument| argument == "table") {
        return;
    }
    println!("\n| memory | nodes | bytes | at most |\n|---|---:|---:|---:|");
    for nodes in [1_024, 65_536] {
        row("per message in flight", nodes, memory::per_message_in_flight(nodes), 128);
    }
    let links = memory::per_link_of_neighbours(65_536);
    row("per link ever used, 16 from every node", 65_536, links, 24);
    row("per link ever used, W1", 65_536, per_link_of_a_walk(), 24);
    let allocations = memory::empty_world().count_total;
    println!("| empty world: allocations, not bytes | 5 | {allocations} | 10 |");

    println!("\n| messages of a script | peak, MB: parse | with validation | with the run |");
    println!("|---:|---:|---:|---:|");
    for messages in [250_000, 500_000, 1_000_000] {
        println!("{}", script(messages));
    }

    println!("\n| nodes of an election | messages | peak, MB |");
    println!("|---:|---:|---:|");
    for nodes in [250, 500, 1_000] {
        println!("{}", election(nodes));
    }
}

fn row(what: &str, nodes: u32, share: Share, most: u64) {
    let remark = if share.is_at_most(most) { "" } else { " (over)" };
    println!("| {what} | {nodes} | {share}{remark} | {most} |");
}

/// Among so many nodes a walk hardly ever takes a link twice.
fn per_link_of_a_walk() -> Share {
    const NODES: u32 = 65_536;
    let walks = Walks::among_all(NODES);
    let (short_us, long_us) = (11_000, 99_000);
    let sent = |until_us| {
        let scenario = walks.scenario(NODES, until_us, "");
        run(&scenario, Options::seed(1).keep(Keep::Verdict)).tally.sent_in_all()
    };
    let held = |at_us| memory::held(walks, NODES, at_us);
    Share { bytes: held(long_us) - held(short_us), of: sent(long_us) - sent(short_us) }
}

fn election(nodes: u32) -> String {
    let scenario = bully::scenario(nodes);
    let peak = measure(|| {
        assert!(run(&scenario, Options::seed(1).keep(Keep::Verdict)).held());
    });
    let megabytes = peak.bytes_max.div_ceil(1_000_000);
    format!("| {nodes} | {} | {megabytes} |", bully::messages(nodes))
}

/// The text is not counted, what is made of it is: its copies, too.
fn script(messages: u32) -> String {
    let text = chat::text(messages);
    let parse = measure(|| {
        black_box(rehearsal::protocol::script::Script::parse(&text).expect("it was generated"));
    });
    let validate = measure(|| {
        black_box(chat::scenario(text.clone()));
    });
    let whole = measure(|| {
        let scenario = chat::scenario(text.clone());
        assert!(run(&scenario, Options::seed(1).keep(Keep::Verdict)).held());
    });
    let [parse, validate, whole] =
        [parse, validate, whole].map(|peak| peak.bytes_max.div_ceil(1_000_000));
    format!("| {messages} | {parse} | {validate} | {whole} |")
}
