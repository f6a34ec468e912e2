//! `rehearsal view`: a run as a page for a browser, or two side by side.

use std::path::{Path, PathBuf};

use clap::Args;
use indexmap::IndexMap;
use rehearsal_machine::Time;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::page::{About, Limits, Page, Run, Verdict, is_same_end};
use rehearsal_sim::plan::Rest;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::{TimeSpan, bytes_within};
use rehearsal_sim::trace::lines::{Subject, WholePart, read_whole_part};
use rehearsal_sim::{KEEP_EVENTS, Keep, Plan};

use super::file::FileText;
use super::mutants::Mutant;
use super::page;
use super::run::quoted;
use super::show::{LOAD_STEPS, STEP_LIMIT, above_zero};
use super::subject::{is_trace, most_bytes};
use super::{Cli, CliError, Command, Console, Exit, output};

/// `rehearsal view`.
#[derive(Args)]
pub(super) struct Viewer {
    /// A scenario, a plan, or a trace
    #[arg(value_name = "FILE")]
    input: PathBuf,
    /// Another one, to be shown beside it from the first difference on
    second: Option<PathBuf>,
    /// Where to write the page
    #[arg(short, long, value_name = "FILE.html")]
    output: PathBuf,
    /// For a scenario: the seed; for one scenario and two seeds, side by side: `3,7` [default: 0]
    #[arg(long, value_name = "N", value_delimiter = ',', num_args = 1)]
    seed: Vec<u64>,
    #[command(flatten)]
    mutant: Mutant,
    #[command(flatten)]
    bounds: PageBounds,
    /// Fail a step that takes longer than this, in the computer's time
    #[arg(long, value_name = "DURATION", value_parser = above_zero, default_value_t = STEP_LIMIT)]
    step_limit: TimeSpan,
}

/// The arguments that bound a page.
#[derive(Args)]
pub(super) struct PageBounds {
    #[arg(long, value_name = "N", help = format!(
        "States: those of the last so many steps before the end [default: {}]",
        Limits::default().states
    ))]
    states: Option<u64>,
    #[arg(long, value_name = "N", help = format!(
        "Events: the last so many of the run; 200,000 take 6 to 12 MB [default: {}]",
        Limits::default().events
    ))]
    events: Option<u64>,
}

impl PageBounds {
    fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            states: self.states.unwrap_or(default.states),
            events: self.events.unwrap_or(default.events),
        }
    }
}

impl Command for Viewer {
    const NAME: &'static str = "view";
    const ABOUT: &'static str = "Write a run as a page for a browser: a lane for each node, messages as arrows, the failure";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let limits = self.bounds.limits();
        let inputs: Vec<_> = std::iter::once(&self.input).chain(&self.second).cloned().collect();
        output::check(&[("--output", Some(&self.output))], &inputs)?;
        let (one, two) = match (self.second.as_deref(), self.seed.as_slice()) {
            (None, [first, second]) => (
                self.open(&self.input, Some(*first), cli, limits, console)?,
                Some(self.open(&self.input, Some(*second), cli, limits, console)?),
            ),
            (second, [] | [_]) => {
                let seed = self.seed.first().copied();
                let one = self.open(&self.input, seed, cli, limits, console)?;
                let two = second.map(|second| self.open(second, seed, cli, limits, console));
                (one, two.transpose()?)
            }
            (Some(_), _) => {
                return Err(CliError::usage(
                    "--seed: give one seed for two files, or one scenario with two seeds",
                ));
            }
            (None, _) => {
                return Err(CliError::usage("--seed: two runs at most: give `--seed N,M`"));
            }
        };
        let page = Page::new(&one, two.as_ref(), limits);
        output::write(&self.output, &page.html)?;
        for cut in &page.cuts {
            console.complain(&format!("warning: {cut}"));
        }
        console.line(&format!("page: {}", self.output.display()))?;
        Ok(Exit::Held)
    }
}

impl Viewer {
    /// The run that a file is about, whatever it is.
    fn open(
        &self,
        path: &Path,
        seed: Option<u64>,
        cli: &Cli,
        limits: Limits,
        console: &mut Console<'_>,
    ) -> Result<Run, CliError> {
        let bytes = bytes_within(path, most_bytes)?;
        if is_trace(&bytes) {
            let refused = |flaw| CliError::bad_input(format!("{}: {flaw}", path.display()));
            let trace = read_whole_part(bytes.as_slice(), KEEP_EVENTS).map_err(refused)?;
            self.refuse_for_scenarios(seed, path, "a trace")?;
            return Ok(self.of_trace(path, &trace, cli, limits));
        }
        let text = FileText::of_bytes(path, bytes, &cli.roster_formats)?;
        let limit = self.step_limit.as_duration().saturating_mul(LOAD_STEPS);
        let (plan, command) = if text.kind() == FileKind::Plan {
            self.refuse_for_scenarios(seed, path, "a plan")?;
            let plan = cli.plan(text.clone(), limit)?;
            (plan, format!("replay {}", quoted(&text.name)))
        } else {
            text.expect_kind(FileKind::Scenario)?;
            let case = cli.case(text.clone(), limit)?;
            let inputs = text.with_files_of(&case);
            output::check(&[("--output", Some(&self.output))], &inputs)?;
            let seed = Seed(seed.unwrap_or(0));
            let mutant = self.mutant.name().map(str::to_owned);
            let named = mutant.as_ref().map_or(String::new(), |name| format!(" --mutant {name}"));
            let command = format!("run {} --seed {seed}{named}", quoted(&text.name));
            let decisions = IndexMap::new();
            (Plan { case, seed, rest: Rest::Seed, decisions, mutant, fails: None }, command)
        };
        let options = page::options_of(&plan);
        let limit = self.step_limit.as_duration();
        let run = page::played(&text.name, &plan, self.mutant.name(), options, limits, limit)?;
        Ok(run.again(format!("{} {command}", console.program)))
    }

    fn refuse_for_scenarios(
        &self,
        seed: Option<u64>,
        path: &Path,
        what: &str,
    ) -> Result<(), CliError> {
        let given = [(seed.is_some(), "--seed"), (self.mutant.name().is_some(), "--mutant")];
        match given.iter().find(|(is_given, _)| *is_given) {
            Some((_, option)) => Err(CliError::usage(format!(
                "{option} is for scenarios, and {} is {what}: leave it out",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// The run of a trace: what its plan does now, if that is the same, so that states are known;
    /// or else the trace alone.
    fn of_trace(&self, path: &Path, trace: &WholePart, cli: &Cli, limits: Limits) -> Run {
        let name = path.display().to_string();
        let mut run = of_events(&name, trace, limits);
        if let Some(flaw) = &trace.flaw {
            run.remarks.push(format!("{flaw}; the page has what is before"));
        }
        let Subject::Run { seed, plan } = &trace.head.of else { return run };
        run.seed = Some(*seed);
        let limit = self.step_limit.as_duration();
        let plan = FileText::of_bytes(path, plan.clone().into_bytes(), &cli.roster_formats)
            .and_then(|text| cli.plan(text, limit.saturating_mul(LOAD_STEPS)));
        let Ok(plan) = plan else {
            let why = "this program cannot read its plan: the page has no states and no claim";
            run.remarks.push(why.to_owned());
            return run;
        };
        let synopsis = plan.case.synopsis();
        run.about = About::from(synopsis);
        run.nodes = run.nodes.max(synopsis.nodes);
        if trace.flaw.is_some() {
            return run;
        }
        let options = page::options_of(&plan).keep(Keep::Values);
        match page::played(&name, &plan, None, options, limits, limit) {
            Ok(again) if is_same_end(&again, &run) => return again,
            Ok(_) => run
                .remarks
                .push("its plan does something else now: the page has no states".to_owned()),
            Err(error) => run.remarks.push(format!(
                "the page has no states: {}",
                error.message.trim_start_matches("error: ")
            )),
        }
        run
    }
}

fn of_events(name: &str, trace: &WholePart, limits: Limits) -> Run {
    let mut run = Run::of_events(name, &trace.events, limits);
    run.dropped += trace.head.dropped;
    let end = run.events.last().map_or(Time::ZERO, |event| event.at);
    if let Some(verdict) = &trace.verdict {
        run.verdict = Verdict::of_trace(verdict, end);
    }
    run
}
