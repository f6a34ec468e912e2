//! One run behind one door: a scenario whose protocol is erased.
//!
//! [`Case::run`] takes [`Options`] and gives an [`Outcome`], neither of which
//! has a type of the protocol. It costs one virtual call per run; the loop of
//! the run stays compiled for the protocol. Whatever works on runs as a whole
//! (the command line, a sweep, a shrinker) is written on this type, and is
//! compiled once however many protocols there are.
//!
//! A case is cheap to clone, and threads can share it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::chance::Seed;
use crate::engine::{Options, Outcome, Report, Runner, run};
use crate::fault::Fault;
use crate::files::Files;
use crate::network::Network;
use crate::protocol::Protocol;
use crate::scenario::{Changes, CommandText, Origin, Scenario, Synopsis, Text};
use crate::source::{Diagnostic, Reason};
use crate::story::{self, View};

/// A scenario that can be run, whichever protocol it is about.
///
/// ```
/// # use rehearsal_sim::{Case, Options, Protocol, Scenario};
/// # fn first_failure<P: Protocol>(scenario: Scenario<P>) -> Option<u64> {
/// let case = Case::new(scenario);
/// let mut runner = case.runner();
/// (0..1_000).find(|seed| !runner.run(Options::seed(*seed)).held())
/// # }
/// ```
#[derive(Clone)]
pub struct Case {
    synopsis: Arc<Synopsis>,
    scenario: Arc<dyn AnyScenario>,
}

impl Case {
    /// The case of this scenario.
    #[must_use]
    pub fn new<P: Protocol>(scenario: Scenario<P>) -> Self {
        let synopsis = Arc::new(scenario.synopsis());
        Self { synopsis, scenario: Arc::new(scenario) }
    }

    /// What the scenario says, as far as that has no type of the protocol.
    #[must_use]
    pub fn synopsis(&self) -> &Synopsis {
        &self.synopsis
    }

    /// The scenario itself, if it is about this protocol.
    #[must_use]
    pub fn scenario<P: Protocol>(&self) -> Option<&Scenario<P>> {
        self.scenario.as_any().downcast_ref()
    }

    /// Runs it from beginning to end; see [`run`](crate::run).
    ///
    /// # Panics
    /// As [`run`](crate::run).
    #[must_use]
    pub fn run(&self, options: Options) -> Outcome {
        self.scenario.run(options)
    }

    /// Runs it again and again, as a sweep does: a run uses the memory of the
    /// one before. It belongs to one thread.
    #[must_use]
    pub fn runner(&self) -> CaseRunner<'_> {
        CaseRunner(self.scenario.runner())
    }

    /// The same with other faults in place of its own; refused as in a file.
    pub fn with_faults(&self, faults: Vec<Fault>) -> Result<Self, Reason> {
        // Without commands no seed is asked for.
        self.with_changes(Seed(0), &Changes { faults: Some(faults), ..Changes::default() })
    }

    /// The same with these changes, for runs with this seed; refused as in a file.
    pub fn with_changes(&self, seed: Seed, changes: &Changes) -> Result<Self, Reason> {
        self.scenario.with_changes(seed, changes)
    }

    /// The commands of a run with this seed: those of the scenario, and then
    /// those of its workload.
    #[must_use]
    pub fn commands(&self, seed: Seed) -> Vec<CommandText> {
        self.scenario.commands(seed)
    }

    /// The whole story of a run of it; see [`story`].
    #[must_use]
    pub fn story(&self, seed: Seed, outcome: &Outcome) -> String {
        story::of_outcome(&self.synopsis, seed, outcome, &View::default()).text
    }

    /// The names of the files that the scenario has read, as it names them.
    pub fn file_names(&self) -> impl Iterator<Item = &str> {
        self.scenario.origin().files.keys().map(String::as_str)
    }

    /// The network of the scenario's text, if it was replaced.
    pub(crate) fn own_network(&self) -> Option<&Network> {
        self.origin().replaced.network.as_ref()
    }

    /// The scenario as its text has it, before anything was replaced; none if it has no text that
    /// can be read.
    pub(crate) fn as_written(&self) -> Option<Self> {
        self.scenario.as_written()
    }

    /// The texts that the scenario was read from, each with a name: its own, which has an
    /// empty name, and those of its files. None of its own if it was built without one.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let Origin { text, files, .. } = self.scenario.origin();
        let own = match text {
            Text::Read(text) | Text::Made(text) => Some(("", &**text)),
            Text::None => None,
        };
        own.into_iter().chain(files.iter().map(|(name, text)| (name.as_str(), &**text)))
    }

    pub(crate) fn origin(&self) -> &Origin {
        self.scenario.origin()
    }

    /// Can the text that was made of a scenario in code be read again?
    pub(crate) fn check_text(&self) -> Result<(), Diagnostic> {
        self.scenario.check_text()
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Synopsis { name, claim, .. } = self.synopsis();
        write!(f, "Case({name}: {claim})")
    }
}

impl<P: Protocol> From<Scenario<P>> for Case {
    fn from(scenario: Scenario<P>) -> Self {
        Self::new(scenario)
    }
}

/// Runs a case: with a watchdog around it, for example.
pub type RunCase<'a> = dyn Fn(&Case, Options) -> Outcome + Sync + 'a;

/// Runs a [`Case`] again and again.
pub struct CaseRunner<'a>(Box<dyn AnyRunner + 'a>);

impl CaseRunner<'_> {
    /// As [`Case::run`].
    ///
    /// # Panics
    /// As [`run`](crate::run); it is then as good as new.
    #[must_use]
    pub fn run(&mut self, options: Options) -> Outcome {
        self.0.run(options)
    }
}

/// What a case asks of its scenario. All that is generic over the protocol is
/// below this.
trait AnyScenario: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn run(&self, options: Options) -> Outcome;
    fn runner(&self) -> Box<dyn AnyRunner + '_>;
    fn with_changes(&self, seed: Seed, changes: &Changes) -> Result<Case, Reason>;
    fn commands(&self, seed: Seed) -> Vec<CommandText>;
    fn origin(&self) -> &Origin;
    fn as_written(&self) -> Option<Case>;
    fn check_text(&self) -> Result<(), Diagnostic>;
}

impl<P: Protocol> AnyScenario for Scenario<P> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn run(&self, options: Options) -> Outcome {
        let Report { outcome, .. } = run(self, options);
        outcome
    }

    fn runner(&self) -> Box<dyn AnyRunner + '_> {
        Box::new(Runner::new(self))
    }

    fn with_changes(&self, seed: Seed, changes: &Changes) -> Result<Case, Reason> {
        self.with_changes(seed, changes).map(Case::new)
    }

    fn commands(&self, seed: Seed) -> Vec<CommandText> {
        self.command_texts(seed)
    }

    fn origin(&self) -> &Origin {
        self.origin()
    }

    fn as_written(&self) -> Option<Case> {
        let Origin { name, text, files, .. } = self.origin();
        let (Text::Read(text) | Text::Made(text)) = text else { return None };
        Self::parse(name, text, Files::embedded(files.clone())).ok().map(Case::new)
    }

    fn check_text(&self) -> Result<(), Diagnostic> {
        self.check_text()
    }
}

trait AnyRunner {
    fn run(&mut self, options: Options) -> Outcome;
}

impl<P: Protocol> AnyRunner for Runner<'_, P> {
    fn run(&mut self, options: Options) -> Outcome {
        let Report { outcome, world } = self.run(options);
        self.recycle_world(world);
        outcome
    }
}
