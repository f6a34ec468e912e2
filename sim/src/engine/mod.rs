//! One run: takes what is due next, in the queue's order, until nothing is.
//!
//! Each step feeds one input to one machine and carries its effects out one at
//! a time. A fault that waits for an effect acts right after it; if it takes
//! the node down, the rest of the step never happens. After every step the
//! judge looks at the node that changed.

mod draws;
mod faults;
mod judge;
mod pending;
mod report;
mod run;
mod step;
mod tally;
mod triggers;

use crate::chance::Seed;
use crate::panics;
use crate::plan::{Decisions, Plan};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::trace::Keep;
pub use report::Report;
use run::Run;
pub use tally::Tally;

/// How to run a scenario.
#[derive(Clone, Debug)]
pub struct Options {
    /// What chance is made from.
    pub seed: Seed,
    /// How much of the run to keep.
    pub keep: Keep,
    /// Decisions that are not left to chance.
    pub decisions: Decisions,
}

impl Options {
    /// This seed, nothing decided in advance, verdict and digest kept.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self { seed: Seed(seed), keep: Keep::Digest, decisions: Decisions::default() }
    }

    /// As this plan has it, nothing but verdict and digest kept.
    #[must_use]
    pub fn plan<P: Protocol>(plan: &Plan<P>) -> Self {
        let decisions = Decisions::listed(plan.decisions.clone(), plan.rest);
        Self { seed: plan.seed, keep: Keep::Digest, decisions }
    }

    /// Keeps this much of the run.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Leaves these decisions to nobody.
    #[must_use]
    pub fn decisions(mut self, decisions: Decisions) -> Self {
        self.decisions = decisions;
        self
    }
}

/// Runs a scenario from beginning to end.
///
/// A panic of a machine in a step ends the run as a violation of `no_panic`.
///
/// # Panics
/// If anything else panics: a predicate, a protocol's way to print things, or
/// the simulator itself.
#[must_use]
pub fn run<P: Protocol>(scenario: &Scenario<P>, options: Options) -> Report<P> {
    let mut run = Run::new(scenario, options);
    let verdict = panics::catch(|| run.play());
    let failure = match verdict {
        Ok(verdict) => verdict.err(),
        Err(panic) => Some(run.panicked(&panic)),
    };
    run.report(failure)
}
