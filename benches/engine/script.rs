use rehearsal::protocol::script::Script;
use rehearsal::sim::{Keep, Options, run};

use crate::chat;
use crate::clock::time;

/// How a generated script of a thousand users is read, validated and run, each
/// once: too long to repeat, and what is to be seen is that all is linear.
pub(crate) fn print() {
    println!(
        "| messages of a script | parse, s | validate, s | run, s | events | run, ns per event |"
    );
    println!("|---:|---:|---:|---:|---:|---:|");
    for messages in [250_000, 500_000, 1_000_000] {
        println!("{}", row(messages));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few million events")]
fn row(messages: u32) -> String {
    let text = chat::text(messages);
    let (parse, parsed) = time(|| Script::parse(&text).expect("it was generated"));
    drop(parsed);
    let (validate, scenario) = time(|| chat::scenario(text));
    let (took, report) = time(|| run(&scenario, Options::seed(1).keep(Keep::Verdict)));
    assert!(report.held(), "{:?}", report.failure);
    let [parse, validate, took] = [parse, validate, took].map(|span| span.as_secs_f64());
    let events = report.tally.events;
    let each = took * 1e9 / events as f64;
    format!("| {messages} | {parse:.2} | {validate:.2} | {took:.2} | {events} | {each:.0} |")
}
