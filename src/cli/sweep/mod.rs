//! `rehearsal sweep`: many seeds of a scenario, on all cores, and what came of them.

mod junit;
mod pool;
mod progress;
mod record;
mod report;
mod shard;
mod store;
mod sweeping;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use rehearsal_machine::printable;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan::{failure_file, write_new};
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::sweep::{Sweep, What};
use rehearsal_sim::{Case, ENOUGH_RUNS, Options};

use super::jobs::Jobs;
use super::mutants::{self, Mutant};
use super::run::quoted;
use super::show::{STEP_LIMIT, above_zero, run_watched};
use super::words::counted;
use super::{Cli, CliError, Command, Console, Exit, console, output, watchdog};
use report::Histograms;
use shard::{LAST_SEED, Seeds, Shard, ShardArgument};
use store::{Group, Identity, Store, Totals};
use sweeping::{Sweeping, Until};

/// `rehearsal sweep`.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RunSweep {
    #[command(subcommand)]
    merge: Option<Merge>,
    /// The scenario's file
    #[arg(required = true)]
    scenario: Option<PathBuf>,
    /// The seeds, from the first to the one before the last; with `--for` or `--until-plateau`
    /// alone there is no last one [default: 0..1000]
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Option<Range<u64>>,
    /// Stop after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = above_zero)]
    time: Option<TimeSpan>,
    /// Stop as soon as there are so many failures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    until_failures: Option<u64>,
    /// Let each seed draw at random what goes wrong, within the scenario's `swarm`
    #[arg(long)]
    swarm: bool,
    /// Keep runs whose coverage is new, and vary them; with `--swarm`
    #[arg(long, requires = "swarm", conflicts_with = "shard")]
    guided: bool,
    /// Collect what the runs cover: the shapes of their steps, roles, and the marks of machines
    #[arg(long)]
    coverage: bool,
    /// Collect coverage, and stop after so many runs that cover nothing new
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    until_plateau: Option<u64>,
    /// Run each seed a second time on a fresh thread, and fail if that is another run
    #[arg(long)]
    twice: bool,
    /// Run only one of N equal parts of the seeds; `auto` takes it from the scheduler's environment
    #[arg(long, value_name = "I/N|auto")]
    shard: Option<ShardArgument>,
    #[command(flatten)]
    jobs: Jobs,
    /// Keep the results in this file [default: beside the scenario, as `NAME.sweep.db`; of a
    /// shard as `NAME.2-of-4.sweep.db`]
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Print one JSON object for each run as it ends, and the report to standard error
    #[arg(long)]
    jsonl: bool,
    /// Write the results to this file as JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = ENOUGH_RUNS, help = "\
        Fail if a fault or a `Sometimes` of the scenario never happened in so many runs")]
    enough: u64,
    #[arg(long, value_name = "DURATION", value_parser = above_zero, help = format!(
        "Fail a step that takes longer than this, in the computer's time [default: {STEP_LIMIT}]"
    ))]
    step_limit: Option<TimeSpan>,
    #[command(flatten)]
    mutant: Mutant,
}

#[derive(Subcommand)]
enum Merge {
    /// Add the results of other files to one: those of shards, for example
    Merge {
        /// The file that they are added to
        into: PathBuf,
        /// The files with results
        #[arg(required = true)]
        from: Vec<PathBuf>,
    },
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let help = || {
        format!("`{text}` is not a range of seeds: write `0..1000`, where 1000 is not part of it")
    };
    let (first, end) = text.split_once("..").ok_or_else(help)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| help());
    let (first, end) = (number(first)?, number(end)?);
    if first >= end {
        return Err(format!(
            "there is no seed in `{text}`: the second number must be the larger one"
        ));
    }
    if end > LAST_SEED {
        return Err(format!("the seeds of a sweep are below {LAST_SEED}"));
    }
    Ok(first..end)
}

impl Command for RunSweep {
    const NAME: &'static str = "sweep";
    const ABOUT: &'static str = "Run a scenario with many seeds, and keep what came of them";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        if let Some(Merge::Merge { into, from }) = &self.merge {
            return merge(into, from, console);
        }
        // The parser asks for one where nothing is merged.
        let scenario = self.scenario.as_deref().unwrap_or(Path::new(""));
        let text = cli.read_as(FileKind::Scenario, scenario)?;
        let limit = self.step_limit.unwrap_or(STEP_LIMIT).as_duration();
        let case = cli.case(text.clone(), watchdog::LOAD_LIMIT)?;
        mutants::check_build(self.mutant.name())?;
        let seeds = self.seeds()?;
        let sweep = self.sweep(&case, seeds.range.start, limit)?;
        let database = self.database(&text.path, seeds.shard);
        let mut inputs = text.with_files_of(&case);
        if inputs.iter().any(|input| output::is_same_place(input, &database)) {
            let database = database.display();
            let message =
                format!("--database {database}: this command reads that file (name another one)");
            return Err(CliError::usage(message));
        }
        inputs.push(database.clone());
        output::check(&[("--junit", self.junit.as_deref())], &inputs)?;
        let identity = Identity::of(&case, self.options(seeds.range.start))?;
        let store = Store::open(&database, &identity)?;
        if seeds.count() == 0 {
            console.line("no seed is in this shard")?;
            return Ok(Exit::Held);
        }
        let earlier = store.runs_elsewhere(&identity)?;
        if earlier > 0 {
            console.complain(&format!(
                "{} of an earlier version of the scenario or the program stay in {}, and do not count",
                counted(earlier, "run"),
                database.display()
            ));
        }
        let until = Until {
            time: self.time.map(TimeSpan::as_duration),
            failures: self.until_failures,
            plateau: self.until_plateau,
        };
        let mut sweeping = Sweeping::new(store, seeds, sweep, self.jsonl);
        let is_interrupted = sweeping.run(self.jobs.count(), limit, until, console)?;
        self.report(&sweeping, &text.path, is_interrupted, console)
    }
}

impl RunSweep {
    fn is_covering(&self) -> bool {
        self.coverage || self.guided || self.until_plateau.is_some()
    }

    fn seeds(&self) -> Result<Seeds, CliError> {
        let is_endless = self.time.is_some() || self.until_plateau.is_some();
        let default = if is_endless { 0..LAST_SEED } else { 0..ENOUGH_RUNS };
        let shard = match self.shard {
            None => Shard::WHOLE,
            Some(ShardArgument::Given(shard)) => shard,
            Some(ShardArgument::Auto) => shard::of_environment(&environment)
                .map_err(|why| CliError::usage(format!("--shard auto: {why}")))?,
        };
        Ok(Seeds { range: self.seeds.clone().unwrap_or(default), shard })
    }

    fn sweep(&self, case: &Case, first: u64, limit: Duration) -> Result<Sweep, CliError> {
        let mut sweep = Sweep::of(case)
            .mutant(self.mutant.name())
            .twice(self.twice)
            .covering(self.is_covering());
        if !self.swarm {
            return Ok(sweep);
        }
        if self.guided {
            sweep = sweep.guided_from(Seed(first));
        }
        let run = |case: &Case, options: Options| run_watched(case, options, limit);
        let name = &case.synopsis().name;
        sweep.swarming(&run).map_err(|why| CliError::bad_input(format!("{name}: {why}")))
    }

    /// Where the results are kept: each shard has a file of its own.
    fn database(&self, scenario: &Path, shard: Shard) -> PathBuf {
        let extension = match shard {
            Shard::WHOLE => "sweep.db".to_owned(),
            shard => format!("{}.sweep.db", shard.to_string().replace('/', "-of-")),
        };
        self.database.clone().unwrap_or_else(|| scenario.with_extension(extension))
    }

    /// The options that decide runs, as they are written.
    fn options(&self, first: u64) -> String {
        let flags =
            [(self.swarm, "--swarm"), (self.twice, "--twice"), (self.is_covering(), "--coverage")];
        let flags = flags.into_iter().filter(|(is_given, _)| *is_given);
        let mut options: Vec<_> = flags.map(|(_, flag)| flag.to_owned()).collect();
        options.extend(self.guided.then(|| format!("--guided from {first}")));
        options.extend(self.mutant.name().map(|name| format!("--mutant {name}")));
        options.join(" ")
    }

    fn report(
        &self,
        sweeping: &Sweeping,
        scenario: &Path,
        is_interrupted: bool,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let synopsis = sweeping.sweep.scenario().synopsis();
        let totals = sweeping.store.totals(&sweeping.seeds, synopsis.protocol)?;
        if totals.runs == 0 && !is_interrupted {
            return Err(CliError::usage("no run has ended: give it more time, or more seeds"));
        }
        if totals.runs > 0 {
            mutants::check_reached(self.mutant.name(), totals.is_mutant_reached)?;
        }
        let mut text = report::heading(&totals);
        let mut reproductions = Vec::new();
        for group in &totals.groups {
            text += &report::failure(&group.fingerprint, group.runs);
            text += "\n";
            let again = self.reproduction(sweeping, scenario, group, console);
            // Nothing is noted of a run that hangs.
            if let Some(unusual) = group.unusual {
                let (seed, decisions) = (group.seed, counted(unusual, "decision"));
                text += &format!("      seed {seed} is nearest to the usual: {decisions}\n");
            }
            text += &format!("      again: {again}\n");
            reproductions.push(again);
        }
        for (seed, difference) in &totals.differing {
            text += &format!("DIFFERS  two runs of seed {seed} differ\n");
            for line in difference.lines() {
                text += &format!("      {}\n", printable(line));
            }
        }
        if totals.differ > totals.differing.len() as u64 {
            text += &format!("      {} differ in all\n", counted(totals.differ, "seed"));
        }
        let never = never(&sweeping.sweep, &totals);
        let shown: Vec<_> =
            never.iter().map(|(what, name, _)| (what.clone(), name.clone())).collect();
        text += &report::never(&shown, totals.table_runs);
        if self.is_covering() {
            text += &report::covered(&totals.sights);
            text +=
                &report::elsewhere(&sweeping.store.sights_elsewhere(&store::name_of(synopsis))?);
        }
        let mut histograms = Histograms::of(synopsis);
        if !histograms.is_empty() {
            sweeping.store.each_took(&sweeping.seeds, |took| histograms.add(took))?;
            text += &histograms.text();
        }
        let is_vacuous =
            totals.table_runs >= self.enough && never.iter().any(|(.., counts)| *counts);
        if is_vacuous {
            text += "FAIL  what never happened was not put to the test\n";
        }
        if is_interrupted {
            text += "interrupted: the same command goes on from here\n";
        }
        let out = if self.jsonl { &mut *console.err } else { &mut *console.out };
        let printed = console::print(out, &text);
        console.complain_of(printed);
        if let Some(file) = &self.junit {
            let text = junit::text(&synopsis.name, &totals, &reproductions, is_vacuous);
            // The verdict counts, even if there is no room for the file.
            if let Err(error) = output::write(file, &text) {
                console.complain(&error.message);
            }
        }
        Ok(if is_interrupted {
            Exit::Interrupted
        } else if totals.differ > 0 {
            Exit::Nondeterministic
        } else if totals.held < totals.runs || is_vacuous {
            Exit::Violated
        } else {
            Exit::Held
        })
    }

    /// Writes the plan of the group's first run, and gives the command that runs it again.
    fn reproduction(
        &self,
        sweeping: &Sweeping,
        scenario: &Path,
        group: &Group,
        console: &mut Console<'_>,
    ) -> String {
        let seed = Seed(group.seed);
        let plan = sweeping.sweep.plan(seed, Some(group.fingerprint.clone()));
        let file = failure_file(scenario, seed, self.mutant.name());
        let limit = self.step_limit.map_or(String::new(), |limit| format!(" --step-limit {limit}"));
        match write_new(&file, &plan.to_string()) {
            Ok(file) => {
                let file = quoted(&file.display().to_string());
                format!("{} replay {file}{limit}", console.program)
            }
            // The result counts, even if there is no room for its plan.
            Err(error) => {
                let shown = file.display().to_string();
                console.complain(&CliError::unwritable(&shown, &error).message);
                let mutant =
                    self.mutant.name().map_or(String::new(), |name| format!(" --mutant {name}"));
                let scenario = quoted(&scenario.display().to_string());
                let swarm = if self.swarm { " --swarm" } else { "" };
                // What it runs depends on the seeds before it.
                let first = if self.guided { sweeping.seeds.range.start } else { seed.0 };
                let guided = if self.guided { " --guided" } else { "" };
                format!(
                    "{} sweep {scenario} --seeds {first}..{}{swarm}{guided}{mutant}{limit}",
                    console.program,
                    seed.0 + 1
                )
            }
        }
    }
}

/// What could have happened and did not, and whether that fails a sweep.
fn never(sweep: &Sweep, totals: &Totals) -> Vec<(String, String, bool)> {
    let possible = sweep.possible().into_iter();
    let missing = possible.filter_map(|sight| {
        let counts = matches!(sight.what, What::Fault | What::Network | What::Sometimes);
        let seen = (sight.what.to_string(), sight.name);
        (!totals.sights.contains(&seen)).then_some((seen.0, seen.1, counts))
    });
    missing.collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a scheduler says in the environment which part of the seeds is this process's; no run depends on it"
)]
fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

fn merge(into: &Path, from: &[PathBuf], console: &mut Console<'_>) -> Result<Exit, CliError> {
    let merged = store::merge(into, from)?;
    console.line(&format!(
        "{} from {} added to {}, {} known before",
        counted(merged.runs, "run"),
        counted(merged.files as u64, "file"),
        into.display(),
        merged.known
    ))?;
    Ok(Exit::Held)
}
