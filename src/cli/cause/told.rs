//! Causes in words: as the story names their events.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{Time, printable};
use rehearsal_sim::Plan;
use rehearsal_sim::cause::{Cause, Change, Findings};
use rehearsal_sim::story::{self, Told, WIDTH};
use serde::Serialize;

/// So many causes are listed.
const MOST: usize = 9;

const HEADING: &str = "P before, after";

/// The causes of a failure, in words.
pub(super) struct Causes<'a> {
    causes: Vec<(&'a Cause, String)>,
}

impl<'a> Causes<'a> {
    pub(super) fn of(plan: &Plan, found: &'a Findings) -> Self {
        let wanted: BTreeSet<_> = found.causes.iter().filter_map(|cause| cause.event).collect();
        let events = words_of(plan, found, &wanted);
        let told = |cause: &'a Cause| (cause, words(cause, &events));
        Self { causes: found.causes.iter().map(told).collect() }
    }

    /// The table of the likeliest ones.
    pub(super) fn table(&self, found: &Findings) -> String {
        let shown = &self.causes[..self.causes.len().min(MOST)];
        if shown.is_empty() {
            return "No single choice brings the failure about.\n".to_owned();
        }
        let width = shown.iter().map(|(cause, _)| cause.at.to_string().len()).max().unwrap_or(0);
        let width = width.max(2);
        let seeds = found.seeds;
        let digits = seeds.to_string().len();
        let tail = HEADING.len().max(4 * digits + 6);
        let room = WIDTH.saturating_sub(width + tail + 9);
        let mut text =
            format!("#  {:>width$}    {:<room$}  {HEADING:>tail$}\n", "ms", "what was decided");
        for (place, (cause, words)) in shown.iter().enumerate() {
            let mark = if cause.passes_without == Some(true) { '!' } else { ' ' };
            let fails = cause.fails.map_or(String::new(), |(before, after)| {
                format!("{before:>digits$}/{seeds} -> {after:>digits$}/{seeds}")
            });
            let rank = place + 1;
            let line = format!(
                "{rank}  {:>width$} {mark}  {:<room$}  {fails:>tail$}",
                cause.at.to_string(),
                cut(words, room),
            );
            text += line.trim_end();
            text.push('\n');
        }
        if self.causes.len() > MOST {
            text += &format!("and {} more (--json lists all)\n", self.causes.len() - MOST);
        }
        if shown.iter().any(|(cause, _)| cause.passes_without == Some(true)) {
            text += "!  without this alone, the run passes\n";
        }
        text
    }

    /// Where each cause that is listed stands in time.
    pub(super) fn marks(&self) -> Vec<(Time, char)> {
        let shown = self.causes.iter().take(MOST);
        let shown = shown.zip('1'..).filter(|((cause, _), _)| cause.change != Change::Nothing);
        shown.map(|((cause, _), mark)| (cause.at, mark)).collect()
    }

    /// The events of those without which the run passes.
    pub(super) fn decisive(&self) -> BTreeSet<u64> {
        let decisive = self.causes.iter().filter(|(cause, _)| cause.passes_without == Some(true));
        decisive.filter_map(|(cause, _)| cause.event).collect()
    }
}

fn cut(words: &str, room: usize) -> String {
    if words.chars().count() <= room {
        return words.to_owned();
    }
    words.chars().take(room.saturating_sub(2)).chain("..".chars()).collect()
}

/// The words of these events in the story.
fn words_of(plan: &Plan, found: &Findings, wanted: &BTreeSet<u64>) -> BTreeMap<u64, String> {
    let Some(events) = &found.outcome.events else { return BTreeMap::new() };
    let synopsis = plan.case.synopsis();
    let told = Told { events, network: Some(&synopsis.network), nodes: synopsis.nodes as usize };
    let mut words = BTreeMap::new();
    story::each_event(told, |event, who, what| {
        if wanted.contains(&event.number) {
            words.insert(event.number, format!("{who} {what}"));
        }
    });
    words
}

fn words(cause: &Cause, events: &BTreeMap<u64, String>) -> String {
    let event = cause.event.and_then(|number| events.get(&number)).cloned();
    let words = match (&cause.change, event) {
        (Change::Nothing, _) => "nothing unusual: the usual course fails alike".to_owned(),
        (Change::Fault(_, fault), Some(event)) => format!("{event}  ({fault})"),
        (Change::Fault(_, fault), None) => fault.clone(),
        (Change::Decision(key, decision), event) => {
            let decision = decision.words();
            match event {
                Some(event) => format!("{event}  ({decision})"),
                None => format!("{key}: {decision}"),
            }
        }
        (Change::Usual(_), Some(event)) => event,
        (Change::Usual(key), None) => key.to_string(),
    };
    printable(&words).into_owned()
}

/// What `--json` prints.
#[derive(Serialize)]
pub(super) struct Summary {
    scenario: String,
    seed: u64,
    seeds: u32,
    first_seed: u64,
    future: &'static str,
    complete: bool,
    runs: u64,
    choices: usize,
    curve: Vec<PointSummary>,
    causes: Vec<CauseSummary>,
}

#[derive(Serialize)]
struct PointSummary {
    kept: usize,
    at_ns: u64,
    fails: u32,
}

#[derive(Serialize)]
struct CauseSummary {
    is: &'static str,
    key: Option<String>,
    at_ns: u64,
    event: Option<u64>,
    words: String,
    fails_before: Option<u32>,
    fails_after: Option<u32>,
    passes_without: Option<bool>,
}

pub(super) fn summary(plan: &Plan, first_seed: u64, found: &Findings) -> Summary {
    let causes = Causes::of(plan, found).causes.into_iter().map(|(cause, words)| {
        let (is, key) = match &cause.change {
            Change::Decision(key, _) => ("decision", Some(key.to_string())),
            Change::Fault(_, fault) => ("fault", Some(fault.clone())),
            Change::Usual(key) => ("usual", Some(key.to_string())),
            Change::Nothing => ("nothing", None),
        };
        CauseSummary {
            is,
            key,
            at_ns: cause.at.as_nanos(),
            event: cause.event,
            words,
            fails_before: cause.fails.map(|(before, _)| before),
            fails_after: cause.fails.map(|(_, after)| after),
            passes_without: cause.passes_without,
        }
    });
    let point = |point: &rehearsal_sim::cause::Point| PointSummary {
        kept: point.kept,
        at_ns: point.at.as_nanos(),
        fails: point.fails,
    };
    Summary {
        scenario: plan.case.synopsis().name.clone(),
        seed: plan.seed.0,
        seeds: found.seeds,
        first_seed,
        future: if found.is_of_swarm { "swarm" } else { "scenario" },
        complete: found.is_complete,
        runs: found.runs,
        choices: found.choices,
        curve: found.curve.iter().map(point).collect(),
        causes: causes.collect(),
    }
}
