//! A run to be looked at, wherever it comes from: a plan, a trace or a scenario.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indexmap::IndexMap;
use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::chance::Seed;
use rehearsal_sim::page::Verdict;
use rehearsal_sim::plan::{DecisionKey, Rest};
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::{MOST_BYTES, TimeSpan, bytes_within};
use rehearsal_sim::story::Told;
use rehearsal_sim::trace::lines::{self, Lines};
use rehearsal_sim::trace::{Digest, EventKind, Trace, Waiting};
use rehearsal_sim::{Check, KEEP_EVENTS, Keep, Options, Outcome, Plan, Synopsis};
use serde_json::Value;

use super::file::FileText;
use super::mutants::{self, Mutant};
use super::show::{STEP_LIMIT, above_zero};
use super::{Cli, CliError, watchdog};

/// No trace is larger, in bytes.
pub(super) const MOST_BYTES_OF_TRACE: u64 = 1 << 30;

/// No run has more nodes.
const MOST_NODES: u32 = 1 << 20;

/// A file is given the time of so many steps.
const LOAD_STEPS: u32 = 6;

/// A run as it was, or as it was repeated just now.
pub(super) struct Subject {
    /// The file that it comes from, as it was given, and the seed of a scenario.
    pub(super) name: String,
    /// Is it a run of a scenario, which a seed and a planted bug can be for?
    pub(super) is_of_scenario: bool,
    /// The files that were read.
    pub(super) inputs: Vec<PathBuf>,
    /// What happened.
    pub(super) events: Trace,
    /// How many nodes there are.
    pub(super) nodes: usize,
    pub(super) origin: Origin,
}

/// Where a run comes from.
pub(super) enum Origin {
    /// It was run just now.
    Run {
        plan: Box<Plan>,
        /// Without its events, which the subject has.
        outcome: Box<Outcome>,
    },
    /// It was read from a trace.
    Trace {
        /// The first line of its file.
        head: lines::Head,
        /// The verdict in its last line.
        verdict: Option<Value>,
        /// What decided it. `None` for recorded nodes, for a protocol that this program does not
        /// know, and for a plan that it no longer reads.
        plan: Option<Box<Plan>>,
    },
}

/// The arguments that say how a plan or a scenario is run again.
#[derive(Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    mutant: Mutant,
    #[arg(long, value_name = "N", help = format!(
        "Keep the last so many events of a run in memory [default: {KEEP_EVENTS}]"
    ))]
    keep_events: Option<u64>,
    #[arg(long, value_name = "DURATION", value_parser = above_zero, help = format!(
        "Fail a step that takes longer than this, in the computer's time; reading the file may \
         take six times as long [default: {STEP_LIMIT}]"
    ))]
    step_limit: Option<TimeSpan>,
}

/// What of a run is asked for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) arguments: &'a RunArguments,
    /// The seed of a scenario; a plan and a trace say it themselves.
    pub(super) seed: Option<u64>,
    /// May a plan or a trace be given with a seed or a planted bug, which are then for another
    /// file of the command?
    pub(super) has_others: bool,
    /// How much of each event is kept: [`Keep::Trace`] or [`Keep::Values`].
    pub(super) keep: Keep,
}

impl Cli {
    /// The run in this file: that of a plan or a scenario, which is run now, or a trace.
    pub(super) fn subject(&self, path: &Path, wanted: Wanted<'_>) -> Result<Subject, CliError> {
        let bytes = bytes_within(path, most_bytes)?;
        if is_trace(&bytes) {
            wanted.refuse_unused("this is a trace")?;
            return self.trace(path, &bytes);
        }
        let text = FileText::of_bytes(path, bytes, &self.roster_formats)?;
        let limit = wanted.load_limit();
        let is_scenario = text.kind() == FileKind::Scenario;
        let (plan, inputs, name) = if text.kind() == FileKind::Plan {
            wanted.refuse_unused("this is a plan")?;
            let (name, inputs) = (text.name.clone(), vec![text.path.clone()]);
            (self.plan(text, limit)?, inputs, name)
        } else {
            text.expect_kind(FileKind::Scenario)?;
            let case = self.case(text.clone(), limit)?;
            let inputs = text.with_files_of(&case);
            let seed = Seed(wanted.seed.unwrap_or(0));
            let mutant = wanted.arguments.mutant.name().map(str::to_owned);
            let name = format!("{} --seed {seed}", text.name);
            let decisions = IndexMap::new();
            (Plan { case, seed, rest: Rest::Seed, decisions, mutant, fails: None }, inputs, name)
        };
        Ok(Subject { is_of_scenario: is_scenario, ..wanted.run(plan, name, inputs)? })
    }

    fn trace(&self, path: &Path, bytes: &[u8]) -> Result<Subject, CliError> {
        let name = path.display().to_string();
        let refused = |why: &dyn std::fmt::Display| CliError::bad_input(format!("{name}: {why}"));
        let Lines { head, events, verdict, .. } =
            lines::read(bytes).map_err(|flaw| refused(&flaw))?;
        let met = events.iter().filter_map(|event| Some((last_node(&event.what)?, event.number)));
        let met = met.max_by_key(|(node, _)| *node);
        if let Some((node, number)) = met.filter(|(node, _)| node.number() > MOST_NODES) {
            return Err(refused(&format_args!(
                "event {number} names {node}, and a run has {MOST_NODES} nodes at most"
            )));
        }
        let plan = match &head.of {
            lines::Subject::Run { plan, .. } => self.plan_in_trace(path, plan),
            lines::Subject::Recorded { .. } => None,
        };
        let met = met.map_or(0, |(node, _)| node.index() + 1);
        let known = plan.as_ref().map_or(0, |plan| plan.case.synopsis().nodes as usize);
        Ok(Subject {
            name,
            is_of_scenario: false,
            inputs: vec![path.to_owned()],
            nodes: met.max(known),
            events: Trace::after(head.dropped, events),
            origin: Origin::Trace { head, verdict, plan: plan.map(Box::new) },
        })
    }

    /// The plan of a trace's head. Nothing is run, so one that is no longer right is none.
    fn plan_in_trace(&self, path: &Path, plan: &str) -> Option<Plan> {
        let text = FileText::of_bytes(path, plan.as_bytes().to_vec(), &[]).ok()?;
        text.expect_kind(FileKind::Plan).ok()?;
        self.plan(text, watchdog::LOAD_LIMIT).ok()
    }
}

impl Wanted<'_> {
    /// Runs a plan, and keeps what is to be looked at.
    fn run(self, plan: Plan, name: String, inputs: Vec<PathBuf>) -> Result<Subject, CliError> {
        mutants::check_build(plan.mutant.as_deref())?;
        let options = Options::plan(&plan)
            .keep(self.keep)
            .waits(true)
            .keep_events(self.arguments.keep_events.unwrap_or(KEEP_EVENTS));
        let mut outcome = watchdog::run(&plan.case, options, self.step_limit(), None)?;
        let named = self.arguments.mutant.name();
        mutants::check_plan(&plan, named, outcome.mutant_reached)?;
        let Some(events) = outcome.events.take() else {
            let hangs = outcome.failure.filter(|failure| failure.check == Check::Hangs);
            let why = hangs.map_or_else(String::new, |failure| failure.detail);
            return Err(CliError::bad_input(format!(
                "{name}: the run hangs, and nothing is kept of it: {why} (a step that may take \
                 longer needs a longer `--step-limit`)"
            )));
        };
        let nodes = plan.case.synopsis().nodes as usize;
        let origin = Origin::Run { plan: Box::new(plan), outcome: Box::new(outcome) };
        Ok(Subject { name, is_of_scenario: false, inputs, events, nodes, origin })
    }

    /// A run of which more is known than what a trace tells: that of a trace is repeated from its
    /// plan.
    pub(super) fn rerun(self, subject: Subject) -> Result<Subject, CliError> {
        let Origin::Trace { plan, .. } = &subject.origin else { return Ok(subject) };
        let Some(plan) = plan else {
            return Err(CliError::bad_input(format!(
                "{}: which node waits for which is not in a trace, and its run cannot be repeated: \
                 it has no plan, or one that this program does not read",
                subject.name
            )));
        };
        let again =
            self.run(plan.as_ref().clone(), subject.name.clone(), subject.inputs.clone())?;
        if subject.digest().is_some_and(|digest| again.digest() != Some(digest)) {
            return Err(CliError::bad_input(format!(
                "{}: its plan no longer gives the events of the trace: use the program that wrote it",
                subject.name
            )));
        }
        Ok(again)
    }

    fn step_limit(&self) -> Duration {
        self.arguments.step_limit.unwrap_or(STEP_LIMIT).as_duration()
    }

    fn load_limit(&self) -> Duration {
        self.step_limit().saturating_mul(LOAD_STEPS)
    }

    fn refuse_unused(&self, why: &str) -> Result<(), CliError> {
        if self.has_others { Ok(()) } else { self.arguments.refuse_for_scenarios(self.seed, why) }
    }
}

impl RunArguments {
    /// Refuses what only a scenario can be told.
    pub(super) fn refuse_for_scenarios(
        &self,
        seed: Option<u64>,
        why: &str,
    ) -> Result<(), CliError> {
        let for_scenarios =
            [(seed.is_some(), "--seed"), (self.mutant.name().is_some(), "--mutant")];
        match for_scenarios.iter().find(|(is_given, _)| *is_given) {
            Some((_, option)) => {
                Err(CliError::usage(format!("{option} is for scenarios, and {why}: leave it out")))
            }
            None => Ok(()),
        }
    }
}

impl Subject {
    /// What decided it, if that is known.
    pub(super) fn plan(&self) -> Option<&Plan> {
        match &self.origin {
            Origin::Run { plan, .. } => Some(plan),
            Origin::Trace { plan, .. } => plan.as_deref(),
        }
    }

    /// The digests of its first 1,024, 2,048, ... events; none of a trace.
    pub(super) fn checkpoints(&self) -> &[Digest] {
        match &self.origin {
            Origin::Run { outcome, .. } => &outcome.checkpoints,
            Origin::Trace { .. } => &[],
        }
    }

    /// Which node waits for which, change by change; nothing of a trace.
    pub(super) fn waits(&self) -> &[Waiting] {
        match &self.origin {
            Origin::Run { outcome, .. } => outcome.waits.as_deref().unwrap_or_default(),
            Origin::Trace { .. } => &[],
        }
    }

    /// The digest of all its events, if it is known.
    pub(super) fn digest(&self) -> Option<String> {
        match &self.origin {
            Origin::Run { outcome, .. } => outcome.digest.map(|digest| digest.to_string()),
            Origin::Trace { verdict, .. } => {
                Some(verdict.as_ref()?.get("digest")?.as_str()?.to_owned())
            }
        }
    }

    /// What came of it: `held`, or what was violated; nothing of recorded nodes.
    pub(super) fn verdict(&self) -> Option<String> {
        match &self.origin {
            Origin::Run { outcome, .. } => Some(match &outcome.failure {
                None => "held".to_owned(),
                Some(failure) => format!("{}: {}", failure.check, failure.reason),
            }),
            Origin::Trace { verdict, .. } => {
                let verdict = verdict.as_ref()?;
                let violation = verdict.get("violations").and_then(|all| all.get(0));
                let word = |name: &str| violation.and_then(|it| it.get(name)?.as_str());
                match (word("check"), word("reason")) {
                    (Some(check), Some(reason)) => Some(format!("{check}: {reason}")),
                    _ => Some(verdict.get("outcome")?.as_str()?.to_owned()),
                }
            }
        }
    }

    /// The verdict, as far as it is known, with what is said of a failure.
    pub(super) fn judgement(&self) -> Verdict {
        let end = self.events.iter().last().map_or(Time::ZERO, |event| event.at);
        match &self.origin {
            Origin::Run { plan, outcome } => Verdict::of_outcome(plan.case.synopsis(), outcome),
            Origin::Trace { verdict: Some(verdict), .. } => Verdict::of_trace(verdict, end),
            Origin::Trace { verdict: None, .. } => Verdict::Unknown,
        }
    }

    /// Its events with what is known of them, for a story.
    pub(super) fn told(&self) -> Told<'_> {
        let network = self.synopsis().map(|synopsis| &synopsis.network);
        Told { events: &self.events, network, nodes: self.nodes }
    }

    /// What its scenario says, if that is known.
    pub(super) fn synopsis(&self) -> Option<&Synopsis> {
        self.plan().map(|plan| plan.case.synopsis())
    }
}

/// The last of the nodes that an event is about.
fn last_node(what: &EventKind) -> Option<NodeId> {
    match what.key() {
        Some(DecisionKey::Message(message)) => Some(message.from.max(message.to)),
        _ => what.node(),
    }
}

/// Of a file that begins as a trace does, more is read than of one that a person writes.
pub(super) fn most_bytes(first: &[u8]) -> u64 {
    if is_trace(first) { MOST_BYTES_OF_TRACE } else { MOST_BYTES }
}

/// Does the file begin as JSON lines do, and RON does not?
pub(super) fn is_trace(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}
