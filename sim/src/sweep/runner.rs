use std::thread;

use super::sight::Known;
use super::{Difference, Sweep, Swept};
use crate::case::{Case, CaseRunner};
use crate::chance::Seed;
use crate::engine::{Options, Outcome};
use crate::plan::Decisions;

/// Runs one seed of a [`Sweep`] after the other, and knows what it has seen.
pub struct SeedRunner<'a> {
    sweep: &'a Sweep,
    /// Uses the memory of the run before, where all runs are of one scenario.
    again: Option<CaseRunner<'a>>,
    known: Known,
}

impl<'a> SeedRunner<'a> {
    pub(super) fn new(sweep: &'a Sweep) -> Self {
        Self { sweep, again: sweep.case_runner(), known: Known::of(sweep.scenario().synopsis()) }
    }

    /// Runs this seed.
    ///
    /// # Panics
    /// As [`run`](crate::run).
    #[must_use]
    pub fn run(&mut self, seed: Seed) -> Swept {
        let (case, fates) = self.sweep.run_of(seed);
        let options = self.sweep.options(fates);
        let mut outcome = match &mut self.again {
            Some(runner) => runner.run(options.clone()),
            None => case.run(options.clone()),
        };
        let case = &case;
        let difference = if self.sweep.is_twice {
            Difference::between(&outcome, &afresh(case, options.clone())).map(Box::new)
        } else {
            None
        };
        outcome.events = None;
        let fingerprint = outcome.fingerprint(case.synopsis());
        let unusual = fingerprint.as_ref().map(|_| unusual(case, options));
        let sights = self.known.look(case.synopsis(), &outcome);
        Swept { seed, outcome, fingerprint, unusual, sights, difference }
    }
}

/// The same on a thread on which nothing has run.
fn afresh(case: &Case, options: Options) -> Outcome {
    thread::scope(|scope| scope.spawn(|| case.run(options)).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How many decisions and faults of a failing run were not the usual ones.
fn unusual(case: &Case, options: Options) -> u64 {
    let noting = Decisions::default().taking_notes();
    let noted = case.run(options.keep(crate::trace::Keep::Verdict).decisions(noting));
    let decisions = noted.decisions.map_or(0, |decisions| decisions.len());
    let struck = noted.strikes.iter().filter(|strikes| **strikes > 0).count();
    (decisions + struck) as u64
}
