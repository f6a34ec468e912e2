//! `rehearsal sweep`: many seeds of a scenario, on all cores, and what came of them.

#![expect(clippy::disallowed_types, reason = "`--for` is about the computer's own time")]

mod junit;
mod pool;
mod progress;
mod record;
mod report;
mod shard;
mod store;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use rehearsal_machine::printable;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan::{failure_file, write_new};
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::sweep::{Sweep, What};
use rehearsal_sim::{Case, ENOUGH_RUNS, Options};
use serde_json::json;

use super::jobs::Jobs;
use super::mutants::{self, Mutant};
use super::run::quoted;
use super::show::{STEP_LIMIT, above_zero, run_watched};
use super::{Cli, CliError, Command, Console, Exit, console, output, signals, watchdog};
use pool::{News, Pool};
use progress::Progress;
use record::{Record, Verdict};
use report::{Histograms, counted};
use shard::{Seeds, Shard, ShardArgument};
use store::{Group, Identity, Store, Totals};

/// `rehearsal sweep`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RunSweep {
    #[command(subcommand)]
    merge: Option<Merge>,
    /// The scenario's file
    #[arg(required = true)]
    scenario: Option<PathBuf>,
    /// The seeds, from the first to the one before the last; with `--for` alone there is no last
    /// one [default: 0..1000]
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
    /// Run each seed a second time on a fresh thread, and fail if that is another run
    #[arg(long)]
    twice: bool,
    /// Run only one of N equal parts of the seeds; `auto` takes it from the scheduler's environment
    #[arg(long, value_name = "I/N|auto")]
    shard: Option<ShardArgument>,
    #[command(flatten)]
    jobs: Jobs,
    /// Keep the results in this file [default: beside the scenario, as `NAME.sweep.db`]
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

/// Seeds beyond this have no place in a database.
const LAST: u64 = i64::MAX as u64;

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let help =
        || format!("`{text}` is no range of seeds: write `0..1000`, where 1000 is not part of it");
    let (first, end) = text.split_once("..").ok_or_else(help)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| help());
    let (first, end) = (number(first)?, number(end)?);
    if first >= end {
        return Err(format!(
            "there is no seed in `{text}`: the second number must be the larger one"
        ));
    }
    if end > LAST {
        return Err(format!("the seeds of a sweep are below {LAST}"));
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
        output::check(&[("--junit", self.junit.as_deref())], &text.with_files_of(&case))?;
        let seeds = self.seeds()?;
        let sweep = self.sweep(&case, limit)?;
        let database =
            self.database.clone().unwrap_or_else(|| text.path.with_extension("sweep.db"));
        let identity = self.identity(&case)?;
        let store = Store::open(&database, &identity)?;
        let earlier = store.runs_elsewhere(&identity)?;
        if earlier > 0 {
            console.complain(&format!(
                "{} of an earlier version of the scenario or the program stay in {}, and do not count",
                counted(earlier, "run"),
                database.display()
            ));
        }
        let mut hunt = Hunt { store, seeds, sweep, jsonl: self.jsonl, is_reached: false };
        let is_interrupted = self.run_seeds(&mut hunt, limit, console)?;
        if hunt.is_reached {
            mutants::check_reached(self.mutant.name(), true)?;
        }
        self.report(&hunt, &text.path, is_interrupted, console)
    }
}

/// A sweep under way.
struct Hunt {
    store: Store,
    seeds: Seeds,
    sweep: Sweep,
    jsonl: bool,
    /// Did any code ask for the planted bug?
    is_reached: bool,
}

/// Seeds that wait for a thread, at most.
const QUEUED: usize = 4_096;
/// The database is asked for so many seeds at a time.
const CHUNK: u64 = 1_024;
/// What has ended is written so often. A process that is killed loses no more.
const EVERY: Duration = Duration::from_millis(20);

impl RunSweep {
    fn seeds(&self) -> Result<Seeds, CliError> {
        let default = if self.time.is_some() { 0..LAST } else { 0..ENOUGH_RUNS };
        let shard = match self.shard {
            None => Shard::WHOLE,
            Some(ShardArgument::Given(shard)) => shard,
            Some(ShardArgument::Auto) => shard::of_environment(&environment)
                .map_err(|why| CliError::usage(format!("--shard auto: {why}")))?,
        };
        Ok(Seeds { range: self.seeds.clone().unwrap_or(default), shard })
    }

    fn sweep(&self, case: &Case, limit: Duration) -> Result<Sweep, CliError> {
        let sweep = Sweep::of(case).mutant(self.mutant.name()).twice(self.twice);
        if !self.swarm {
            return Ok(sweep);
        }
        let run = |case: &Case, options: Options| run_watched(case, options, limit);
        let name = &case.synopsis().name;
        sweep.swarming(&run).map_err(|why| CliError::bad_input(format!("{name}: {why}")))
    }

    /// Whatever decides the runs.
    fn identity(&self, case: &Case) -> Result<Identity, CliError> {
        let mut scenario = blake3::Hasher::new();
        for (name, text) in case.texts() {
            for part in [name, text] {
                scenario.update(&(part.len() as u64).to_le_bytes());
                scenario.update(part.as_bytes());
            }
        }
        let mut program = blake3::Hasher::new();
        let file = std::env::current_exe().and_then(std::fs::File::open);
        let read = file.and_then(|mut file| std::io::copy(&mut file, &mut program));
        read.map_err(|error| {
            CliError::usage(format!("cannot read this program's own file: {error}"))
        })?;
        let flags = [(self.swarm, "--swarm"), (self.twice, "--twice")];
        let flags = flags.into_iter().filter(|(is_given, _)| *is_given);
        let mut options: Vec<_> = flags.map(|(_, flag)| flag.to_owned()).collect();
        options.extend(self.mutant.name().map(|name| format!("--mutant {name}")));
        let name = Path::new(&case.synopsis().name).file_name().unwrap_or_default();
        Ok(Identity {
            scenario: name.to_string_lossy().into_owned(),
            scenario_digest: scenario.finalize().to_hex().to_string(),
            program_digest: program.finalize().to_hex().to_string(),
            options: options.join(" "),
        })
    }

    /// Runs what is not done yet. Tells whether it was interrupted.
    fn run_seeds(
        &self,
        hunt: &mut Hunt,
        limit: Duration,
        console: &mut Console<'_>,
    ) -> Result<bool, CliError> {
        let begun = Instant::now();
        let before = hunt.store.totals(&hunt.seeds, "")?;
        let mut failures = before.runs - before.held;
        let is_endless = self.seeds.is_none() && self.time.is_some();
        let whole = (!is_endless).then(|| hunt.seeds.count());
        if before.runs > 0 && whole != Some(before.runs) {
            let done = counted(before.runs, "run");
            console.complain(&format!("{done} are done already: going on"));
        }
        let mut progress = Progress::new(whole, before.runs, failures);
        let interrupted = signals::flag()?;
        let mut pool = Pool::start(hunt.sweep.clone(), self.jobs.count(), limit);
        let mut next = hunt.seeds.range.start;
        let (mut missing, mut batch) = (0_u64, Vec::new());
        let mut written = Instant::now();
        let is_enough = |failures| self.until_failures.is_some_and(|enough| failures >= enough);
        let mut is_over = is_enough(failures);
        loop {
            while !is_over && pool.waiting() < QUEUED && next < hunt.seeds.range.end {
                let part = next..next.saturating_add(CHUNK).min(hunt.seeds.range.end);
                let done = hunt.store.done(&part)?;
                let mine = hunt.seeds.within(part.clone());
                let todo: Vec<_> = mine.filter(|seed| done.binary_search(seed).is_err()).collect();
                missing += todo.len() as u64;
                pool.add(todo);
                next = part.end;
            }
            if missing == 0 {
                break;
            }
            match pool.next(EVERY) {
                News::Record(record) => {
                    missing -= 1;
                    hunt.is_reached |= record.mutant_reached;
                    batch.push(*record);
                }
                News::Panic(seed, panic) => {
                    hunt.add(&batch, console)?;
                    progress.end();
                    console.complain(&format!("seed {seed}:"));
                    std::panic::resume_unwind(panic);
                }
                News::Nothing => {}
            }
            if written.elapsed() >= EVERY || missing == 0 {
                let failed = hunt.add(&batch, console)?;
                failures += failed;
                progress.add(batch.len() as u64, failed, console);
                batch.clear();
                written = Instant::now();
            }
            let is_interrupted = interrupted.load(Ordering::Relaxed);
            let is_late = self.time.is_some_and(|time| begun.elapsed() >= time.as_duration());
            if is_interrupted || is_late || is_enough(failures) {
                is_over = true;
                missing -= pool.clear();
            }
            // Runs that have begun are waited for, unless a person wants to go.
            if is_interrupted {
                while let News::Record(record) = pool.next(Duration::ZERO) {
                    batch.push(*record);
                }
                break;
            }
        }
        hunt.add(&batch, console)?;
        progress.end();
        Ok(interrupted.load(Ordering::Relaxed))
    }

    fn report(
        &self,
        hunt: &Hunt,
        scenario: &Path,
        is_interrupted: bool,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let synopsis = hunt.sweep.scenario().synopsis();
        let totals = hunt.store.totals(&hunt.seeds, synopsis.protocol)?;
        let mut text = report::heading(&totals);
        let mut reproductions = Vec::new();
        for group in &totals.groups {
            text += &report::failure(&group.fingerprint, group.runs);
            text += "\n";
            let again = self.reproduction(hunt, scenario, group, console);
            text += &format!(
                "      seed {} is nearest to the usual: {}\n      again: {again}\n",
                group.seed,
                counted(group.unusual, "decision")
            );
            reproductions.push(again);
        }
        for (seed, difference) in &totals.differing {
            text += &format!("DIFFERS  seed {seed}: two runs of it part\n");
            for line in difference.lines() {
                text += &format!("      {}\n", printable(line));
            }
        }
        if totals.differ > totals.differing.len() as u64 {
            text += &format!("      {} differ in all\n", counted(totals.differ, "seed"));
        }
        let never = never(&hunt.sweep, &totals);
        let shown: Vec<_> =
            never.iter().map(|(what, name, _)| (what.clone(), name.clone())).collect();
        text += &report::never(&shown, totals.runs);
        let mut histograms = Histograms::of(synopsis);
        if !histograms.is_empty() {
            hunt.store.each_took(&hunt.seeds, |took| histograms.add(took))?;
            text += &histograms.text();
        }
        let is_vacuous = totals.runs >= self.enough && never.iter().any(|(.., counts)| *counts);
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
            let text = junit::text(&synopsis.name, &totals, &reproductions);
            // The verdict counts, even if there is no room for the file.
            if let Err(error) = output::write(file, &text) {
                console.complain(&error.message);
            }
        }
        if totals.runs == 0 && !is_interrupted {
            return Err(CliError::usage("no run has ended: give it more time, or more seeds"));
        }
        Ok(if totals.differ > 0 {
            Exit::Nondeterministic
        } else if totals.held < totals.runs || is_vacuous {
            Exit::Violated
        } else if is_interrupted {
            Exit::Interrupted
        } else {
            Exit::Held
        })
    }

    /// Writes the plan of the group's first run, and gives the command that runs it again.
    fn reproduction(
        &self,
        hunt: &Hunt,
        scenario: &Path,
        group: &Group,
        console: &mut Console<'_>,
    ) -> String {
        let seed = Seed(group.seed);
        let plan = hunt.sweep.plan(seed, Some(group.fingerprint.clone()));
        let file = failure_file(scenario, seed, self.mutant.name());
        let limit = self.step_limit.map_or(String::new(), |limit| format!(" --step-limit {limit}"));
        match write_new(&file, &plan.to_string()) {
            Ok(file) => format!("rehearsal replay {}{limit}", quoted(&file.display().to_string())),
            // The result counts, even if there is no room for its plan.
            Err(error) => {
                let shown = file.display().to_string();
                console.complain(&CliError::unwritable(&shown, &error).message);
                let mutant =
                    self.mutant.name().map_or(String::new(), |name| format!(" --mutant {name}"));
                let scenario = quoted(&scenario.display().to_string());
                let swarm = if self.swarm { " --swarm" } else { "" };
                format!(
                    "rehearsal sweep {scenario} --seeds {seed}..{}{swarm}{mutant}{limit}",
                    seed.0 + 1
                )
            }
        }
    }
}

impl Hunt {
    /// Keeps these, and tells how many of them failed.
    fn add(&mut self, records: &[Record], console: &mut Console<'_>) -> Result<u64, CliError> {
        if records.is_empty() {
            return Ok(0);
        }
        self.store.add(records)?;
        if self.jsonl {
            let lines: String = records.iter().map(json_line).collect();
            console.print(&lines)?;
        }
        let failed = records.iter().filter(|record| record.verdict != Verdict::Held);
        Ok(failed.count() as u64)
    }
}

fn json_line(record: &Record) -> String {
    let digest = record.digest.map(|digest| blake3::Hash::from_bytes(digest).to_hex().to_string());
    let fingerprint = record.fingerprint.as_ref();
    let line = json!({
        "seed": record.seed,
        "verdict": record.verdict.name(),
        "check": fingerprint.map(|of| &of.check),
        "reason": fingerprint.map(|of| &of.reason),
        "event": fingerprint.map(|of| &of.event),
        "unusual": record.unusual,
        "events": record.events,
        "end_ns": record.end_ns,
        "digest": digest,
        "difference": record.difference,
    });
    format!("{line}\n")
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
