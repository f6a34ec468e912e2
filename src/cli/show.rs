//! How a run of a scenario or a plan is carried out and shown.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rehearsal_machine::{NodeId, printable};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::story::{self, View};
use rehearsal_sim::trace::lines::{self, Head};
use rehearsal_sim::{Case, Check, KEEP_EVENTS, Keep, Options, Outcome, Plan};

use super::view::ViewArguments;
use super::{CliError, Console, console, json, mutants, output, page, watchdog};

/// The arguments that say how a run is shown.
#[derive(Args)]
pub(super) struct Show {
    /// Print one JSON object instead of the story
    #[arg(long, conflicts_with_all = ["hide", "only"])]
    pub(super) json: bool,
    /// Write the trace to this file, as JSON lines, the plan first
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// Write the run to this file as a page for a browser: a lane for each node, messages as arrows
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    #[command(flatten)]
    view: ViewArguments,
    #[arg(long, value_name = "N", help = format!(
        "Keep the last so many events of a run in memory, for the story and the trace \
         [default: {KEEP_EVENTS}]"
    ))]
    keep_events: Option<u64>,
    /// Write the files that nodes keep to this folder, with a folder for each node that is up
    #[arg(long, value_name = "FOLDER")]
    pub(super) files: Option<PathBuf>,
    /// Log to standard error, in virtual time: `debug` logs causes, `trace` effects, too
    #[arg(long, value_name = "FILTER")]
    pub(super) log: Option<String>,
    #[arg(long, value_name = "DURATION", value_parser = above_zero, help = format!(
        "Fail a step that takes longer than this, in the computer's time; reading the file may \
         take six times as long [default: {STEP_LIMIT}]"
    ))]
    step_limit: Option<TimeSpan>,
}

/// A file is given the time of so many steps.
pub(super) const LOAD_STEPS: u32 = 6;

pub(super) const STEP_LIMIT: TimeSpan = TimeSpan::from_millis(10_000);

pub(super) fn above_zero(text: &str) -> Result<TimeSpan, String> {
    match text.parse::<TimeSpan>() {
        Ok(TimeSpan::ZERO) => Err("give a duration above zero, such as 10s".to_owned()),
        Ok(span) => Ok(span),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs a case as one of many: without a log, and nothing more is kept than its options say.
pub(super) fn run_watched(case: &Case, options: Options, step_limit: Duration) -> Outcome {
    let outcome = watchdog::run(case, options, step_limit, None);
    outcome.unwrap_or_else(|_| unreachable!("only a filter of a log is refused"))
}

impl Show {
    /// Runs a plan's case: with a log, if one was asked for.
    pub(super) fn play(&self, plan: &Plan, options: Options) -> Result<Outcome, CliError> {
        mutants::check_build(options.mutant.as_deref())?;
        self.view.check(plan.case.synopsis().nodes)?;
        let options =
            options.keep(self.keep()).keep_events(self.keep_events.unwrap_or(KEEP_EVENTS));
        let limit = self.step_limit().as_duration();
        watchdog::run(&plan.case, options, limit, self.log.clone())
    }

    /// A story, a trace and the nodes' files need what happened; a summary does not.
    fn keep(&self) -> Keep {
        let is_summary = self.json && self.log.is_none() && self.files.is_none();
        match &self.trace {
            Some(_) => Keep::Values,
            None if self.html.is_some() => Keep::Trace,
            None if is_summary => Keep::Digest,
            None => Keep::Trace,
        }
    }

    /// The view of a story that belongs to no plan.
    pub(super) fn view(&self) -> View {
        self.view.view()
    }

    /// Prints the story or the summary, and then how to see the rest of the story, if the
    /// words of this command and `--whole` show more.
    pub(super) fn print(
        &self,
        plan: &Plan,
        outcome: &Outcome,
        command: &str,
        console: &mut Console<'_>,
    ) -> Result<(), CliError> {
        let synopsis = plan.case.synopsis();
        if self.json {
            console.line(&json::summary(synopsis, plan.seed, outcome))?;
        } else {
            let view = self.view.of_plan(plan);
            let story = story::of_outcome(synopsis, plan.seed, outcome, &view);
            console.print(&story.text)?;
            let events = outcome.events.as_ref();
            for remark in events.map(|events| self.view.missing(events)).unwrap_or_default() {
                self.remark(console, &remark)?;
            }
            if story.is_excerpt {
                let whole = format!("whole: {} {command} --whole", console.program);
                self.remark(console, &whole)?;
            }
        }
        if outcome.failure.as_ref().is_some_and(|failure| failure.check == Check::Hangs) {
            self.remark(console, "a step that may take longer needs a longer `--step-limit`")?;
        }
        Ok(())
    }

    /// Writes the files that were asked for, and complains where that is not possible.
    pub(super) fn write(
        &self,
        plan: &Plan,
        outcome: &Outcome,
        command: &str,
        inputs: &[PathBuf],
        console: &mut Console<'_>,
    ) {
        let page = self
            .html
            .as_ref()
            .map_or(Ok(()), |file| self.write_page(file, plan, outcome, command, console));
        // The verdict counts, even if there is no room for the files.
        for written in [self.write_files(outcome, inputs), self.write_trace(plan, outcome), page] {
            if let Err(error) = written {
                console.complain(&error.message);
            }
        }
    }

    /// Writes the page of a run, and says what is left out of it.
    pub(super) fn write_page(
        &self,
        file: &Path,
        plan: &Plan,
        outcome: &Outcome,
        command: &str,
        console: &mut Console<'_>,
    ) -> Result<(), CliError> {
        let again = format!("{} {command}", console.program);
        let limit = self.step_limit().as_duration();
        for cut in page::write(file, plan, outcome, (again, Vec::new()), limit)? {
            console.complain(&format!("warning: {cut}"));
        }
        Ok(())
    }

    fn write_files(&self, outcome: &Outcome, inputs: &[PathBuf]) -> Result<(), CliError> {
        let Some(folder) = &self.files else { return Ok(()) };
        for (place, files) in outcome.files.iter().enumerate() {
            let node = NodeId::from_index(place).to_string();
            for (name, text) in files {
                output::check_name(name)?;
                let file = folder.join(&node).join(name);
                if inputs.iter().any(|input| output::is_same_place(input, &file)) {
                    return Err(CliError::usage(format!(
                        "--files {}: this command reads {} (write to another folder)",
                        folder.display(),
                        file.display()
                    )));
                }
                output::write_below(&file, text)?;
            }
        }
        Ok(())
    }

    fn write_trace(&self, plan: &Plan, outcome: &Outcome) -> Result<(), CliError> {
        match (&self.trace, &outcome.events) {
            (Some(file), Some(events)) => {
                let head = Head::of_run(plan.seed, plan.to_string(), events.dropped());
                let verdict = json::verdict(plan.case.synopsis(), plan.seed, outcome);
                output::write_with(file, |out| {
                    lines::write(out, &head, events.iter(), Some(verdict))
                })
            }
            (Some(file), None) => Err(CliError::usage(format!(
                "no trace in {}: nothing is kept of a run that hangs",
                file.display()
            ))),
            (None, _) => Ok(()),
        }
    }

    /// How long it may take to read a file and to build all its nodes.
    pub(super) fn load_limit(&self) -> Duration {
        self.step_limit().as_duration().saturating_mul(LOAD_STEPS)
    }

    pub(super) fn step_limit(&self) -> TimeSpan {
        self.step_limit.unwrap_or(STEP_LIMIT)
    }

    /// The options that say nothing of recordings, and whether they are given. Recordings that are
    /// told as a story have views, and a scenario that they are compared with is read.
    pub(super) fn for_plans(
        &self,
        has_story: bool,
        has_scenario: bool,
    ) -> Vec<(bool, &'static str)> {
        let mut options = vec![
            (self.json, "--json"),
            (self.files.is_some(), "--files"),
            (self.html.is_some(), "--html"),
            (self.log.is_some(), "--log"),
            (self.keep_events.is_some(), "--keep-events"),
            (self.step_limit.is_some() && !has_scenario, "--step-limit"),
        ];
        if !has_story {
            options.extend(self.view.given());
        }
        options
    }

    /// The options that decide a verdict, for the line that repeats a run.
    pub(super) fn again(&self) -> String {
        self.step_limit.map_or(String::new(), |limit| format!(" --step-limit {limit}"))
    }

    /// The places that it writes to, with their options.
    pub(super) fn outputs(&self) -> [(&'static str, Option<&Path>); 3] {
        [
            ("--trace", self.trace.as_deref()),
            ("--files", self.files.as_deref()),
            ("--html", self.html.as_deref()),
        ]
    }

    /// Prints a line that belongs neither to the story nor to the summary.
    pub(super) fn remark(&self, console: &mut Console<'_>, text: &str) -> Result<(), CliError> {
        let out = if self.json { &mut *console.err } else { &mut *console.out };
        console::line(out, &printable(text))
    }
}
