use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indexmap::IndexMap;
use rehearsal_machine::is_hidden;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::{Options, Plan};

use super::file::FileText;
use super::mutants::{self, Mutant};
use super::replay::judged;
use super::show::Show;
use super::{Cli, CliError, Command, Console, Exit, output};

/// `rehearsal run`.
#[derive(Args)]
pub(super) struct Run {
    /// The scenario's file; or a plan, such as one that has failed once and must hold now
    scenario: PathBuf,
    /// The number that decides everything random [default: 0]
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    show: Show,
    /// Write the run's plan to this file, whatever the verdict; a failing run always writes one
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// What decides everything that the plan does not list
    #[arg(long, value_enum)]
    rest: Option<Rest>,
    #[command(flatten)]
    mutant: Mutant,
}

#[derive(Clone, Copy, ValueEnum)]
enum Rest {
    /// The seed: the plan lists no decision
    Seed,
    /// The usual: the plan lists every decision that was another one, to be edited by hand
    Usual,
}

impl Command for Run {
    const NAME: &'static str = "run";
    const ABOUT: &'static str =
        "Run a scenario once: the trace as a story, the windows, the verdict";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let text = cli.read(&self.scenario)?;
        if text.kind() == FileKind::Plan {
            return self.run_plan(text, cli, console);
        }
        text.expect_kind(FileKind::Scenario)?;
        let mut plan = Plan {
            case: cli.case(text.clone(), self.show.load_limit())?,
            seed: Seed(self.seed.unwrap_or(0)),
            rest: match self.rest {
                Some(Rest::Usual) => plan::Rest::Usual,
                Some(Rest::Seed) | None => plan::Rest::Seed,
            },
            decisions: IndexMap::new(),
            mutant: self.mutant.name().map(str::to_owned),
            fails: None,
        };
        let [trace, files, page] = self.show.outputs();
        let outputs = [trace, files, page, ("--plan", self.plan.as_deref())];
        let inputs = text.with_files_of(&plan.case);
        output::check(&outputs, &inputs)?;
        let mut options = Options::seed(plan.seed.0);
        options.mutant.clone_from(&plan.mutant);
        if plan.rest == plan::Rest::Usual {
            options.decisions = options.decisions.taking_notes();
        }
        let outcome = self.show.play(&plan, options)?;
        mutants::check_reached(plan.mutant.as_deref(), outcome.mutant_reached)?;
        match outcome.decisions.clone() {
            Some(decisions) => plan.decisions = decisions,
            // Of a run that hangs nothing was noted: only its seed repeats it.
            None => plan.rest = plan::Rest::Seed,
        }
        plan.fails = outcome.fingerprint(plan.case.synopsis());
        let mutant = plan.mutant.as_ref().map_or(String::new(), |name| format!(" --mutant {name}"));
        let (file, seed, again) = (quoted(&text.name), plan.seed, self.show.again());
        let command = format!("run {file} --seed {seed}{mutant}{again}");
        let mut printed = self.show.print(&plan, &outcome, &command, console);
        self.show.write(&plan, &outcome, &command, &inputs, console);
        let written = match &self.plan {
            Some(file) => Some(output::write(file, &plan.to_string()).map(|()| file.clone())),
            None if outcome.held() => None,
            None => {
                let file = plan::failure_file(&text.path, plan.seed, plan.mutant.as_deref());
                let written = plan::write_new(&file, &plan.to_string());
                let shown = file.display().to_string();
                Some(written.map_err(|error| CliError::unwritable(&shown, &error)))
            }
        };
        match written {
            Some(Ok(file)) => {
                let remark = format!("plan: {}", file.display());
                printed = printed.and(self.show.remark(console, &remark));
            }
            // The verdict counts, even if there is no room for its plan.
            Some(Err(error)) => console.complain(&error.message),
            None => {}
        }
        if outcome.held() {
            console.complain_of(printed);
            return Ok(Exit::Held);
        }
        let remark = format!("again: {} {command}", console.program);
        let printed = printed.and(self.show.remark(console, &remark));
        console.complain_of(printed);
        Ok(Exit::Violated)
    }
}

impl Run {
    /// Runs a plan as what it is: one more scenario, with everything decided.
    fn run_plan(
        &self,
        text: FileText,
        cli: &Cli,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let for_scenarios = [
            (self.seed.is_some(), "--seed"),
            (self.rest.is_some(), "--rest"),
            (self.mutant.name().is_some(), "--mutant"),
        ];
        if let Some((_, option)) = for_scenarios.iter().find(|(is_given, _)| *is_given) {
            return Err(CliError::usage(format!(
                "{option} is for scenarios, and this is a plan: leave it out"
            )));
        }
        let (path, name) = (text.path.clone(), text.name.clone());
        let plan = cli.plan(text, self.show.load_limit())?;
        let inputs = [path];
        let [trace, files, page] = self.show.outputs();
        output::check(&[trace, files, page, ("--plan", self.plan.as_deref())], &inputs)?;
        let outcome = self.show.play(&plan, Options::plan(&plan))?;
        let command = format!("run {}{}", quoted(&name), self.show.again());
        let mut printed = self.show.print(&plan, &outcome, &command, console);
        self.show.write(&plan, &outcome, &command, &inputs, console);
        if let Some(file) = &self.plan {
            let plan = Plan { fails: outcome.fingerprint(plan.case.synopsis()), ..plan.clone() };
            match output::write(file, &plan.to_string()) {
                Ok(()) => {
                    let remark = format!("plan: {}", file.display());
                    printed = printed.and(self.show.remark(console, &remark));
                }
                // The verdict counts, even if there is no room for its plan.
                Err(error) => console.complain(&error.message),
            }
        }
        // How it failed once is no part of what must hold now.
        let (exit, mut remarks) = judged(&Plan { fails: None, ..plan }, &outcome);
        if exit == Exit::Violated {
            remarks.push(format!("again: {} {command}", console.program));
        }
        let printed = remarks
            .iter()
            .fold(printed, |printed, remark| printed.and(self.show.remark(console, remark)));
        console.complain_of(printed);
        Ok(exit)
    }
}

/// Writes a plan beside another one, and gives its place; nothing else is replaced.
pub(super) fn write_beside(beside: &Path, what: &str, plan: &Plan) -> Result<PathBuf, CliError> {
    let place = plan::file_beside(beside, what);
    plan::write_new(&place, &plan.to_string())
        .map_err(|error| CliError::unwritable(&place.display().to_string(), &error))
}

/// A file's name as a shell reads it.
pub(super) fn quoted(file: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+".contains(letter);
    // A name that begins like an option must not be read as one.
    let here = if file.starts_with('-') { "./" } else { "" };
    let file = format!("{here}{file}");
    if file.contains(is_hidden) {
        let escaped = |letter: char| match letter {
            '\'' | '\\' => format!("\\{letter}"),
            letter if is_hidden(letter) => format!("\\U{:08x}", u32::from(letter)),
            letter => letter.to_string(),
        };
        return format!("$'{}'", file.chars().map(escaped).collect::<String>());
    }
    if file.chars().all(is_plain) { file } else { format!("'{}'", file.replace('\'', "'\\''")) }
}
