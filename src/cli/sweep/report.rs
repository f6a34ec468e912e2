use std::collections::BTreeMap;

use rehearsal_machine::{Time, printable};
use rehearsal_sim::scenario::Within;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::sweep::What;
use rehearsal_sim::{Expected, Fingerprint, Synopsis};

use super::store::Totals;
use crate::cli::words::{counted, grouped};

/// From so many runs on a rule for many runs says something.
const MANY: u64 = 30;
/// The columns of a bar of a histogram.
const BAR: u64 = 40;
const MILLISECOND: u64 = 1_000_000;
/// A bound is divided into so many parts.
const PARTS: u64 = 10;

/// How many runs there were, and how many held.
pub(super) fn heading(totals: &Totals) -> String {
    let Totals { runs, held, events, safety_alone, .. } = totals;
    let runs_text = counted(*runs, "run");
    let failed = runs - held;
    let mut text = format!("{runs_text}, {} events: ", grouped(*events));
    if failed == 0 {
        text += "all held\n";
        // The rule of three (Hanley and Lippman-Hand, 1983): had each run failed with this
        // probability, one would have been seen with 95 %. It is a rule for many runs.
        if *runs >= MANY {
            text += &format!("no failure in {runs_text}: below 3/{runs} of all seeds, at 95 %\n");
        }
    } else {
        text += &format!("{} held, {} failed\n", grouped(*held), grouped(failed));
    }
    if *safety_alone > 0 {
        text += &format!("{} judged on safety alone\n", counted(*safety_alone, "run"));
    }
    text
}

/// A group of failures in a line.
pub(super) fn failure(fingerprint: &Fingerprint, runs: u64) -> String {
    let Fingerprint { check, reason, event, .. } = fingerprint;
    format!(
        "FAIL  {}: {}, at {event}: {}",
        printable(check),
        printable(reason),
        counted(runs, "run")
    )
}

/// What could have happened, and did not: a heading and its lines, or nothing.
pub(super) fn never(missing: &[(String, String)], runs: u64) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let mut text = format!("never in {}\n", counted(runs, "run"));
    for (what, name) in missing {
        text += &format!("      {what}: {}\n", printable(name));
    }
    text
}

/// How much the runs have covered.
pub(super) fn covered(sights: &[(String, String)]) -> String {
    let count = |what: What| {
        let what = what.to_string();
        sights.iter().filter(|(of, _)| *of == what).count() as u64
    };
    format!(
        "covered: {}, {}, {}\n",
        counted(count(What::Step), "step shape"),
        counted(count(What::Role), "role"),
        counted(count(What::Mark), "mark")
    )
}

/// What other sweeps of the scenario have seen, and this one has not.
pub(super) fn elsewhere(sights: &[(String, String)]) -> String {
    if sights.is_empty() {
        return String::new();
    }
    let mut text = "seen by other sweeps of this scenario, and never by this one\n".to_owned();
    for (what, name) in sights {
        text += &format!("      {what}: {}\n", printable(name));
    }
    text
}

/// How long each `Eventually` and `LeadsTo` took, over all runs.
pub(super) struct Histograms {
    lines: Vec<Histogram>,
}

#[derive(Default)]
struct Histogram {
    place: usize,
    text: String,
    within: u64,
    /// What its time counts from, and what a time of nothing is called.
    from: [&'static str; 2],
    /// Runs by part of the bound.
    parts: BTreeMap<u64, u64>,
    longest: u64,
}

impl Histograms {
    pub(super) fn of(synopsis: &Synopsis) -> Self {
        let lines = synopsis.expect.iter().enumerate();
        let timed = |(place, line): (usize, &Expected)| {
            let (within, from) = match line.within? {
                Within::OfCalm(within) => (within, ["calm", "by the calm"]),
                Within::OfCause(within) => (within, ["cause or the calm", "at once"]),
                _ => return None,
            };
            let (text, within) = (line.text.clone(), within.as_nanos());
            Some(Histogram { place, text, within, from, ..Histogram::default() })
        };
        Self { lines: lines.filter_map(timed).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn add(&mut self, took: &[Option<u64>]) {
        for line in &mut self.lines {
            let Some(Some(took)) = took.get(line.place) else { continue };
            // What holds by the calm took no time.
            let part = took.saturating_mul(PARTS).div_ceil(line.within.max(1)).min(PARTS);
            *line.parts.entry(part).or_default() += 1;
            line.longest = line.longest.max(*took);
        }
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().map(Histogram::text).collect()
    }
}

impl Histogram {
    fn text(&self) -> String {
        let span = TimeSpan::from_nanos;
        let Self { text, within, from: [from, nothing], parts, longest, .. } = self;
        let Some(most) = parts.values().max() else { return String::new() };
        let mut lines = format!(
            "{} held within {} of the {from}, at the latest after {}ms\n",
            printable(text),
            span(*within),
            Time::from_nanos(longest.div_ceil(MILLISECOND) * MILLISECOND)
        );
        let last = parts.keys().max().copied().unwrap_or(0);
        for part in 0..=last {
            let runs = parts.get(&part).copied().unwrap_or(0);
            let until = match part {
                0 => (*nothing).to_owned(),
                part => format!("{}", span(within / PARTS * part)),
            };
            let bar = "#".repeat((runs * BAR).div_ceil(*most) as usize);
            lines += format!("  {until:>12} {:>9}  {bar}", grouped(runs)).trim_end();
            lines.push('\n');
        }
        lines
    }
}
