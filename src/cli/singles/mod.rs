//! `rehearsal singles`: every run with exactly one disturbance.

mod map;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rehearsal_sim::chance::Seed;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::singles::{Consequence, Disturbance, Single, Singles, Spans};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Case, Fingerprint, Options, plan};
use serde_json::json;

use super::mutants::{self, Mutant};
use super::run::{failure_file, quoted};
use super::show::{STEP_LIMIT, above_zero, run_watched};
use super::{Cli, CliError, Command, Console, Exit};

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
    /// Run so many at a time; the result is the same for any number [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
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
}

const KINDS: [Kind; 5] = [Kind::Lose, Kind::Late, Kind::Double, Kind::Timer, Kind::Crash];

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
        }
    }
}

impl Command for RunSingles {
    const NAME: &'static str = "singles";
    const ABOUT: &'static str =
        "Run a scenario once for each single disturbance, and show which ones it does not survive";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let text = cli.read_as(FileKind::Scenario, &self.scenario)?;
        let case = cli.scenario(&self.scenario)?;
        let mutant = self.mutant.name();
        mutants::check_build(mutant)?;
        let run = |case: &Case, mut options: Options| {
            options.mutant = mutant.map(str::to_owned);
            run_watched(case, options, STEP_LIMIT.as_duration())
        };
        let kinds: Vec<_> = self.kinds.iter().map(|kind| (*kind).into()).collect();
        let spans = Spans { late: self.late, down: self.down };
        let singles = Singles::of(&case, Seed(self.seed), spans, &kinds, &run)
            .map_err(|fails| CliError::bad_input(format!("{}: {fails}", text.name)))?;
        let list = singles.list();
        if !self.json {
            console.line(&format!("# {}", rehearsal_machine::printable(&case.synopsis().claim)))?;
            console.line(&format!("{} single disturbances of a run that holds", list.len()))?;
        }
        let jobs = self.jobs.or_else(|| std::thread::available_parallelism().ok());
        let consequences = singles.consequences(list, jobs.unwrap_or(NonZeroUsize::MIN), &run);
        let found: Vec<_> = list.iter().zip(&consequences).collect();
        if self.json {
            tell_json(&found, console)?;
        } else {
            console.print(&map::of(&found))?;
        }
        let groups = groups(&found);
        for (fingerprint, failing) in &groups {
            let Some(first) = failing.first() else { continue };
            let mut plan = singles.plan(first);
            plan.mutant = mutant.map(str::to_owned);
            plan.fails = Some((*fingerprint).clone());
            let (check, reason) = (&fingerprint.check, &fingerprint.reason);
            let remark = |console: &mut Console<'_>, text: &str| {
                let text = rehearsal_machine::printable(text);
                if self.json {
                    console.complain(&text);
                    Ok(())
                } else {
                    console.line(&text)
                }
            };
            remark(
                console,
                &format!("FAIL  {check}: {reason}, in {} of {}", failing.len(), found.len()),
            )?;
            remark(console, &format!("      first: {}", map::words(first)))?;
            let place = failure_file(&text.path, plan.seed, mutant);
            let name = place.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let place = place.with_file_name(format!("{name}-single.ron"));
            match plan::write_new(&place, &plan.to_string()) {
                Ok(file) => {
                    let file = quoted(&file.display().to_string());
                    remark(console, &format!("again: rehearsal replay {file}"))?;
                }
                // The result counts, even if there is no room for its plan.
                Err(error) => console
                    .complain(&CliError::unwritable(&place.display().to_string(), &error).message),
            }
        }
        Ok(if groups.is_empty() { Exit::Held } else { Exit::Violated })
    }
}

/// The failures that have something in common, the most frequent first.
fn groups<'a>(found: &[(&'a Single, &'a Consequence)]) -> Vec<(&'a Fingerprint, Vec<&'a Single>)> {
    let mut groups: BTreeMap<String, (&Fingerprint, Vec<&Single>)> = BTreeMap::new();
    for (single, consequence) in found {
        if let Consequence::Fails(fingerprint) = consequence {
            let key = format!("{fingerprint:?}");
            groups.entry(key).or_insert((fingerprint, Vec::new())).1.push(single);
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(_, failing)| std::cmp::Reverse(failing.len()));
    groups
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
