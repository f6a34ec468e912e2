//! When a failure was decided, and by what.
//!
//! A run is a row of *choices*: the fate of each message, the span of each timer, each number
//! that a machine draws, each strike of a fault. [`Inquiry::find`] cuts that row in two. The
//! choices before the *cut* stay as the plan has them, and everything after it is drawn anew,
//! with as many seeds as are asked for; the share of those runs that fail as the plan does is
//! P(failure) at the cut. It is computed for a coarse row of cuts, and then for cuts in between
//! where it changes most, until a change lies between two choices that follow each other.
//!
//! **What stays.** The nodes, the commands and the end of the run; the scenario's own faults that
//! the plan still has; and what only ends a disturbance: a heal, a release, a restart, the end of
//! a pause. A message under way, an armed timer and a fault that has begun were decided before.
//!
//! **What is drawn anew.** What the [`Future`] says. By the chance of the scenario's own network
//! and of its random faults; faults of the scenario that the plan has lost strike again after the
//! cut. With a swarm, also by the network and the faults that the swarm of the scenario draws
//! for the same seed. Faults of the plan that are not the scenario's own are choices of the plan:
//! after the cut they do not strike. So a plan of a sweep that is cut before its first choice is
//! run as the sweep would run it. Only commands and nodes that shrinking has taken away are missing.
//!
//! **Counterfactuals.** P(failure) changes where *something* was decided; a decision is a cause
//! only if the run passes without it. So each unusual decision and each fault is also taken away
//! alone, everything else kept: those without which nothing fails come first in the result. "What
//! happened before" would be no answer: in a chatty protocol that is nearly the whole run.
//!
//! The same plan, number of seeds and first seed give the same result, for any number of jobs,
//! unless it is ended before it is done.

mod causes;
mod curve;
mod findings;
mod shown;
mod stage;

use std::collections::BTreeMap;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::ControlFlow;

use crate::case::RunCase;
use crate::chance::Seed;
use crate::parallel;
use crate::plan::{NotReproduced, Plan};

pub use findings::{Cause, Change, Findings, Point};
use stage::Stage;

/// Is told how far it has come; `Break` ends with what is known so far.
pub type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// What draws anew what comes after a cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Future {
    /// The swarm if the plan has what only a swarm draws: faults or a network that are not the
    /// scenario's own, or a fate of a message that the scenario's network never gives.
    #[default]
    AsPlanned,
    /// The scenario alone.
    Scenario,
    /// The scenario and its [swarm](crate::swarm).
    Swarm,
}

/// So many seeds draw what comes after each cut, unless another number is asked for.
pub const SEEDS: NonZeroU32 = NonZeroU32::new(32).expect("not 0");

/// So many cuts are tried at most, unless another number is asked for.
pub const CUTS: NonZeroU32 = NonZeroU32::new(96).expect("not 0");

/// How the causes of a failure are looked for.
pub struct Inquiry<'a> {
    run: &'a RunCase<'a>,
    jobs: NonZeroUsize,
    seeds: NonZeroU32,
    first: Seed,
    cuts: NonZeroU32,
    future: Future,
}

impl Default for Inquiry<'_> {
    fn default() -> Self {
        Self {
            run: &|case, options| case.run(options),
            jobs: NonZeroUsize::MIN,
            seeds: SEEDS,
            first: Seed(0),
            cuts: CUTS,
            future: Future::AsPlanned,
        }
    }
}

impl<'a> Inquiry<'a> {
    /// With one job, and the usual numbers of seeds and cuts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs cases by this function.
    #[must_use]
    pub fn run_by(self, run: &'a RunCase<'a>) -> Self {
        Self { run, ..self }
    }

    /// Makes so many runs at a time, each on a thread. The result is the same for any number.
    #[must_use]
    pub fn jobs(self, jobs: NonZeroUsize) -> Self {
        Self { jobs, ..self }
    }

    /// Draws what comes after each cut with so many seeds, from this one on; that of the plan is
    /// passed over.
    #[must_use]
    pub fn seeds(self, seeds: NonZeroU32, first: Seed) -> Self {
        Self { seeds, first, ..self }
    }

    /// Tries so many cuts at most, beside those right before and after a decision without which
    /// the run passes.
    #[must_use]
    pub fn cuts(self, cuts: NonZeroU32) -> Self {
        Self { cuts, ..self }
    }

    /// Draws what comes after each cut in this way.
    #[must_use]
    pub fn future(self, future: Future) -> Self {
        Self { future, ..self }
    }

    /// Finds when the failure of this plan was decided, and by what.
    pub fn find(&self, plan: &Plan, on_progress: &mut OnProgress<'_>) -> Result<Findings, NoCause> {
        let stage = Stage::of(self, plan)?;
        let mut search = Search { inquiry: self, stage: &stage, fails: BTreeMap::new(), runs: 0 };
        // Cheap, and what a reader wants first.
        let (causes, causes_end) = causes::counterfactual(&mut search, on_progress);
        let mut is_complete = causes_end.is_continue();
        let curve_end = if is_complete {
            curve::explore(&mut search, self.cuts.get() as usize, on_progress)
        } else {
            ControlFlow::Break(())
        };
        is_complete &= curve_end.is_continue();
        if is_complete {
            is_complete &= causes::weigh(&mut search, &causes, on_progress).is_continue();
        }
        let causes = causes::ranked(&search, causes);
        let Search { fails, runs, .. } = search;
        Ok(stage.findings(fails, causes, runs, is_complete))
    }
}

/// The runs that were made so far.
struct Search<'a> {
    inquiry: &'a Inquiry<'a>,
    stage: &'a Stage<'a>,
    /// How many of the seeds fail, by the number of choices that are kept.
    fails: BTreeMap<usize, u32>,
    runs: u64,
}

impl Search<'_> {
    /// Makes sure that P(failure) is known at these cuts.
    fn cut_at(&mut self, cuts: &[usize], on_progress: &mut OnProgress<'_>) -> ControlFlow<()> {
        for cut in cuts {
            if self.fails.contains_key(cut) {
                continue;
            }
            let seeds = self.inquiry.seeds.get() as usize;
            let fails = |seed| self.stage.fails_after(*cut, seed);
            let fails = parallel::map(seeds, self.inquiry.jobs, &fails);
            self.runs += seeds as u64;
            self.fails.insert(*cut, fails.into_iter().map(u32::from).sum());
            self.tell(on_progress)?;
        }
        ControlFlow::Continue(())
    }

    fn tell(&self, on_progress: &mut OnProgress<'_>) -> ControlFlow<()> {
        on_progress(&Progress { runs: self.runs, cuts: self.fails.len() })
    }

    fn known(&self, cut: usize) -> Option<u32> {
        self.fails.get(&cut).copied()
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many runs were made.
    pub runs: u64,
    /// At how many cuts P(failure) is known.
    pub cuts: usize,
}

/// Why there is no cause to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoCause {
    /// Its run is not the failure.
    NotReproduced(NotReproduced),
    /// A swarm was asked for, and there is none of this scenario.
    NoSwarm(String),
    /// The scenario cannot take its own faults and commands as a plan has them.
    DoesNotFit(String),
}

impl fmt::Display for NoCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReproduced(why @ NotReproduced::Holds) => {
                write!(f, "{why} that has a cause")
            }
            Self::NotReproduced(why) => why.fmt(f),
            Self::NoSwarm(why) => write!(f, "there is no swarm of its scenario: {why}"),
            Self::DoesNotFit(why) => write!(f, "its run cannot be cut: {why}"),
        }
    }
}

impl std::error::Error for NoCause {}

impl From<NotReproduced> for NoCause {
    fn from(why: NotReproduced) -> Self {
        Self::NotReproduced(why)
    }
}
