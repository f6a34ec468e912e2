//! The smallest run that fails in the same way.
//!
//! A failing run of a hunt has hundreds of decisions, and few of them matter.
//! [`shrink`] first writes out every decision of the run that was not the usual
//! one, so that whatever is taken away goes back to the usual. It then tries
//! smaller plans, and keeps each one that fails with the same
//! [`Fingerprint`](crate::check::Fingerprint): the same check, for the same
//! reason, at the same kind of event.
//!
//! What is tried, in this order, again and again until nothing changes:
//!
//! 1. whole *clusters* are taken away (`clusters`): all commands, all faults, all
//!    decisions; a node's commands and decisions; all decisions on a link, on a kind of
//!    message, of an incarnation, of a round, on one fault, of a sort;
//! 2. halves of everything that is left, then quarters, and in the end single
//!    parts. This is delta debugging (Zeller and Hildebrandt 2002). Decisions are in
//!    the order in which they came up, so each of these is a span of time;
//! 3. what is left is made *milder* (`milder`): a crash becomes a pause, a loss
//!    a delay, long spans become short ones and odd numbers round ones;
//! 4. the run ends soon after its failure.
//!
//! Scott et al. (2016) measured on Raft that halves and single parts alone leave
//! half of a run, and that most of the rest goes if clusters are tried first and
//! if a decision on a message may move to an earlier message of its kind once
//! messages before it are gone. So a candidate that fails to fail is tried once
//! more with such decisions moved (`trial`).
//!
//! The result is *1-minimal*: without any one of its decisions, faults, commands
//! or nodes the run no longer fails like this. It does not depend on the number of
//! jobs: candidates are tried side by side, and of those that are good the first
//! one counts.

mod clusters;
mod draft;
mod milder;
mod reduce;
mod trial;
mod twin;

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::case::{Case, RunCase};
use crate::check::Check;
use crate::plan::{NotReproduced, Plan};
use crate::source::Reason;

use reduce::Reduction;
use trial::Trial;
pub use twin::Twin;

/// Is told how far it has come; `Break` ends with the best so far.
pub type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// How a plan is shrunk.
pub struct Shrinker<'a> {
    run: &'a RunCase<'a>,
    must_hold: Option<&'a Case>,
    jobs: NonZeroUsize,
}

impl Default for Shrinker<'_> {
    fn default() -> Self {
        Self { run: &|case, options| case.run(options), must_hold: None, jobs: NonZeroUsize::MIN }
    }
}

impl<'a> Shrinker<'a> {
    /// With one job, and nothing that must hold.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs cases by this function.
    #[must_use]
    pub fn run_by(self, run: &'a RunCase<'a>) -> Self {
        Self { run, ..self }
    }

    /// A smaller plan counts only if this scenario holds under the same faults,
    /// commands and decisions, without a planted bug. It is the repaired
    /// configuration, or the same one where the failing run has a planted bug:
    /// so the plan does not slip to a failure that has nothing to do with the
    /// first one.
    #[must_use]
    pub fn must_hold(self, case: &'a Case) -> Self {
        Self { must_hold: Some(case), ..self }
    }

    /// Tries so many candidates at a time, each on a thread. The result is the
    /// same for any number.
    #[must_use]
    pub fn jobs(self, jobs: NonZeroUsize) -> Self {
        Self { jobs, ..self }
    }

    /// Shrinks this plan.
    pub fn shrink(
        &self,
        plan: &Plan,
        on_progress: &mut OnProgress<'_>,
    ) -> Result<Shrunk, NotShrinkable> {
        let does_not_fit = |reason: Reason| NotShrinkable::DoesNotFit(reason.to_string());
        let changes = plan.settled_commands();
        let settled = changes.as_ref().map(|changes| plan.settled(changes)).transpose();
        let settled = settled.map_err(does_not_fit)?;
        let other = self.must_hold.zip(changes.as_ref());
        let other = other.map(|(case, changes)| case.with_changes(plan.seed, changes)).transpose();
        let other = other.map_err(does_not_fit)?;
        let plan = settled.as_ref().unwrap_or(plan);
        let (trial, first) = Trial::begin(self.run, plan, other.as_ref().or(self.must_hold))?;
        let before = first.size(plan.case.synopsis().nodes);
        let mut reduction = Reduction::new(&trial, first, self.jobs, on_progress);
        let is_minimal = reduction.run().is_continue();
        let twin = twin::of(&trial, &reduction.draft, self.jobs);
        let Reduction { draft, tried, .. } = reduction;
        Ok(Shrunk {
            plan: trial.plan(&draft, true),
            twin,
            before,
            after: draft.size(plan.case.synopsis().nodes),
            tried,
            is_minimal,
        })
    }
}

/// Shrinks a plan with one job; see [`Shrinker`].
pub fn shrink(plan: &Plan) -> Result<Shrunk, NotShrinkable> {
    Shrinker::new().shrink(plan, &mut |_| ControlFlow::Continue(()))
}

/// What came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Shrunk {
    /// The smallest plan that was found.
    pub plan: Plan,
    /// The same plan with one change, under which nothing fails, if there is one.
    pub twin: Option<Twin>,
    /// How large the first plan was, with all its decisions.
    pub before: Size,
    /// How large the smallest one is.
    pub after: Size,
    /// How many smaller plans were tried.
    pub tried: u64,
    /// Is it 1-minimal? Not if the search was ended before.
    pub is_minimal: bool,
}

/// How much a plan has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Size {
    /// Nodes that take part at some time.
    pub nodes: usize,
    /// Commands.
    pub commands: usize,
    /// Faults.
    pub faults: usize,
    /// Decisions that are not the usual ones.
    pub decisions: usize,
}

impl Size {
    /// What is unusual about the run: faults and decisions.
    #[must_use]
    pub fn unusual(&self) -> usize {
        self.faults + self.decisions
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: usize, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {more}"),
        };
        write!(
            f,
            "{}, {}, {}, {}",
            counted(self.nodes, "node", "nodes"),
            counted(self.commands, "command", "commands"),
            counted(self.faults, "fault", "faults"),
            counted(self.decisions, "decision", "decisions")
        )
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many smaller plans were tried.
    pub tried: u64,
    /// How large the smallest one is.
    pub size: Size,
}

/// Why a plan cannot be shrunk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotShrinkable {
    /// Its run is not the failure.
    NotReproduced(NotReproduced),
    /// The failure is there in the scenario that must hold, too, under all faults and
    /// decisions of the run.
    FailsAnyway {
        /// The check that fails there.
        check: Check,
        /// Why.
        reason: String,
    },
    /// The scenario that must hold cannot take the faults, commands or nodes of
    /// the run.
    DoesNotFit(String),
}

impl fmt::Display for NotShrinkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReproduced(why @ NotReproduced::Holds) => write!(f, "{why} to shrink"),
            Self::NotReproduced(why) => why.fmt(f),
            Self::FailsAnyway { check, reason } => write!(
                f,
                "the scenario that must hold fails, too, under the faults and decisions of this \
                 run ({check}: {reason}): choose one that survives them"
            ),
            Self::DoesNotFit(why) => write!(
                f,
                "the scenario that must hold cannot take the faults, commands and nodes of this \
                 run: {why}"
            ),
        }
    }
}

impl std::error::Error for NotShrinkable {}

impl From<NotReproduced> for NotShrinkable {
    fn from(why: NotReproduced) -> Self {
        Self::NotReproduced(why)
    }
}
