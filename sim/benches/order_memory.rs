//! How much memory the oracle of message orders takes, in a binary of its own because the
//! allocator that counts is slower than the usual one.

#[path = "order/workload.rs"]
mod workload;

use allocation_counter::measure;

fn main() {
    println!("\n| workload | nodes | events | peak, MB | bytes per event |");
    println!("|---|---:|---:|---:|---:|");
    for (workload, nodes) in workload::ALL {
        for count in [100_000, 1_000_000] {
            let events = workload.events(nodes, count);
            let peak = measure(|| assert!(workload::has_kept_all(&workload::judged(&events))));
            let (bytes, count) = (peak.bytes_max, events.len() as u64);
            println!(
                "| {workload} | {nodes} | {count} | {} | {} |",
                bytes.div_ceil(1_000_000),
                bytes.div_ceil(count)
            );
        }
    }
}
