use std::path::{Path, PathBuf};

use clap::Args;
use rehearsal_sim::plan::Rest;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::{MOST_BYTES, bytes_within};
use rehearsal_sim::{Diagnostic, Options, Outcome, Plan};
use rehearsal_tcp::recording::Recording;

use super::file::FileText;
use super::mutants::Mutant;
use super::run::quoted;
use super::show::Show;
use super::{Cli, CliError, Command, Console, Exit, output};

/// `rehearsal replay`.
#[derive(Args)]
pub(super) struct Replay {
    /// A plan, or recordings of nodes of one cluster, in any order
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) show: Show,
    /// For a plan: write it to this file with every decision that was not the usual one, to be edited
    /// or to be replayed after the code has changed
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// For recordings: tell what happened to all nodes as one story
    #[arg(long)]
    pub(super) story: bool,
    /// For recordings: check what this scenario expects `Always`, `Eventually` and `Reaches`
    #[arg(long, value_name = "SCENARIO")]
    expect: Option<PathBuf>,
    // For recordings; a plan names its own.
    #[command(flatten)]
    pub(super) mutant: Mutant,
    /// Exit with 125 instead of 2, 3 and 70, so that `git bisect run` skips the commit
    // Read in `Cli::run`, which also sees arguments that cannot be parsed.
    #[arg(long)]
    bisect: bool,
}

impl Command for Replay {
    const NAME: &'static str = "replay";
    const ABOUT: &'static str = "Run a plan again: exit code 0 if it passes now, 1 if it fails as \
                                 before, 125 if it no longer applies; or replay recordings of real \
                                 nodes";

    /// Recordings are recognised by their first bytes; every other file has to be a plan.
    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let mut recordings = Vec::new();
        for file in &self.inputs {
            match bytes_within(file, most_bytes) {
                Ok(bytes) if Recording::is_recording(&bytes) => {
                    recordings.push((file.as_path(), bytes));
                }
                plan if self.inputs.len() == 1 => return self.plan(file, plan, cli, console),
                Err(unreadable) => return Err(unreadable.into()),
                Ok(_) => {
                    let name = file.display();
                    return Err(CliError::usage(format!(
                        "{name} is no recording: give one plan, or recordings alone"
                    )));
                }
            }
        }
        self.recordings(recordings.into_iter(), cli, console)
    }
}

impl Replay {
    fn plan(
        &self,
        file: &Path,
        bytes: Result<Vec<u8>, Diagnostic>,
        cli: &Cli,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let for_recordings = [
            (self.story, "--story"),
            (self.expect.is_some(), "--expect"),
            (self.mutant.name().is_some(), "--mutant"),
        ];
        refuse(&for_recordings, "recordings, and this is none: leave it out")?;
        let text = FileText::of_bytes(file, bytes?, &cli.roster_formats)?;
        text.expect_kind(FileKind::Plan)?;
        let plan = cli.plan(text.clone(), self.show.load_limit())?;
        let inputs = std::slice::from_ref(&text.path);
        let [trace, files, page] = self.show.outputs();
        output::check(&[trace, files, page, ("--plan", self.plan.as_deref())], inputs)?;
        let mut options = Options::plan(&plan);
        if self.plan.is_some() {
            options.decisions = options.decisions.taking_notes();
        }
        let outcome = self.show.play(&plan, options)?;
        let command = format!("replay {}{}", quoted(&text.name), self.show.again());
        let printed = self.show.print(&plan, &outcome, &command, console);
        self.show.write(&plan, &outcome, &command, inputs, console);
        let (exit, mut remarks) = judged(&plan, &outcome);
        match self.write_out(&plan, &outcome) {
            Ok(written) => remarks.extend(written),
            // The verdict counts, even if there is no room for the plan.
            Err(error) => console.complain(&error.message),
        }
        if exit == Exit::Violated {
            remarks.push(format!("again: {} {command}", console.program));
        }
        let printed = remarks
            .iter()
            .fold(printed, |printed, remark| printed.and(self.show.remark(console, remark)));
        console.complain_of(printed);
        Ok(exit)
    }

    /// Writes the plan with every decision of its run, and gives what is to be said of it.
    fn write_out(&self, plan: &Plan, outcome: &Outcome) -> Result<Option<String>, CliError> {
        let Some(file) = &self.plan else { return Ok(None) };
        let Some(decisions) = outcome.decisions.clone() else {
            return Err(CliError::usage(format!(
                "no plan in {}: nothing is noted of a run that hangs",
                file.display()
            )));
        };
        let fails = outcome.fingerprint(plan.case.synopsis());
        let plan = Plan { rest: Rest::Usual, decisions, fails, ..plan.clone() };
        output::write(file, &plan.to_string())?;
        Ok(Some(format!("plan: {}", file.display())))
    }

    fn recordings<'a>(
        &self,
        files: impl Iterator<Item = (&'a Path, Vec<u8>)>,
        cli: &Cli,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let for_plans = self.show.for_plans(self.story, self.expect.is_some());
        let for_plans: Vec<_> =
            for_plans.into_iter().chain([(self.plan.is_some(), "--plan")]).collect();
        refuse(&for_plans, "plans, and this is a recording: leave it out")?;
        let mut recordings = Vec::new();
        for (file, bytes) in files {
            let name = file.display().to_string();
            let recording = Recording::from_bytes(&bytes)
                .map_err(|flaw| CliError::bad_input(format!("{name}: {flaw}")))?;
            recordings.push((name, recording));
        }
        let lives = recordings.iter().flat_map(|(name, recording)| {
            recording.lives.iter().map(move |life| (name, &life.header))
        });
        let Some((name, header)) = lives.into_iter().next() else {
            return Err(CliError::bad_input(
                "nothing is recorded: the nodes were killed before they started; use others",
            ));
        };
        let wanted = header.protocol.clone();
        let Some(protocol) = cli.protocol_named(&wanted) else {
            return Err(CliError::bad_input(format!(
                "{name}: a recording of the protocol `{wanted}`, which this program does not know, \
                 but {}: use the one that recorded it, version {}",
                cli.protocol_names().join(", "),
                header.build
            )));
        };
        let mut inputs = self.inputs.clone();
        let expect = match &self.expect {
            Some(file) => {
                let text = cli.read_as(FileKind::Scenario, file)?;
                let found = cli.protocol_of(&text)?.name();
                if found != wanted {
                    return Err(CliError::usage(format!(
                        "{} is about `{found}`, and the recordings are of `{wanted}`: use a \
                         scenario of the same protocol",
                        text.name
                    )));
                }
                let case = cli.case(text.clone(), self.show.load_limit())?;
                inputs.extend(text.with_files_of(&case));
                Some(text)
            }
            None => None,
        };
        output::check(&self.show.outputs(), &inputs)?;
        protocol.replay_recorded(recordings, expect.as_ref(), self, console)
    }
}

/// How the run of a plan ends, and what else is to be said of it.
pub(super) fn judged(plan: &Plan, outcome: &Outcome) -> (Exit, Vec<String>) {
    let unmet = |key| format!("unmet {key}: nothing in this run has that name");
    let mut remarks: Vec<_> = outcome.unmet.iter().map(unmet).collect();
    let (exit, remark) = judge(plan, outcome);
    remarks.extend(remark);
    match &plan.mutant {
        Some(name) if !outcome.mutant_reached => {
            remarks.push(format!("no code asks for the planted bug `{name}` in this run"));
            // The twin of a failure may well pass because it does not reach the bug.
            let has_failed = plan.fails.is_some();
            (if has_failed { Exit::NoLongerApplies } else { exit }, remarks)
        }
        _ => (exit, remarks),
    }
}

fn judge(plan: &Plan, outcome: &Outcome) -> (Exit, Option<String>) {
    let Some(failure) = outcome.fingerprint(plan.case.synopsis()) else {
        let decisions = plan.decisions.len();
        if decisions > 0 && outcome.unmet.len() == decisions {
            let remark = "the plan no longer applies: none of its decisions came up";
            return (Exit::NoLongerApplies, Some(remark.to_owned()));
        }
        return (Exit::Held, None);
    };
    match plan.fails.as_ref().filter(|before| **before != failure) {
        None => (Exit::Violated, None),
        Some(before) => {
            let (check, reason, event) = (&before.check, &before.reason, &before.event);
            let remark =
                format!("another failure than before, which was {check}: {reason} ({event})");
            (Exit::NoLongerApplies, Some(remark))
        }
    }
}

/// A recording is evidence and may have any length; a plan may not.
fn most_bytes(first: &[u8]) -> u64 {
    if Recording::is_recording(first) { u64::MAX } else { MOST_BYTES }
}

fn refuse(options: &[(bool, &str)], why: &str) -> Result<(), CliError> {
    match options.iter().find(|(is_given, _)| *is_given) {
        Some((_, option)) => Err(CliError::usage(format!("{option} is for {why}"))),
        None => Ok(()),
    }
}
