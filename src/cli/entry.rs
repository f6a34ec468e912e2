use std::marker::PhantomData;
use std::path::{Component, Path, PathBuf};

use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan::Rest;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::story;
use rehearsal_sim::{Files, Keep, Options, Owner as _, Plan, Protocol, Report, Scenario, run};
use rehearsal_tcp::recording::Recording;

use super::arguments::{self, Cluster, Node, Replay, Run, Show};
use super::exit::{Exit, Stop};
use super::{Console, cluster, json, log, mutants, node, output, recorded};
use crate::real::{self, Written};

/// A file that was read.
pub(super) struct Text {
    /// Its name, as it is shown.
    pub(super) file: String,
    pub(super) path: PathBuf,
    pub(super) source: String,
}

/// A registered protocol, whichever it is.
pub(super) trait Entry {
    fn name(&self) -> &'static str;
    fn run(&self, text: &Text, run: &Run, console: &mut Console<'_>) -> Result<Exit, Stop>;
    fn replay(&self, text: &Text, replay: &Replay, console: &mut Console<'_>)
    -> Result<Exit, Stop>;
    /// Recordings, each with its file's name; and the scenario that they are
    /// held against.
    fn replay_recorded(
        &self,
        recordings: Vec<(String, Recording)>,
        expect: Option<&Text>,
        replay: &Replay,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop>;
    /// Runs one real node.
    fn node(&self, written: Written, node: &Node, console: &mut Console<'_>) -> Result<Exit, Stop>;
    /// Runs all nodes, each in a process of its own.
    fn cluster(
        &self,
        written: Written,
        cluster: &Cluster,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop>;
    /// What there is to say of a right file, behind its name.
    fn check(&self, text: &Text, kind: FileKind) -> Result<String, Stop>;
}

pub(super) struct Of<P>(PhantomData<P>);

impl<P> Of<P> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: Protocol> Entry for Of<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn run(&self, text: &Text, wanted: &Run, console: &mut Console<'_>) -> Result<Exit, Stop> {
        let scenario = open::<P>(text)?;
        let mut options = Options::seed(wanted.seed).keep(keep(&wanted.show));
        let rest = match wanted.rest {
            arguments::Rest::Seed => Rest::Seed,
            arguments::Rest::Usual => Rest::Usual,
        };
        if rest == Rest::Usual {
            options.decisions = options.decisions.taking_notes();
        }
        let seed = options.seed;
        let mutant = mutant_name(&wanted.mutant);
        options.mutant = mutant.map(str::to_owned);
        let report = played(&wanted.show, &scenario, options)?;
        let plan = Plan {
            scenario,
            seed,
            rest,
            decisions: report.decisions.clone().unwrap_or_default(),
            mutant: mutant.map(str::to_owned),
            fails: report.failure.as_ref().map(|failure| failure.fingerprint(P::NAME)),
        };
        show(&wanted.show, &plan, &report, console)?;
        let chatter = if wanted.show.json { &mut *console.err } else { &mut *console.out };
        if let Some(file) = &wanted.plan {
            output::file(file, &plan.to_string())?;
            output::line(chatter, &format!("plan  {}", file.display()))?;
        }
        if report.held() {
            return Ok(Exit::Held);
        }
        if wanted.plan.is_none() {
            let file = failure_file(&text.path, seed, mutant);
            let told = match output::file(&file, &plan.to_string()) {
                Ok(()) => format!("plan  {}", file.display()),
                // The verdict counts, whether or not there was room for its plan.
                Err(stop) => stop.message,
            };
            output::line(chatter, &told)?;
        }
        let mutant = mutant.map_or(String::new(), |name| format!(" --mutant {name}"));
        let again = format!("again rehearsal run {} --seed {seed}{mutant}", quoted(&text.file));
        output::line(chatter, &again)?;
        Ok(Exit::Violated)
    }

    fn replay(
        &self,
        text: &Text,
        wanted: &Replay,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop> {
        let plan = Plan::<P>::parse(&text.file, &text.source)?;
        let options = Options::plan(&plan).keep(keep(&wanted.show));
        let report = played(&wanted.show, &plan.scenario, options)?;
        show(&wanted.show, &plan, &report, console)?;
        let chatter = if wanted.show.json { &mut *console.err } else { &mut *console.out };
        for key in &report.unmet {
            output::line(chatter, &format!("unmet {key}: nothing in this run has that name"))?;
        }
        let met_none = !plan.decisions.is_empty() && report.unmet.len() == plan.decisions.len();
        let Some(failure) = &report.failure else {
            if met_none {
                output::line(chatter, "the plan no longer applies: none of its decisions came up")?;
                return Ok(Exit::NoLongerApplies);
            }
            return Ok(Exit::Held);
        };
        if let Some(before) = &plan.fails
            && *before != failure.fingerprint(P::NAME)
        {
            let (check, reason, event) = (&before.check, &before.reason, &before.event);
            output::line(
                chatter,
                &format!("another failure than before, which was {check}: {reason} ({event})"),
            )?;
            return Ok(Exit::NoLongerApplies);
        }
        output::line(chatter, &format!("again rehearsal replay {}", quoted(&text.file)))?;
        Ok(Exit::Violated)
    }

    fn replay_recorded(
        &self,
        recordings: Vec<(String, Recording)>,
        expect: Option<&Text>,
        wanted: &Replay,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop> {
        let scenario = expect.map(open::<P>).transpose()?;
        recorded::replay(recordings, scenario.as_ref(), wanted, console)
    }

    fn node(
        &self,
        written: Written,
        wanted: &Node,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop> {
        let opened = written.read::<P>(wanted.who.script.as_deref())?;
        node::obey(&opened, wanted, console)
    }

    fn cluster(
        &self,
        written: Written,
        wanted: &Cluster,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop> {
        let opened = written.read::<P>(wanted.who.script.as_deref())?;
        cluster::obey(&opened, wanted, console)
    }

    fn check(&self, text: &Text, kind: FileKind) -> Result<String, Stop> {
        match kind {
            FileKind::Scenario => open::<P>(text).map(|_| String::new()),
            FileKind::Plan => {
                Ok(Plan::<P>::parse(&text.file, &text.source).map(|_| String::new())?)
            }
            FileKind::Roster => {
                let real::Opened { roster, digest, .. } = real::open::<P>(&text.path, false, None)?;
                let (nodes, cluster) = (roster.nodes(), roster.cluster());
                let digest = real::digest_text(&digest);
                Ok(format!(": {nodes} nodes of {cluster:?}, digest {digest}"))
            }
        }
    }
}

fn open<P: Protocol>(text: &Text) -> Result<Scenario<P>, Stop> {
    Ok(Scenario::parse(&text.file, &text.source, Files::beside(&text.path))?)
}

/// The run itself: with a log, if one was asked for, and with the planted bug.
fn played<P: Protocol>(
    show: &Show,
    scenario: &Scenario<P>,
    options: Options,
) -> Result<Report<P>, Stop> {
    let mutant = options.mutant.clone();
    mutants::check_build(mutant.as_deref())?;
    let report = log::with(show.log.as_deref(), || run(scenario, options))?;
    mutants::check_reached(mutant.as_deref(), report.mutant_reached)?;
    Ok(report)
}

/// A story and a trace need the events; a summary has no use for them.
fn keep(show: &Show) -> Keep {
    if show.json && show.trace.is_none() && show.log.is_none() { Keep::Digest } else { Keep::Trace }
}

fn show<P: Protocol>(
    show: &Show,
    plan: &Plan<P>,
    report: &Report<P>,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    if show.json {
        output::line(console.out, &json::summary(&plan.scenario, plan.seed, report))?;
    } else {
        output::print(console.out, &story::tell(&plan.scenario, plan.seed, report))?;
    }
    // After the verdict, which shall not be lost for want of a place to write.
    if let Some(folder) = &show.files {
        for node in report.world.nodes() {
            let Some(machine) = report.world.machine(node) else { continue };
            for (name, text) in P::Owner::files(machine) {
                output::file(&folder.join(node.to_string()).join(name), &text)?;
            }
        }
    }
    match (&show.trace, &report.events) {
        (Some(file), Some(events)) => {
            output::file(file, &json::trace(plan.seed, &plan.to_string(), events))
        }
        _ => Ok(()),
    }
}

/// Where a failing run's plan goes that was given no place: named by the
/// scenario's path, so that two of one name do not overwrite each other.
fn failure_file(scenario: &Path, seed: Seed, mutant: Option<&str>) -> PathBuf {
    let name: Vec<_> = scenario
        .with_extension("")
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let mutant = mutant.map_or(String::new(), |mutant| format!("-{mutant}"));
    Path::new("rehearsal-failures").join(format!("{}-seed-{seed}{mutant}.ron", name.join("-")))
}

/// A file's name as a shell takes it.
fn quoted(file: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+".contains(letter);
    if file.chars().all(is_plain) {
        file.to_owned()
    } else {
        format!("'{}'", file.replace('\'', "'\\''"))
    }
}

#[cfg(not(feature = "mutants"))]
pub(super) fn mutant_name(_mutant: &arguments::Mutant) -> Option<&str> {
    None
}

#[cfg(feature = "mutants")]
pub(super) fn mutant_name(mutant: &arguments::Mutant) -> Option<&str> {
    mutant.name.as_deref()
}
