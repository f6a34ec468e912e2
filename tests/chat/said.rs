//! Whatever the weather: what is said is heard once, in its order, or reported.
//!
//! The oracle knows what owners asked, what users were told and who was ever
//! down; nothing of numbers, acknowledgements or machines.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::machine::NodeId;
use rehearsal::protocol::chat::{Content, Output};
use rehearsal::shipped::Chat;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Keep, Options, Report, run};

use super::support::{read, seeds};

const USERS: u32 = 4;
const EACH: u32 = 6;

/// Every user tells every other one some things, over this network and through
/// these faults.
fn text(network: &str, faults: &str, calm_at: &str, election: &str) -> String {
    let mut commands = String::new();
    for round in 0..EACH {
        for by in 1..=USERS {
            for to in (1..=USERS).filter(|to| *to != by) {
                let at = 1 + round * 40 + by * 3 + to;
                commands += &format!(
                    "(at: \"{at}ms\", to: {by}, command: Say(to: {to}, text: \"{by} {to} {round}\")), "
                );
            }
        }
    }
    format!(
        "(claim: \"a test\", nodes: {USERS}, calm_at: \"{calm_at}\", until: \"20s\",
        protocol: Chat((resend: \"45ms\", election: (form: {election}))),
        network: ({network}), faults: [{faults}], commands: [{commands}],
        expect: [Always(InOrder), Always(AcknowledgedIsHeard), Always(SavedBeforeSaid),
            Eventually(what: AllAcknowledged, within: \"15s\")])"
    )
}

const HARDENED: &str = "Hardened(answer_wait: \"41ms\", coordinator_wait: \"81ms\", \
    heartbeat: \"100ms\", leader_wait: \"121ms\")";
const PAPER: &str = "Paper(answer_wait: \"20ms\", coordinator_wait: \"150ms\"), initial_leader: 4";

#[derive(Debug, Default)]
struct Account {
    heard: usize,
    reported: usize,
    forgotten: usize,
    duplicates: u64,
    elections: u64,
}

/// Balances what was said against what was heard and reported, and adds it up.
fn balance(report: &Report<Chat>, account: &mut Account) -> Result<(), String> {
    let events = report.events.as_ref().expect("the trace was kept");
    let crash = |event: Event| match event.what {
        EventKind::Crash { node } => Some(node),
        _ => None,
    };
    let crashed: BTreeSet<NodeId> = events.iter().filter_map(crash).collect();
    account.duplicates += report.tally.duplicates;
    account.elections += report.tally.sent_of("election");
    for by in report.world.nodes() {
        let reported: BTreeSet<_> =
            report.world.outputs(by).iter().filter_map(undelivered).collect();
        for to in report.world.nodes().filter(|to| *to != by) {
            let heard: Vec<_> =
                report.world.outputs(to).iter().filter_map(|output| hears(output, by)).collect();
            let mut times = BTreeMap::new();
            for text in &heard {
                *times.entry(*text).or_insert(0) += 1;
            }
            for round in 0..EACH {
                let text = format!("{} {} {round}", by.number(), to.number());
                let times = times.remove(&*text).unwrap_or(0);
                let is_reported = reported.contains(&*text);
                let may_be_forgotten = crashed.contains(&by) || crashed.contains(&to);
                match (times, is_reported) {
                    (1, _) => account.heard += 1,
                    (0, true) => account.reported += 1,
                    (0, false) if may_be_forgotten => account.forgotten += 1,
                    _ => {
                        return Err(format!(
                            "{text:?} was heard {times} times, reported: {is_reported}"
                        ));
                    }
                }
            }
            if !times.is_empty() {
                return Err(format!("{to} heard what {by} never said: {times:?}"));
            }
            if !heard.is_sorted() {
                return Err(format!("{to} heard {by} out of order: {heard:?}"));
            }
        }
    }
    Ok(())
}

fn hears(output: &Output, by: NodeId) -> Option<&str> {
    match output {
        Output::Hears { from, text, .. } if *from == by => Some(text),
        _ => None,
    }
}

fn undelivered(output: &Output) -> Option<&str> {
    match output {
        Output::Undelivered { content: Content::Text(text), .. } => Some(text),
        _ => None,
    }
}

/// All seeds hold and balance; gives the sums.
fn sweep(text: &str, seeds: u64) -> Account {
    let scenario = read(text);
    let mut sum = Account::default();
    for seed in 0..seeds {
        let report = run(&scenario, Options::seed(seed).keep(Keep::Trace));
        assert!(report.held(), "seed {seed}: {:?}", report.failure);
        balance(&report, &mut sum).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    println!("{sum:?}");
    sum
}

const QUIET: &str = "delay: Uniform(\"1ms\", \"20ms\")";
const ROUGH: &str = "delay: Uniform(\"1ms\", \"20ms\"), loss: \"1/3\", duplicate: \"1/10\", \
    corrupt: \"1/20\", reorder: (share: \"1/5\", by: \"150ms\")";
const SAID: usize = (USERS * (USERS - 1) * EACH) as usize;

#[test]
fn over_a_good_network_everything_is_heard() {
    let seeds = seeds(20);
    let sum = sweep(&text(QUIET, "", "0ms", HARDENED), seeds);
    assert_eq!(sum.heard, SAID * seeds as usize);
}

#[test]
fn over_a_bad_network_everything_is_heard_once_or_reported() {
    let seeds = seeds(100);
    let sum = sweep(&text(ROUGH, "", "2s", HARDENED), seeds);
    assert_eq!(sum.heard + sum.reported, SAID * seeds as usize);
    assert!(sum.reported > 0 && sum.duplicates > 0);
}

#[test]
fn through_crashes_and_partitions_nothing_is_heard_twice_or_out_of_order() {
    let faults = "(every: Exponential(\"120ms\"), do: Bounce(node: \"any\", down: \"60ms\")),
        (at: \"50ms\", do: Partition([[1, 2], [3, 4]])), (at: \"300ms\", do: Heal)";
    let seeds = seeds(100);
    let sum = sweep(&text(ROUGH, faults, "2s", HARDENED), seeds);
    assert!(sum.heard > SAID * seeds as usize / 4 && sum.reported > 0 && sum.forgotten > 0);
}

#[test]
fn with_elections_called_by_mistake_everything_is_heard_once_or_reported() {
    let seeds = seeds(100);
    let sum = sweep(&text(ROUGH, "", "2s", PAPER), seeds);
    assert_eq!(sum.heard + sum.reported, SAID * seeds as usize);
    assert!(sum.elections > seeds, "nobody is down, but many seem so");
}
