use rehearsal::sim::{Keep, Options, run};

use crate::bully;
use crate::clock::time;

/// The longest elections of many nodes, each once. Their messages grow with the
/// square of the nodes, and half of them are under way at the same time.
pub(crate) fn print() {
    println!("| nodes of an election | messages | run, s | run, ns per message |");
    println!("|---:|---:|---:|---:|");
    for nodes in [250, 500, 1_000] {
        println!("{}", row(nodes));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a million messages")]
fn row(nodes: u32) -> String {
    let scenario = bully::scenario(nodes);
    let (took, report) = time(|| run(&scenario, Options::seed(1).keep(Keep::Verdict)));
    assert!(report.held(), "{:?}", report.failure);
    let messages = report.tally.sent_in_all();
    assert_eq!(messages, bully::messages(nodes), "as its closed form has it");
    let each = took.as_secs_f64() * 1e9 / messages as f64;
    format!("| {nodes} | {messages} | {:.2} | {each:.0} |", took.as_secs_f64())
}
