use std::path::{Path, PathBuf};

use clap::Args;
use indexmap::IndexMap;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan::{Rest, failure_file};
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::shrink::{NotShrinkable, Progress, Shrinker, Shrunk};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::{Case, Options, Plan};

use super::jobs::Jobs;
use super::mutants::{self, Mutant};
use super::progress_line::ProgressLine;
use super::run::{quoted, write_beside};
use super::show::{Show, run_watched};
use super::words::counted;
use super::{Cli, CliError, Command, Console, Exit, output};

/// `rehearsal shrink`.
#[derive(Args)]
pub(super) struct Shrink {
    /// The plan of a failing run, or a scenario that fails with `--seed`
    input: PathBuf,
    /// For a scenario: the seed of the failing run [default: 0]
    #[arg(long)]
    seed: Option<u64>,
    /// Accept a smaller plan only if this scenario, such as the repaired configuration, holds under
    /// the same faults and decisions; it runs without a planted bug
    #[arg(long, value_name = "SCENARIO")]
    must_hold: Option<PathBuf>,
    #[command(flatten)]
    jobs: Jobs,
    /// Stop after this time, with the smallest plan so far
    #[arg(long, value_name = "DURATION")]
    budget: Option<TimeSpan>,
    /// Write the smallest plan to this file [default: beside the plan of the failure, as `..-small.ron`]
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    show: Show,
    // For a scenario; a plan names its own.
    #[command(flatten)]
    mutant: Mutant,
}

impl Command for Shrink {
    const NAME: &'static str = "shrink";
    const ABOUT: &'static str = "Find the smallest plan that fails in the same way, and the one change \
                                 under which it passes";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let (plan, place, mut inputs) = self.failing(cli)?;
        let other = match &self.must_hold {
            Some(file) => {
                let text = cli.read_as(FileKind::Scenario, file)?;
                let case = cli.case(text.clone(), self.show.load_limit())?;
                inputs.extend(text.with_files_of(&case));
                Some(case)
            }
            None => None,
        };
        let [trace, files, page] = self.show.outputs();
        output::check(&[trace, files, page, ("--plan", self.plan.as_deref())], &inputs)?;
        mutants::check_build(plan.mutant.as_deref())?;
        let shrunk = self.shrink(&plan, other.as_ref(), console)?;
        let outcome = self.show.play(&shrunk.plan, Options::plan(&shrunk.plan))?;
        let (mut remarks, small) = self.tell(&shrunk, &place, console);
        let command = match &small {
            Some(small) => {
                let small = quoted(&small.display().to_string());
                format!("replay {small}{}", self.show.again())
            }
            // Its plan could not be written: only the whole search finds it again.
            None => format!("shrink {}", quoted(&self.input.display().to_string())),
        };
        let printed = self.show.print(&shrunk.plan, &outcome, &command, console);
        self.show.write(&shrunk.plan, &outcome, &command, &inputs, console);
        // Looking beats reading: a shrunk failure has its page, wherever its plan is.
        let page = small.as_ref().map(|small| small.with_extension("html"));
        let is_free = |page: &PathBuf| !inputs.contains(page) && small.as_ref() != Some(page);
        let page = page.filter(|page| self.show.html.is_none() && is_free(page));
        if let Some(page) = page {
            match self.show.write_page(&page, &shrunk.plan, &outcome, &command, console) {
                Ok(()) => remarks.push(format!("page: {}", page.display())),
                Err(error) => console.complain(&error.message),
            }
        }
        let again = small.map(|_| format!("again: {} {command}", console.program));
        let remarks: Vec<_> = remarks.into_iter().chain(again).collect();
        let printed = remarks
            .iter()
            .fold(printed, |printed, remark| printed.and(self.show.remark(console, remark)));
        console.complain_of(printed);
        Ok(Exit::Held)
    }
}

impl Shrink {
    /// The plan of the failing run, the place that a plan of it has, and the files that were read.
    fn failing(&self, cli: &Cli) -> Result<(Plan, PathBuf, Vec<PathBuf>), CliError> {
        let text = cli.read(&self.input)?;
        let limit = self.show.load_limit();
        if text.kind() != FileKind::Plan {
            text.expect_kind(FileKind::Scenario)?;
            let case = cli.case(text.clone(), limit)?;
            let inputs = text.with_files_of(&case);
            let seed = Seed(self.seed.unwrap_or(0));
            let mutant = self.mutant.name().map(str::to_owned);
            let place = failure_file(&text.path, seed, mutant.as_deref());
            let decisions = IndexMap::new();
            let plan = Plan { case, seed, rest: Rest::Seed, decisions, mutant, fails: None };
            return Ok((plan, place, inputs));
        }
        let for_scenarios =
            [(self.seed.is_some(), "--seed"), (self.mutant.name().is_some(), "--mutant")];
        if let Some((_, option)) = for_scenarios.iter().find(|(is_given, _)| *is_given) {
            let message =
                format!("{option} is for a scenario, and a plan says it itself: leave it out");
            return Err(CliError::usage(message));
        }
        let (path, inputs) = (text.path.clone(), vec![text.path.clone()]);
        Ok((cli.plan(text, limit)?, path, inputs))
    }

    fn shrink(
        &self,
        plan: &Plan,
        must_hold: Option<&Case>,
        console: &mut Console<'_>,
    ) -> Result<Shrunk, CliError> {
        let limit = self.show.step_limit().as_duration();
        let run = |case: &Case, options: Options| run_watched(case, options, limit);
        let mut shrinker = Shrinker::new().run_by(&run).jobs(self.jobs.count());
        // What fails without its planted bug, too, is another failure.
        let own = plan.mutant.as_ref().map(|_| &plan.case);
        if let Some(case) = must_hold.or(own) {
            shrinker = shrinker.must_hold(case);
        }
        let mut line = ProgressLine::new(self.budget);
        let shrunk = shrinker.shrink(plan, &mut |Progress { tried, size, .. }| {
            line.show(console, || format!("plans tried: {tried}, the smallest: {size}"))
        });
        line.clear(console);
        shrunk.map_err(|why| match why {
            NotShrinkable::FailsAnyway { check, reason } if self.must_hold.is_none() => {
                CliError::bad_input(format!(
                    "{}: without its planted bug it fails, too ({check}: {reason}): leave out \
                     `mutant`, and shrink that failure",
                    self.input.display()
                ))
            }
            NotShrinkable::DoesNotFit(_) | NotShrinkable::FailsAnyway { .. } => {
                CliError::usage(format!("--must-hold: {why}"))
            }
            _ => CliError::bad_input(format!("{}: {why}", self.input.display())),
        })
    }

    /// Writes the plans, and gives what is to be said beside the story, and the place of the
    /// smallest one.
    fn tell(
        &self,
        shrunk: &Shrunk,
        place: &Path,
        console: &mut Console<'_>,
    ) -> (Vec<String>, Option<PathBuf>) {
        let Shrunk { before, after, tried, .. } = shrunk;
        let mut remarks = vec![
            format!("from  {before}"),
            format!("to    {after}, after {}", counted(*tried, "smaller plan")),
            if shrunk.is_minimal {
                "1-minimal: without any one of them it does not fail like this".to_owned()
            } else {
                "not 1-minimal: the budget was used up (give it a longer `--budget`)".to_owned()
            },
        ];
        match &shrunk.twin {
            Some(twin) => remarks.extend([
                "With one change nothing fails:".to_owned(),
                format!("- {}", twin.without),
                format!("+ {}", twin.instead),
            ]),
            None => remarks.push("No single change makes it pass.".to_owned()),
        }
        let small = match &self.plan {
            Some(file) => output::write(file, &shrunk.plan.to_string()).map(|()| file.clone()),
            None => write_beside(place, "small", &shrunk.plan),
        };
        let twin = shrunk.twin.as_ref().map(|twin| match &self.plan {
            Some(file) => write_beside(file, "twin", &twin.plan),
            None => write_beside(place, "twin", &twin.plan),
        });
        let mut told = |name: &str, written: Result<PathBuf, CliError>| match written {
            Ok(file) => {
                remarks.push(format!("{name} {}", file.display()));
                Some(file)
            }
            // The result counts, even if there is no room for it.
            Err(error) => {
                console.complain(&error.message);
                None
            }
        };
        let small = told("plan:", small);
        twin.and_then(|twin| told("twin:", twin));
        (remarks, small)
    }
}
