//! `rehearsal cause`: when a failure was decided, and by what.

mod chart;
mod told;

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rehearsal_sim::cause::{CUTS, Findings, Future, Inquiry, NoCause, Progress, SEEDS};
use rehearsal_sim::chance::Seed;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::story::{self, View};
use rehearsal_sim::{Case, Options, Plan};

use super::jobs::Jobs;
use super::progress_line::ProgressLine;
use super::run::quoted;
use super::show::{LOAD_STEPS, STEP_LIMIT, above_zero, run_watched};
use super::words::{counted, grouped};
use super::{Cli, CliError, Command, Console, Exit, json, mutants, output, page};

/// `rehearsal cause`.
#[derive(Args)]
pub(super) struct RunCause {
    /// The plan of a failing run; a small one, as `shrink` writes it, is answered best
    plan: PathBuf,
    #[arg(long, value_name = "K", value_parser = seeds, help = format!(
        "Draw what comes after an instant anew with so many seeds, at most {MOST_SEEDS} \
         [default: {SEEDS}]"
    ))]
    seeds: Option<NonZeroU32>,
    /// The first of these seeds
    #[arg(long, value_name = "N", default_value_t = 0)]
    first_seed: u64,
    #[arg(long, value_name = "N", value_parser = cuts, help = format!(
        "Try so many instants, at most {MOST_CUTS} [default: {CUTS}]"
    ))]
    cuts: Option<NonZeroU32>,
    /// What draws it anew [default: the swarm, if the plan has what only a swarm draws]
    #[arg(long, value_enum)]
    future: Option<FutureName>,
    #[command(flatten)]
    jobs: Jobs,
    /// Stop after this time, with what is known so far
    #[arg(long, value_name = "DURATION")]
    budget: Option<TimeSpan>,
    /// Print one JSON object instead of the chart, the table and the story
    #[arg(long)]
    json: bool,
    /// Write the run to this file as a page for a browser, P(failure) beside its lanes
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Fail a step that takes longer than this, in the computer's time
    #[arg(long, value_name = "DURATION", value_parser = above_zero, default_value_t = STEP_LIMIT)]
    step_limit: TimeSpan,
}

/// What `--future` says.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FutureName {
    /// The scenario's own network and random faults
    Scenario,
    /// These, and what `sweep --swarm` draws for the same seed
    Swarm,
}

/// Each seed has a case of its own in memory.
const MOST_SEEDS: u32 = 10_000;

/// A run has hardly more instants at which anything is decided.
const MOST_CUTS: u32 = 1_000_000;

fn seeds(text: &str) -> Result<NonZeroU32, String> {
    at_most(text, MOST_SEEDS)
}

fn cuts(text: &str) -> Result<NonZeroU32, String> {
    at_most(text, MOST_CUTS)
}

fn at_most(text: &str, most: u32) -> Result<NonZeroU32, String> {
    match text.parse::<NonZeroU32>() {
        Ok(number) if number.get() <= most => Ok(number),
        _ => Err(format!("give a number from 1 to {most}")),
    }
}

impl Command for RunCause {
    const NAME: &'static str = "cause";
    const ABOUT: &'static str = "Tell when a failure was decided, by drawing everything after an \
                                 instant anew, and by what";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let file = cli.read_as(FileKind::Plan, &self.plan)?;
        output::check(&[("--html", self.html.as_deref())], std::slice::from_ref(&file.path))?;
        let limit = self.step_limit.as_duration().saturating_mul(LOAD_STEPS);
        let plan = cli.plan(file, limit)?;
        mutants::check_build(plan.mutant.as_deref())?;
        let found = self.find(&plan, console)?;
        if self.json {
            console
                .line(&json::value(&told::summary(&plan, self.first_seed, &found)).to_string())?;
        } else {
            console.print(&text(&plan, &found))?;
        }
        if let Some(file) = &self.html {
            let again =
                format!("{} replay {}", console.program, quoted(&self.plan.display().to_string()));
            let limit = self.step_limit.as_duration();
            let curve = chart::curve(&found);
            for cut in page::write(file, &plan, &found.outcome, (again, curve), limit)? {
                console.complain(&format!("warning: {cut}"));
            }
            if !self.json {
                console.line(&format!("page: {}", file.display()))?;
            }
        }
        Ok(Exit::Held)
    }
}

impl RunCause {
    fn find(&self, plan: &Plan, console: &mut Console<'_>) -> Result<Findings, CliError> {
        let limit = self.step_limit.as_duration();
        let run = |case: &Case, options: Options| run_watched(case, options, limit);
        let future = match self.future {
            None => Future::AsPlanned,
            Some(FutureName::Scenario) => Future::Scenario,
            Some(FutureName::Swarm) => Future::Swarm,
        };
        let inquiry = Inquiry::new()
            .run_by(&run)
            .jobs(self.jobs.count())
            .seeds(self.seeds.unwrap_or(SEEDS), Seed(self.first_seed))
            .cuts(self.cuts.unwrap_or(CUTS))
            .future(future);
        let mut line = ProgressLine::new(self.budget);
        let found = inquiry.find(plan, &mut |Progress { runs, cuts, .. }| {
            line.show(console, || format!("{} runs, {cuts} instants", grouped(*runs)))
        });
        line.clear(console);
        found.map_err(|why| match why {
            NoCause::NoSwarm(_) => CliError::usage(format!("--future swarm: {why}")),
            _ => CliError::bad_input(format!("{}: {why}", self.plan.display())),
        })
    }
}

/// The chart, the table and the story.
fn text(plan: &Plan, found: &Findings) -> String {
    let causes = told::Causes::of(plan, found);
    let mut text = format!(
        "P(failure) with all after an instant drawn anew, {}{}\n",
        counted(u64::from(found.seeds), "seed"),
        if found.is_of_swarm { " of the swarm" } else { "" }
    );
    text += &chart::drawn(found, &causes.marks());
    text.push('\n');
    text += &causes.table(found);
    let runs = counted(found.runs, "run");
    text += &if found.is_complete {
        format!("{runs}, {}\n", counted(found.choices as u64, "choice"))
    } else {
        format!("{runs}, and then the budget was used up (give it a longer `--budget`)\n")
    };
    let mut view = View::default();
    view.decisive = causes.decisive();
    text.push('\n');
    text + &story::of_outcome(plan.case.synopsis(), plan.seed, &found.outcome, &view).text
}
