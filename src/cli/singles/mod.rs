//! `rehearsal singles`: every run with exactly one disturbance.

mod map;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use rehearsal_machine::printable;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan::failure_file;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::singles::{Consequence, Disturbance, Single, Singles, Spans};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Case, Fingerprint, Options, Plan, RunCase};
use serde_json::json;

use super::jobs::Jobs;
use super::mutants::{self, Mutant};
use super::run::{quoted, write_beside};
use super::show::{STEP_LIMIT, above_zero, run_watched};
use super::watchdog::LOAD_LIMIT;
use super::words::counted;
use super::{Cli, CliError, Command, Console, Exit, console};

/// `rehearsal singles`.
#[derive(Args)]
pub(super) struct RunSingles {
    /// The scenario's file
    scenario: PathBuf,
    /// The number that makes the commands of a workload; everything else is as usual
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only these kinds of disturbances
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND,..", default_values_t = KINDS)]
    kinds: Vec<Kind>,
    /// A late message, or the second copy of a doubled one, arrives so much later than usual
    #[arg(long, value_name = "DURATION", default_value_t = Spans::default().late, value_parser = above_zero)]
    late: TimeSpan,
    /// A node that crashes is down so long
    #[arg(long, value_name = "DURATION", default_value_t = Spans::default().down)]
    down: TimeSpan,
    /// Then run every two of those that hold alone, too
    #[arg(long)]
    pairs: bool,
    #[command(flatten)]
    jobs: Jobs,
    /// Print one JSON object for each disturbance that changes something, and one at the end
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mutant: Mutant,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A message is lost
    Lose,
    /// A message arrives later
    Late,
    /// A message arrives twice
    Double,
    /// A timer fires at the end of its range
    Timer,
    /// A node crashes right after one of its effects, and restarts
    Crash,
    /// The session that carries a message breaks right after the message was sent
    Break,
}

const KINDS: [Kind; 6] =
    [Kind::Lose, Kind::Late, Kind::Double, Kind::Timer, Kind::Crash, Kind::Break];

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

impl From<Kind> for Disturbance {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Lose => Self::Lose,
            Kind::Late => Self::Late,
            Kind::Double => Self::Double,
            Kind::Timer => Self::Timer,
            Kind::Crash => Self::Crash,
            Kind::Break => Self::Break,
        }
    }
}

impl Command for RunSingles {
    const NAME: &'static str = "singles";
    const ABOUT: &'static str =
        "Run a scenario once for each single disturbance, and show which ones it does not survive";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let text = cli.read_as(FileKind::Scenario, &self.scenario)?;
        let case = cli.case(text.clone(), LOAD_LIMIT)?;
        let mutant = self.mutant.name();
        mutants::check_build(mutant)?;
        let is_reached = AtomicBool::new(false);
        let run = |case: &Case, mut options: Options| {
            options.mutant = mutant.map(str::to_owned);
            let outcome = run_watched(case, options, STEP_LIMIT.as_duration());
            is_reached.fetch_or(outcome.mutant_reached, Ordering::Relaxed);
            outcome
        };
        let kinds: Vec<_> = self.kinds.iter().map(|kind| (*kind).into()).collect();
        let spans = Spans { late: self.late, down: self.down };
        let singles = Singles::of(&case, Seed(self.seed), spans, &kinds, &run)
            .map_err(|fails| CliError::bad_input(format!("{}: {fails}", text.name)))?;
        let list = singles.list();
        let mut printed = Ok(());
        if !self.json {
            let claim = printable(&case.synopsis().claim);
            let count = list.len();
            printed = console
                .line(&format!("# {claim}\n{count} single disturbances of a run that holds"));
        }
        let consequences = singles.consequences(list, self.jobs.count(), &run);
        mutants::check_reached(mutant, is_reached.load(Ordering::Relaxed))?;
        let found: Vec<_> = list.iter().zip(&consequences).collect();
        let told =
            if self.json { tell_json(&found, console) } else { console.print(&map::of(&found)) };
        printed = printed.and(told);
        let place = failure_file(&text.path, Seed(self.seed), mutant);
        let mut telling = Telling { place: &place, mutant, is_json: self.json, printed };
        let mut groups = Groups::default();
        for (place, consequence) in consequences.iter().enumerate() {
            groups.add(place, consequence);
        }
        let is_found = telling.groups(groups, list.len(), "single", console, &|place| {
            (map::words(&list[place]), singles.plan(&list[place]))
        });
        let is_pair_found =
            self.pairs && self.run_pairs(&singles, &consequences, &run, &mut telling, console);
        console.complain_of(telling.printed);
        Ok(if is_found || is_pair_found { Exit::Violated } else { Exit::Held })
    }
}

impl RunSingles {
    /// Runs every two of the disturbances that change nothing that is checked alone. Tells whether
    /// a pair fails.
    fn run_pairs(
        &self,
        singles: &Singles,
        consequences: &[Consequence],
        run: &RunCase<'_>,
        telling: &mut Telling<'_>,
        console: &mut Console<'_>,
    ) -> bool {
        let alone = singles.list().iter().zip(consequences);
        let alone = alone.filter(|(_, consequence)| !matches!(consequence, Consequence::Fails(_)));
        let alone: Vec<_> = alone.map(|(single, _)| single.clone()).collect();
        let count = Singles::pairs(&alone).count();
        telling.remark(
            &format!("{} of disturbances that hold alone", counted(count as u64, "pair")),
            console,
        );
        let mut groups = Groups::default();
        let mut pairs = Singles::pairs(&alone);
        loop {
            // There can be millions: what holds is forgotten at once.
            let chunk: Vec<_> = pairs.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            let jobs = self.jobs.count();
            let consequences = singles.consequences_of_pairs(&alone, &chunk, jobs, run);
            for (pair, consequence) in chunk.into_iter().zip(consequences) {
                groups.add(pair, &consequence);
                if let (true, Consequence::Fails(fingerprint)) = (self.json, &consequence) {
                    let [one, other] = [pair.0, pair.1].map(|place| map::words(&alone[place]));
                    let line = json!({
                        "pair": [one, other],
                        "consequence": { "check": fingerprint.check, "reason": fingerprint.reason },
                    });
                    telling.result(&line.to_string(), console);
                }
            }
        }
        if self.json {
            telling
                .result(&json!({ "pairs": count, "fail": groups.failures() }).to_string(), console);
        }
        telling.groups(groups, count, "pair", console, &|(one, other)| {
            let (one, other) = (&alone[one], &alone[other]);
            let words = format!("{}, and {}", map::words(one), map::words(other));
            (words, singles.plan_of(&[one, other]))
        })
    }
}

/// So many pairs are run before their consequences are looked at.
const CHUNK: usize = 1 << 16;

/// Failures that have something in common: how many there are, and the first.
struct Groups<T>(BTreeMap<String, (Fingerprint, usize, T)>);

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Groups<T> {
    fn add(&mut self, what: T, consequence: &Consequence) {
        let Consequence::Fails(fingerprint) = consequence else { return };
        let group = self.0.entry(format!("{fingerprint:?}"));
        group.or_insert_with(|| (fingerprint.clone(), 0, what)).1 += 1;
    }

    fn failures(&self) -> usize {
        self.0.values().map(|(_, count, _)| count).sum()
    }

    /// The most frequent first.
    fn in_order(self) -> Vec<(Fingerprint, usize, T)> {
        let mut groups: Vec<_> = self.0.into_values().collect();
        groups.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        groups
    }
}

/// How failures are told.
struct Telling<'a> {
    /// The place of the plans.
    place: &'a Path,
    mutant: Option<&'a str>,
    is_json: bool,
    /// Whether all could be printed so far.
    printed: Result<(), CliError>,
}

impl Telling<'_> {
    /// Tells the groups of failures of so many runs, and writes a plan of each. Is there any?
    fn groups<T: Copy>(
        &mut self,
        groups: Groups<T>,
        all: usize,
        what: &str,
        console: &mut Console<'_>,
        words_and_plan: &dyn Fn(T) -> (String, Plan),
    ) -> bool {
        let groups = groups.in_order();
        for (fingerprint, count, first) in &groups {
            let (words, mut plan) = words_and_plan(*first);
            plan.mutant = self.mutant.map(str::to_owned);
            plan.fails = Some(fingerprint.clone());
            let Fingerprint { check, reason, .. } = fingerprint;
            self.remark(&format!("FAIL  {check}: {reason}, in {count} of {all}"), console);
            self.remark(&format!("      first: {words}"), console);
            match write_beside(self.place, what, &plan) {
                Ok(file) => {
                    let file = quoted(&file.display().to_string());
                    let again = format!("again: {} replay {file}", console.program);
                    self.remark(&again, console);
                }
                // The result counts, even if there is no room for its plan.
                Err(error) => console.complain(&error.message),
            }
        }
        !groups.is_empty()
    }

    /// A line of results.
    fn result(&mut self, text: &str, console: &mut Console<'_>) {
        let printed = console.line(text);
        self.printed = std::mem::replace(&mut self.printed, Ok(())).and(printed);
    }

    fn remark(&mut self, text: &str, console: &mut Console<'_>) {
        let out = if self.is_json { &mut *console.err } else { &mut *console.out };
        let printed = console::line(out, &printable(text));
        self.printed = std::mem::replace(&mut self.printed, Ok(())).and(printed);
    }
}

fn tell_json(found: &[(&Single, &Consequence)], console: &mut Console<'_>) -> Result<(), CliError> {
    let [mut fails, mut otherwise] = [0_u64; 2];
    for (single, consequence) in found {
        let what = match consequence {
            Consequence::Nothing => continue,
            Consequence::Fails(fingerprint) => {
                fails += 1;
                json!({ "check": fingerprint.check, "reason": fingerprint.reason })
            }
            _ => {
                otherwise += 1;
                json!("ends_otherwise")
            }
        };
        let kind = map::kind(single.disturbance);
        let subject = single.subject.to_string();
        let line = json!({ "disturbance": kind, "subject": subject, "consequence": what });
        console.line(&line.to_string())?;
    }
    let all = found.len();
    let end = json!({ "singles": all, "fail": fails, "end_otherwise": otherwise });
    console.line(&end.to_string())
}
