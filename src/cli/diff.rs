use std::path::{Path, PathBuf};

use clap::Args;
use rehearsal_machine::{Time, printable};
use rehearsal_sim::Keep;
use rehearsal_sim::diff::{Counts, Diff, Pairing, Side, compare};
use rehearsal_sim::story::{self, Extent};
use rehearsal_sim::trace::{Event, lines};
use serde::Serialize;
use serde_json::Value;

use super::subject::{RunArguments, Subject, Wanted};
use super::view::FilterArguments;
use super::words::{counted, grouped};
use super::{Cli, CliError, Command, Console, Exit, json};

/// `rehearsal diff`.
#[derive(Args)]
pub(super) struct RunDiff {
    /// A plan, a trace or a scenario
    #[arg(value_name = "A")]
    first: PathBuf,
    /// What it is compared with; without it, a scenario is compared with itself under a second seed
    #[arg(value_name = "B")]
    second: Option<PathBuf>,
    /// Compare a plan that `shrink` wrote with its twin, which passes
    #[arg(long, conflicts_with = "second")]
    twin: bool,
    /// The seed of a scenario [default: 0]; given twice, of the first run and of the second one
    #[arg(long, value_name = "SEED")]
    seed: Vec<u64>,
    /// Print one JSON object instead of the story
    #[arg(long, conflicts_with_all = ["hide", "only"])]
    json: bool,
    /// Tell everything that differs, saves included
    #[arg(long)]
    whole: bool,
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    run: RunArguments,
}

/// So many differences an object of JSON has at most, unless all are asked for.
const MOST_IN_JSON: usize = 1_000;

impl Command for RunDiff {
    const NAME: &'static str = "diff";
    const ABOUT: &'static str = "Compare two runs: the first event in which they differ, what led \
                                 to it, and what changed afterwards";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let (a, b) = self.subjects(cli)?;
        self.filter.check(u32::try_from(a.nodes.max(b.nodes)).unwrap_or(u32::MAX))?;
        let [side_a, side_b] =
            [&a, &b].map(|run| Side { events: &run.events, checkpoints: run.checkpoints() });
        let compared = Compared { diff: compare(side_a, side_b), a: &a, b: &b };
        compared.check()?;
        if self.json {
            console.line(&json::value(&compared.summary(self.whole)).to_string())?;
        } else {
            self.print(&compared, console)?;
        }
        Ok(if compared.is_equal() { Exit::Held } else { Exit::Violated })
    }
}

impl RunDiff {
    /// The two runs.
    fn subjects(&self, cli: &Cli) -> Result<(Subject, Subject), CliError> {
        let twin = if self.twin { Some(twin_of(&self.first)?) } else { None };
        let second = self.second.as_ref().or(twin.as_ref());
        let seeds = match (self.seed.as_slice(), second) {
            ([_, _, _, ..], _) => {
                return Err(CliError::usage(
                    "two runs have two seeds: give `--seed` twice at most",
                ));
            }
            ([_] | [], None) => {
                return Err(CliError::usage(
                    "there is one run: name a second file, give a scenario two seeds (`--seed 1 \
                     --seed 2`), or a shrunk plan `--twin`",
                ));
            }
            ([a, b], _) => [Some(*a), Some(*b)],
            ([both], Some(_)) => [Some(*both); 2],
            ([], Some(_)) => [None; 2],
        };
        // A seed that both runs have can be for one of them.
        let is_shared = self.seed.len() < 2;
        let wanted = |seed| Wanted {
            arguments: &self.run,
            seed,
            has_others: second.is_some() && is_shared,
            keep: Keep::Values,
        };
        let a = cli.subject(&self.first, wanted(seeds[0]))?;
        let b = cli.subject(second.unwrap_or(&self.first), wanted(seeds[1]))?;
        if !a.is_of_scenario && !b.is_of_scenario {
            self.run.refuse_for_scenarios(seeds[0], "no file here is a scenario")?;
        }
        Ok((a, b))
    }

    fn print(&self, compared: &Compared<'_>, console: &mut Console<'_>) -> Result<(), CliError> {
        let Compared { diff, a, b } = compared;
        let counts = diff.counts();
        let same = counted(counts.same, "event");
        let mut text = String::new();
        if compared.is_equal() {
            text += &match counts.same {
                0 if diff.since.is_some() => "equal: their digests are the same\n".to_owned(),
                _ => format!("equal: {same}\n"),
            };
        } else {
            let [told_a, told_b] = [a, b].map(|run| run.told());
            text += &story::of_first(diff, told_a, told_b);
            if !text.is_empty() {
                text.push('\n');
            }
            text += &compared.heads();
        }
        if let Some(since) = diff.since.filter(|_| diff.has_compared()) {
            text += &format!(
                "compared from {since}ms on: what was before is not kept (--keep-events)\n"
            );
        }
        if diff.first.is_some() {
            let mut view = self.filter.view();
            if self.whole {
                view.extent = Extent::Whole;
            }
            let [told_a, told_b] = [a, b].map(|run| run.told());
            text.push('\n');
            text += &story::of_diff(diff, told_a, told_b, &view);
        }
        for remark in self.filter.missing(&[&a.events, &b.events]) {
            text += &printable(&remark);
            text.push('\n');
        }
        console.print(&text)
    }
}

/// The twin that `shrink` wrote beside this plan.
fn twin_of(plan: &Path) -> Result<PathBuf, CliError> {
    let stem = plan.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let beside = stem.rsplit_once("-small").map(|(name, rest)| format!("{name}-twin{rest}"));
    let names = beside.into_iter().chain([format!("{stem}-twin")]);
    let places: Vec<_> = names.map(|name| plan.with_file_name(name + ".ron")).collect();
    if let Some(place) = places.iter().find(|place| place.exists()) {
        return Ok(place.clone());
    }
    let tried: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
    Err(CliError::usage(format!(
        "--twin: there is no {} (`rehearsal shrink` writes it beside the smallest plan, if there is \
         one)",
        tried.join(" and no ")
    )))
}

/// Two runs, and how they differ.
struct Compared<'a> {
    diff: Diff,
    a: &'a Subject,
    b: &'a Subject,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Summary<'a> {
    equal: bool,
    a: RunSummary<'a>,
    b: RunSummary<'a>,
    compared_from_ns: Option<u64>,
    first: Option<FirstSummary>,
    #[serde(flatten)]
    counts: Counts,
    changes: Vec<Value>,
    omitted: usize,
}

#[derive(Serialize)]
struct RunSummary<'a> {
    name: &'a str,
    events: u64,
    verdict: Option<String>,
    digest: Option<String>,
}

#[derive(Serialize)]
struct FirstSummary {
    at_ns: u64,
    key: Option<String>,
    a: Option<Value>,
    b: Option<Value>,
    causes_a: Vec<Value>,
    causes_b: Vec<Value>,
}

impl Compared<'_> {
    /// Are the events the same, and the verdicts, as far as either is known?
    fn is_equal(&self) -> bool {
        let differ = |a: Option<String>, b: Option<String>| a.is_some() && b.is_some() && a != b;
        self.diff.is_equal()
            && !differ(self.a.digest(), self.b.digest())
            && !differ(self.a.verdict(), self.b.verdict())
    }

    /// Refuses runs of which no event was compared, and no digest of all events either.
    fn check(&self) -> Result<(), CliError> {
        let is_known = self.a.digest().is_some() && self.b.digest().is_some();
        if is_known || self.diff.since.is_none() || self.diff.has_compared() {
            return Ok(());
        }
        Err(CliError::usage(format!(
            "{} and {}: no event of both is kept, from one instant on (keep more of them: \
             --keep-events)",
            self.a.name, self.b.name
        )))
    }

    /// A line for each run, and one that counts.
    fn heads(&self) -> String {
        let Counts { same, moved, changed, removed, added, .. } = self.diff.counts();
        let mut text = String::new();
        for (sign, run) in [('-', self.a), ('+', self.b)] {
            let verdict = run.verdict().map_or(String::new(), |verdict| format!(": {verdict}"));
            let words = format!("{}{verdict}", run.name);
            text += &story::hung(&format!("{sign} "), "    ", &words);
        }
        let others =
            [(moved, "moved"), (changed, "changed"), (removed, "only in -"), (added, "only in +")];
        let others = others.iter().filter(|(count, _)| *count > 0);
        let others: String =
            others.map(|(count, what)| format!(", {} {what}", grouped(*count))).collect();
        text += &story::hung("", "  ", &format!("{} the same{others}", counted(same, "event")));
        if self.diff.first.is_none() {
            let is_in_part = self.diff.since.is_some() && self.a.digest() != self.b.digest();
            text += if self.diff.differ_before || is_in_part {
                "they differ before what is kept (--keep-events)\n"
            } else if self.a.verdict() == self.b.verdict() {
                "their digests differ: an event differs in what a trace does not tell\n"
            } else {
                "the events are the same, and the verdicts are not\n"
            };
        }
        text
    }

    fn summary(&self, is_whole: bool) -> Summary<'_> {
        let Self { diff, a, b } = self;
        let differ = diff.rest.iter().filter(|pairing| !matches!(pairing, Pairing::Same { .. }));
        let all: Vec<_> = differ.collect();
        let most = if is_whole { all.len() } else { MOST_IN_JSON };
        let changes: Vec<_> = all.iter().take(most).map(|pairing| self.change(**pairing)).collect();
        let first = diff.first.as_ref().map(|first| {
            let of = |event: &Option<Event>| event.as_ref().map(lines::to_object);
            let causes = |run: &Subject, event: &Option<Event>| {
                let number = event.as_ref().map(|event| event.number);
                let causes = number.map(|number| run.events.causes(number)).unwrap_or_default();
                causes.iter().map(lines::to_object).collect()
            };
            FirstSummary {
                at_ns: first.at().as_nanos(),
                key: first.key().map(|key| key.to_string()),
                a: of(&first.a),
                b: of(&first.b),
                causes_a: causes(a, &first.a),
                causes_b: causes(b, &first.b),
            }
        });
        Summary {
            equal: self.is_equal(),
            a: RunSummary::of(a),
            b: RunSummary::of(b),
            compared_from_ns: diff.since.filter(|_| diff.has_compared()).map(Time::as_nanos),
            first,
            counts: diff.counts(),
            omitted: all.len() - changes.len(),
            changes,
        }
    }

    /// A difference, with the events in place of their numbers.
    fn change(&self, pairing: Pairing) -> Value {
        let mut object = json::value(&pairing);
        for (side, event) in [
            ("a", object["a"].as_u64().and_then(|number| self.diff.event_of_a(number))),
            ("b", object["b"].as_u64().and_then(|number| self.diff.event_of_b(number))),
        ] {
            object[side] = event.map_or(Value::Null, lines::to_object);
        }
        object
    }
}

impl<'a> RunSummary<'a> {
    fn of(run: &'a Subject) -> Self {
        Self {
            name: &run.name,
            events: run.events.dropped() + run.events.len(),
            verdict: run.verdict(),
            digest: run.digest(),
        }
    }
}
