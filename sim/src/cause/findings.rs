use rehearsal_machine::Time;

use crate::engine::Outcome;
use crate::plan::{Decision, DecisionKey};

/// What is known of when a failure was decided, and by what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Findings {
    /// The plan's own run, with its events.
    pub outcome: Outcome,
    /// So many seeds have drawn what comes after each cut.
    pub seeds: u32,
    /// Has a swarm drawn it, too?
    pub is_of_swarm: bool,
    /// How many choices the run came to.
    pub choices: usize,
    /// P(failure) at each cut that was tried, in order.
    pub curve: Vec<Point>,
    /// What decided it, the likeliest cause first.
    pub causes: Vec<Cause>,
    /// How many runs were made.
    pub runs: u64,
    /// Was everything tried? Not if it was ended before.
    pub is_complete: bool,
}

/// P(failure) at a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Point {
    /// So many choices are kept.
    pub kept: usize,
    /// When the last one of them was made.
    pub at: Time,
    /// So many of the seeds fail.
    pub fails: u32,
}

/// Something that was decided, and what it has to do with the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// What it is.
    pub change: Change,
    /// When it was decided; at the beginning if nothing had to be.
    pub at: Time,
    /// The number of the event that shows it, if there is one.
    pub event: Option<u64>,
    /// How many seeds fail if it is drawn anew with all that comes after it, and if it is kept. Not
    /// known if the search was ended before.
    pub fails: Option<(u32, u32)>,
    /// Does the run pass without it, everything else kept? Not asked of what is usual.
    pub passes_without: Option<bool>,
}

impl Cause {
    /// By how many seeds it brings the failure nearer: 0 if it does not, or is not known to.
    #[must_use]
    pub fn jump(&self) -> u32 {
        self.fails.map_or(0, |(before, after)| after.saturating_sub(before))
    }
}

/// What a [`Cause`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An unusual decision: a message that is lost, a timer that is late.
    Decision(DecisionKey, Decision),
    /// A fault of the plan, by its place, in words.
    Fault(usize, String),
    /// A choice that went the usual way, and could have gone another.
    Usual(DecisionKey),
    /// None: without any unusual decision, and without the faults that chance has drawn, the run
    /// fails alike.
    Nothing,
}
