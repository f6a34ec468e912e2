//! Does `cause` name what sets a planted bug off? One shrunk failure of each is asked.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use rehearsal::sim::Case;
use rehearsal::sim::cause::{Cause, Change, Inquiry};

use crate::{drill, triggers};

/// The trigger has to be among so many causes.
const TOP: usize = 3;

/// A hunt gives up after so many seeds.
const MOST: u64 = 1_000;

/// What the page says before its table.
pub(crate) const HEAD: &str = include_str!("causes.md");

/// The table's row of this bug; none if no hunt finds it.
pub(crate) fn row(
    scenario: &str,
    case: &Case,
    mutant: &str,
    threads: NonZeroUsize,
) -> Option<String> {
    let sets = triggers::of(mutant)?;
    let sweep = drill::sweep(case, mutant);
    let (_, swept) = drill::first_failure(&sweep, 0, MOST, threads)?;
    let row = |causes: &str, named: &str| {
        let sets = triggers::told(sets);
        format!("| {mutant} | {scenario} | {} | {sets} | {causes} | {named} |", swept.seed)
    };
    let plan = match drill::shrunk(&sweep, &swept, threads) {
        Ok(shrunk) => shrunk.plan,
        Err(why) => return Some(row("", &format!("{NO}{why}"))),
    };
    let inquiry = Inquiry::new().jobs(threads);
    let found = match inquiry.find(&plan, &mut |_| ControlFlow::Continue(())) {
        Ok(found) => found,
        Err(why) => return Some(row("", &format!("{NO}{why}"))),
    };
    let faults = &plan.case.synopsis().faults;
    let first = &found.causes[..found.causes.len().min(TOP)];
    let rank = first.iter().position(|cause| triggers::names(cause, sets, faults));
    let rank = match rank {
        Some(place) => (place + 1).to_string(),
        None => format!("{NO}{}", triggers::why_missed(mutant)),
    };
    let told: Vec<_> = first.iter().zip(1..).map(|(cause, place)| told(cause, place)).collect();
    Some(row(&told.join("<br>"), &rank))
}

/// Is the trigger of this row not among the first causes?
pub(crate) fn is_missed(row: &str) -> bool {
    row.contains(&format!("| {NO}"))
}

const NO: &str = "no: ";

/// `1. crash n3 at 300ms (!), 3 to 14`.
fn told(cause: &Cause, place: usize) -> String {
    let what = match &cause.change {
        Change::Nothing => "nothing unusual".to_owned(),
        Change::Decision(key, decision) => format!("`{key}`: {}", decision.words()),
        Change::Fault(_, words) => words.clone(),
        Change::Usual(key) => format!("`{key}` as usual"),
    };
    let mark = if cause.passes_without == Some(true) { " (!)" } else { "" };
    let fails =
        cause.fails.map_or_else(String::new, |(before, after)| format!(", {before} to {after}"));
    format!("{place}. {what}{mark}{fails}")
}
