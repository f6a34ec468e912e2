//! One run: takes what is due next, in the queue's order, until nothing is.
//!
//! Each step feeds one input to one machine and carries its effects out one at
//! a time. A fault that waits for an effect acts right after it; if it takes
//! the node down, the rest of the step never happens. After every step the
//! judge looks at the node that changed.

mod act;
mod choices;
mod chooser;
mod collector;
mod combined;
mod disks;
mod draws;
mod fast_path;
mod fault_state;
mod judge;
mod lead;
mod lives;
mod lookahead;
mod nodes;
mod outcome;
mod pauses;
mod pending;
mod play;
mod progress;
mod pulse;
mod report;
mod run;
mod send;
mod sessions;
mod states;
mod step;
mod strike;
mod stuck;
mod tally;
mod tracked;
mod transit;
mod triggers;
mod watch;
mod watchers;

use std::sync::Arc;

use rehearsal_machine::mutant;

use crate::chance::Seed;
use crate::panics;
use crate::plan::Decisions;
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::trace::Keep;
use crate::world::World;
pub use outcome::Outcome;
pub use pulse::{Pulse, StepInput, StepUnderWay};
pub use report::Report;
use run::Run;
pub use states::{States, StepState, Waits};
pub use stuck::{Stuck, StuckMessage, StuckNode, StuckSession, StuckUntil};
pub use tally::Tally;

/// So many events are kept of a run unless its options say otherwise.
pub const KEEP_EVENTS: u64 = 1 << 20;

/// How to run a scenario.
#[derive(Clone, Debug)]
pub struct Options {
    /// What chance is made from.
    pub seed: Seed,
    /// How much of the run to keep.
    pub keep: Keep,
    /// Of a run whose events are kept, the last so many are: a run of any length
    /// takes a bounded room, some 60 bytes an event.
    pub keep_events: u64,
    /// Where events are kept, keep which node waits for which, too, for
    /// [`Outcome::waits`](crate::Outcome::waits).
    pub waits: bool,
    /// Decisions that are not left to chance.
    pub decisions: Decisions,
    /// The planted bug to run with. Without one the run has what
    /// [`mutant::with`] selects around it.
    pub mutant: Option<String>,
    /// Collect what the run covers, for [`Outcome::seen`](crate::Outcome::seen).
    pub coverage: bool,
    /// After how many events the run is stopped, if that is fewer than its scenario has.
    pub most_events: Option<u64>,
    /// Keep what the machines are like after each step from this event on, where events are
    /// kept, for [`Outcome::states`](crate::Outcome::states).
    pub states_from: Option<u64>,
    /// Is told each step as it begins, for a watchdog.
    pub pulse: Option<Arc<Pulse>>,
}

impl Options {
    /// This seed, nothing decided in advance, no planted bug, verdict and digest kept,
    /// no coverage collected.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self {
            seed: Seed(seed),
            keep: Keep::Digest,
            keep_events: KEEP_EVENTS,
            waits: false,
            decisions: Decisions::default(),
            mutant: None,
            coverage: false,
            most_events: None,
            states_from: None,
            pulse: None,
        }
    }

    /// Keeps this much of the run.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Keeps the last so many events, where events are kept.
    #[must_use]
    pub fn keep_events(mut self, events: u64) -> Self {
        self.keep_events = events;
        self
    }

    /// Keeps which node waits for which, or does not, where events are kept: the history of the wait-for
    /// graph. Nothing else in the outcome depends on it.
    #[must_use]
    pub fn waits(mut self, are_kept: bool) -> Self {
        self.waits = are_kept;
        self
    }

    /// Takes these decisions instead of leaving them to chance.
    #[must_use]
    pub fn decisions(mut self, decisions: Decisions) -> Self {
        self.decisions = decisions;
        self
    }

    /// Runs with this planted bug, in a build with the feature `mutants`;
    /// [`Outcome::mutant_reached`](crate::Outcome::mutant_reached) tells whether any code asked for it.
    #[must_use]
    pub fn mutant(mut self, name: impl Into<String>) -> Self {
        self.mutant = Some(name.into());
        self
    }

    /// Collects what the run covers, or does not: the shapes of its steps and the
    /// marks of its machines, in [`Outcome::seen`](crate::Outcome::seen). Nothing else
    /// in the outcome depends on it. What it costs is time: a step that is like an
    /// earlier one of its run allocates nothing more.
    ///
    /// ```
    /// # use rehearsal_sim::{Options, Protocol, Scenario, run};
    /// # fn restarts<P: Protocol>(scenario: &Scenario<P>) {
    /// let report = run(scenario, Options::seed(7).coverage(true));
    /// let seen = report.seen.as_ref().expect("it was asked for");
    /// assert!(seen.marks.contains("restarted within an election"), "{:#?}", seen.steps);
    /// # }
    /// ```
    #[must_use]
    pub fn coverage(mut self, is_collected: bool) -> Self {
        self.coverage = is_collected;
        self
    }

    /// Stops the run after so many events, as one that never ends.
    #[must_use]
    pub fn most_events(mut self, events: u64) -> Self {
        self.most_events = Some(events);
        self
    }

    /// Keeps what the machines are like after each step whose input is this event or a later one,
    /// as [`Look::state`](crate::Look::state) tells it: for
    /// [`Outcome::states`](crate::Outcome::states). It needs [`Keep::Trace`], whose events it
    /// names; nothing else in the outcome depends on it. The texts are not bounded: of a long run,
    /// ask for the last steps, once a run without states has told their numbers.
    #[must_use]
    pub fn states_from(mut self, event: u64) -> Self {
        self.states_from = Some(event);
        self
    }

    /// Tells this pulse each step as it begins, so that a watchdog can name the
    /// one that does not end.
    #[must_use]
    pub fn pulse(mut self, pulse: Arc<Pulse>) -> Self {
        self.pulse = Some(pulse);
        self
    }
}

/// Runs a scenario from beginning to end.
///
/// A panic of a machine in a step ends the run as a violation of `no_panic`.
///
/// # Panics
/// If anything else panics: a property, a protocol's [`Look`](crate::Look), or the
/// simulator itself.
#[must_use]
pub fn run<P: Protocol>(scenario: &Scenario<P>, options: Options) -> Report<P> {
    with_mutant(options, |options| played(&mut Run::new(scenario, options)))
}

/// Runs a scenario again and again, as a sweep does: a run uses the memory of
/// the one before, which it otherwise has nothing to do with.
///
/// ```
/// # use rehearsal_sim::{Options, Protocol, Runner, Scenario};
/// # fn sweep<P: Protocol>(scenario: &Scenario<P>) {
/// let mut runner = Runner::new(scenario);
/// for seed in 0..1_000 {
///     let report = runner.run(Options::seed(seed));
///     assert!(report.held(), "seed {seed}");
///     runner.recycle(report);
/// }
/// # }
/// ```
pub struct Runner<'a, P: Protocol> {
    scenario: &'a Scenario<P>,
    run: Option<Run<'a, P>>,
}

impl<'a, P: Protocol> Runner<'a, P> {
    /// Nothing has run yet.
    #[must_use]
    pub fn new(scenario: &'a Scenario<P>) -> Self {
        Self { scenario, run: None }
    }

    /// As [`run`].
    ///
    /// # Panics
    /// As [`run`]; it is then as good as new.
    #[must_use]
    pub fn run(&mut self, options: Options) -> Report<P> {
        with_mutant(options, |options| {
            let mut run = match self.run.take() {
                Some(mut run) => {
                    run.begin(options);
                    run
                }
                None => Run::new(self.scenario, options),
            };
            let report = played(&mut run);
            self.run = Some(run);
            report
        })
    }

    /// Takes back a report that nobody needs any more, for the memory that it
    /// holds.
    pub fn recycle(&mut self, report: Report<P>) {
        self.recycle_world(report.world);
    }

    pub(crate) fn recycle_world(&mut self, world: World<P::Machine>) {
        if let Some(run) = &mut self.run {
            run.recycle(world);
        }
    }
}

/// Selects the planted bug of the options, for this run and on this thread.
fn with_mutant<P: Protocol>(
    mut options: Options,
    run: impl FnOnce(Options) -> Report<P>,
) -> Report<P> {
    let Some(name) = options.mutant.take() else { return run(options) };
    let (mut report, is_reached) = mutant::with(&name, || run(options));
    report.outcome.mutant_reached = is_reached;
    report
}

fn played<P: Protocol>(run: &mut Run<'_, P>) -> Report<P> {
    let verdict = panics::catch(|| run.play());
    let failure = match verdict {
        Ok(verdict) => verdict.err(),
        Err(panic) => Some(run.panicked(&panic)),
    };
    run.report(failure)
}
