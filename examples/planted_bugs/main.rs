//! The table of planted bugs: how soon a swarm finds each of them, and how small what it
//! finds becomes.
//!
//! `cargo run --release --features mutants --example planted_bugs > docs/planted-bugs.md`
//!
//! Each planted bug is hunted twenty times, from seeds that no other hunt uses, in the stock
//! scenario of its protocol; the same file serves for all bugs of the protocol, and for the
//! clean machine. Names after the command are those of the bugs to hunt, instead of all.
//! `REHEARSAL_HUNTS` is the number of hunts, 20 if it is not set. After `--guided` it is a table
//! of hunts with and without the guidance of coverage; after `--causes` it is one of what
//! `cause` says of a failure of each bug.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "how long a hunt takes, and how many there are, is what is measured here"
)]

mod causes;
mod drill;
mod guided;
mod stock;
mod triggers;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rehearsal::sim::Case;
use rehearsal::sim::shrink::Size;

const HUNTS: u64 = 20;
/// The seeds of two hunts are so far apart.
const APART: u64 = 1_000_000;
/// A hunt gives up after so many seeds.
const MOST: u64 = 2_000;

/// A line of the table.
struct Row {
    scenario: &'static str,
    mutant: &'static str,
    /// Seeds and time of each hunt. One that gave up has had [`MOST`] seeds.
    hunts: Vec<(u64, Duration)>,
    /// How many of them found it.
    successes: u64,
    found: Option<Smallest>,
    /// Why a run that was found cannot be shrunk: a mistake, either of the machine or of the
    /// simulator.
    mistake: Option<String>,
}

/// What shrinking gave, of the found runs that were nearest to the usual.
struct Smallest {
    check: String,
    before: Size,
    after: Size,
    /// Of the run that took longest.
    time: Duration,
    /// What could still go: nothing, or shrinking has a mistake.
    idle: Vec<String>,
}

fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_guided = wanted.first().is_some_and(|first| first == "--guided");
    let is_of_causes = wanted.first().is_some_and(|first| first == "--causes");
    wanted.drain(..usize::from(is_guided || is_of_causes));
    let hunts =
        std::env::var("REHEARSAL_HUNTS").map_or(HUNTS, |hunts| hunts.parse().expect("a number"));
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let (mut rows, mut pairs, mut causes) = (Vec::new(), Vec::new(), Vec::new());
    for (scenario, mutants) in stock::TABLE {
        let case = stock::case(scenario);
        let is_wanted =
            |mutant: &&&str| wanted.is_empty() || wanted.contains(&(**mutant).to_owned());
        for mutant in mutants.iter().filter(is_wanted) {
            if is_guided {
                pairs.push(guided::pair(scenario, &case, mutant, hunts, threads));
                continue;
            }
            if is_of_causes {
                let row = causes::row(scenario, &case, mutant, threads);
                if let Some(row) = &row {
                    eprintln!("{row}");
                }
                causes.extend(row);
                continue;
            }
            let row = row(scenario, &case, mutant, hunts, threads);
            eprintln!("{}", line(&row));
            rows.push(row);
        }
    }
    if is_guided {
        print!("{}", guided::page(&pairs));
    } else if is_of_causes {
        print!("{}", causes_page(&causes));
    } else {
        print!("{}", page(&rows, hunts));
    }
}

fn row(
    scenario: &'static str,
    case: &Case,
    mutant: &'static str,
    hunts: u64,
    threads: NonZeroUsize,
) -> Row {
    let sweep = drill::sweep(case, mutant);
    let (mut all, mut successes) = (Vec::new(), 0);
    let mut failures = Vec::new();
    for hunt in 0..hunts {
        let begun = Instant::now();
        let found = drill::first_failure(&sweep, hunt * APART, MOST, threads);
        all.push((found.as_ref().map_or(MOST, |(tried, _)| *tried), begun.elapsed()));
        let Some((_, swept)) = found else { continue };
        successes += 1;
        failures.push(swept);
    }
    let mut time = Duration::ZERO;
    let smallest = drill::smallest(failures, &mut |swept| {
        let begun = Instant::now();
        let shrunk = drill::shrunk(&sweep, swept, threads);
        time = time.max(begun.elapsed());
        shrunk
    });
    let mistake = smallest.as_ref().and_then(|of| of.as_ref().err().cloned());
    let found = smallest.and_then(Result::ok).map(|(swept, shrunk)| {
        let check = swept.fingerprint.map(|of| of.check).unwrap_or_default();
        let idle = drill::idle_parts(&shrunk.plan);
        Smallest { check, before: shrunk.before, after: shrunk.after, time, idle }
    });
    Row { scenario, mutant, hunts: all, successes, found, mistake }
}

fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

fn line(row: &Row) -> String {
    let Row { scenario, mutant, hunts, successes, found, mistake } = row;
    let Some(Smallest { check, before, after, time, idle }) = found else {
        let why = mistake.as_deref().unwrap_or("missed");
        return format!("| {mutant} | {scenario} | {successes} | {why} | | | | | |");
    };
    let seeds = median(hunts.iter().map(|(seeds, _)| *seeds)).unwrap_or_default();
    let most = hunts.iter().map(|(seeds, _)| *seeds).max().unwrap_or_default();
    let wait = median(hunts.iter().map(|(_, time)| *time)).unwrap_or_default();
    let idle = if idle.is_empty() { String::new() } else { format!(" not minimal: {idle:?}") };
    format!(
        "| {mutant} | {scenario} | {successes} | {seeds} ({most}) | {:.2} s | {} | {} ({} + {}) | {:.2} s | `{check}`{idle} |",
        wait.as_secs_f64(),
        before.unusual(),
        after.unusual(),
        after.faults,
        after.decisions,
        time.as_secs_f64(),
    )
}

fn page(rows: &[Row], hunts: u64) -> String {
    let found: Vec<_> = rows.iter().filter_map(|row| Some((row, row.found.as_ref()?))).collect();
    let seeds = |row: &Row| median(row.hunts.iter().map(|(seeds, _)| *seeds)).unwrap_or_default();
    let in_time = |row: &Row| {
        median(row.hunts.iter().map(|(_, time)| *time)).is_some_and(|time| time.as_secs() < 10)
            && row.successes * 2 > hunts
    };
    let all = rows.len();
    let soon = rows.iter().filter(|row| in_time(row)).count();
    let to_detection = median(found.iter().map(|(row, _)| seeds(row))).unwrap_or_default();
    let size = median(found.iter().map(|(_, of)| of.after.unusual())).unwrap_or_default();
    let slowest = found.iter().map(|(_, of)| of.time).max().unwrap_or_default();
    let minimal = found.iter().filter(|(_, of)| of.idle.is_empty()).count();
    let mut text = format!(
        "{}\n{soon} of {all} planted bugs are found within 10 s, the median of all after {to_detection} seeds. Of what is \
         left after shrinking, the median number of decisions and faults off the usual path is {size}; {minimal} of {} are 1-minimal, \
         and the slowest took {:.1} s to shrink.\n\n\
         | planted bug | scenario | hunts that found it | seeds: median (most) | time: median | unusual before | after (faults + decisions) | shrinking | check |\n\
         |---|---|---:|---|---|---|---|---|---|\n",
        stock::HEAD,
        found.len(),
        slowest.as_secs_f64()
    );
    for row in rows {
        text += &line(row);
        text.push('\n');
    }
    text + &beside_textbooks(&found)
}

/// What is left of bugs in orders of messages, beside the counterexamples of textbooks.
fn beside_textbooks(found: &[(&Row, &Smallest)]) -> String {
    let rows = found.iter().filter_map(|(row, of)| {
        let (counterexample, size) = stock::textbook(row.mutant)?;
        let after = of.after.unusual();
        let remark = if after > size + stock::BEYOND_TEXTBOOK { ", too many" } else { "" };
        Some(format!("| {} | {counterexample} | {size} | {after}{remark} |\n", row.mutant))
    });
    format!(
        "\nFor bugs in [orders of messages](ordering.md) there are textbook counterexamples. What shrinking leaves may have at \
         most {} faults and decisions more:\n\n\
         | planted bug | what goes wrong in the textbook | faults and decisions | after shrinking |\n\
         |---|---|---:|---:|\n{}",
        stock::BEYOND_TEXTBOOK,
        rows.collect::<String>()
    )
}

/// The page of what `cause` says of each bug.
fn causes_page(rows: &[String]) -> String {
    let missed = rows.iter().filter(|row| causes::is_missed(row)).count();
    let mut text = format!(
        "{}\nOf {} planted bugs that the hunts find, what sets off {} is among the first three causes.\n\n\
         | planted bug | scenario | seed | what sets it off | the first three causes | named as |\n\
         |---|---|---:|---|---|---:|\n",
        causes::HEAD,
        rows.len(),
        rows.len() - missed
    );
    for row in rows {
        text += row;
        text.push('\n');
    }
    text
}
