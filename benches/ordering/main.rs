//! A hundred users who send ten thousand messages, by each discipline.
//!
//! `cargo bench --bench ordering` prints the table of BENCHMARKS.md: how many messages the
//! simulator gets through in a second of the computer's time, how many bytes each carries for the
//! sake of the order, how many messages a node held back at most, and how the load is spread.
//!
//! Each discipline runs twice: once timed, where nothing is expected, so that nothing is
//! observed; and once observed, where everything is delivered in the order that the discipline
//! promises.

#![expect(
    clippy::float_arithmetic,
    clippy::disallowed_types,
    reason = "seconds and ratios are told here, not simulated"
)]

mod measured;

use std::fmt::Write as _;
use std::time::Instant;

use measured::{Broadcasts, Measured, Pick, Singles};
use rehearsal::sim::{Files, Options, Report, Scenario, run};

/// The disciplines in which a message goes to all, and what each keeps.
const BROADCASTS: &[(&str, &[&str])] = &[
    ("Unordered", &[]),
    ("Fifo", &["Fifo"]),
    ("CausalBroadcast", &["Causal"]),
    ("Sequencer", &["Total"]),
    ("MajoritySequencer", &["Total"]),
    ("Skeen", &["Total"]),
    ("Relay(server: 1)", &["Causal", "Total"]),
];

/// Those in which each message goes over every link, which takes too long for so many.
const FLOODS: &[(&str, &[&str])] =
    &[("PcBroadcast", &["Causal"]), ("LamportClocks", &["Causal", "Total"])];

/// Those in which it goes to one.
const SINGLES: &[(&str, &[&str])] = &[
    ("Fifo", &["Fifo"]),
    ("RaynalSchiperToueg", &["Causal"]),
    ("SchiperEggliSandoz", &["Causal"]),
    ("Skeen", &["Total"]),
    ("Relay(server: 1)", &["Causal", "Total"]),
];

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|number| number.parse().ok()).collect();
    let (users, messages) = match numbers.as_slice() {
        [users, messages] => (*users, *messages),
        _ => (100, 10_000),
    };
    println!(
        "| discipline | a message goes to | messages | messages per second of run time | packets per message | bytes for the order per message | most messages held back at a node | largest load, relative to the mean |"
    );
    // Words are those of rows to be run: `one`, `Skeen`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--") && word.parse::<u64>().is_err())
        .collect();
    let is_wanted = |discipline: &str, to: &str| {
        words.is_empty() || words.iter().any(|word| word == to || discipline.starts_with(&**word))
    };
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    let wanted = |(discipline, _): &&(&str, _)| is_wanted(discipline, Broadcasts::NAME);
    for (discipline, keeps) in BROADCASTS.iter().filter(wanted) {
        row::<Broadcasts>(discipline, keeps, users, messages);
    }
    for (discipline, keeps) in FLOODS.iter().filter(wanted) {
        row::<Broadcasts>(discipline, keeps, users, messages / users);
    }
    let wanted = |(discipline, _): &&(&str, _)| is_wanted(discipline, Singles::NAME);
    for (discipline, keeps) in SINGLES.iter().filter(wanted) {
        row::<Singles>(discipline, keeps, users, messages);
    }
}

fn row<W: Pick>(discipline: &str, keeps: &[&str], users: u64, messages: u64) {
    let timed = scenario::<W>(discipline, "", users, messages);
    let begun = Instant::now();
    let _ = run(&timed, Options::seed(1));
    let took = begun.elapsed().as_secs_f64();
    let expected = keeps.iter().fold(String::new(), |mut text, order| {
        write!(text, "Always({order}), ").expect("a string takes everything");
        text
    });
    let expected = format!("{expected} AtEnd(AllDelivered), AtEnd(AtRest)");
    let report = run(&scenario::<W>(discipline, &expected, users, messages), Options::seed(1));
    assert!(report.held(), "{discipline}: {:?}", report.failure);
    let measured: Vec<f64> = figures(&report);
    let [sent, packets, bytes, held, uneven] = measured[..] else { unreachable!("five figures") };
    println!(
        "| `{discipline}` | {} | {sent} | {:.0} | {:.1} | {:.1} | {held} | {uneven:.1} |",
        W::NAME,
        sent / took,
        packets / sent,
        bytes / sent,
    );
}

fn figures<W: Pick>(report: &Report<Measured<W>>) -> Vec<f64> {
    let numbers = report.outcome.costs[0].split_whitespace();
    numbers.map(|number| number.parse().expect("a number")).collect()
}

fn scenario<W: Pick>(
    discipline: &str,
    expected: &str,
    users: u64,
    messages: u64,
) -> Scenario<Measured<W>> {
    let led = 1..=if discipline.ends_with("Sequencer") { users } else { 0 };
    let follows: String = led
        .map(|node| {
            format!("(at: \"0ms\", to: {node}, command: Follow((counter: 1, leader: 1))), ")
        })
        .collect();
    let text = format!(
        r#"(
            claim: "Everything is delivered.",
            protocol: Ordering((discipline: {discipline}, resend: "100ms", window: 64, buffer: 256)),
            nodes: {users},
            network: (delay: Uniform("1ms", "20ms")),
            commands: [{follows}],
            workload: (count: {messages}, gap: Uniform("0ms", "10ms")),
            calm_at: "{}ms",
            until: "{}ms",
            expect: [{expected}],
        )"#,
        messages * 11 + 1_000,
        messages * 11 + 5_000,
    );
    Scenario::parse("bench.ron", &text, Files::none()).expect("it is right")
}
