use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rehearsal_machine::{NodeId, Time};

/// Tells a watchdog on another thread what a run is doing.
///
/// A machine that never returns from a step cannot be interrupted. A watchdog
/// looks from time to time; if the count has stayed the same for too long, the
/// latest step is the one that hangs, and
/// [`Outcome::of_hanging`](crate::Outcome::of_hanging) is the verdict. How long
/// that is, is a matter of the computer's clock, so this verdict alone is not
/// determined by the seed.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<(u64, Option<StepUnderWay>)>);

/// The latest step that a run has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUnderWay {
    /// The node that takes the step.
    pub node: NodeId,
    /// When, in virtual time.
    pub at: Time,
    /// What the machine was given: `deliver answer`.
    pub input: StepInput,
    /// Has the machine taken it? Then it is a property, or the simulator, that
    /// does not come back.
    pub is_over: bool,
}

/// What a machine is given, as far as it costs nothing to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepInput {
    /// None: the machine is being built.
    Build,
    /// Its start.
    Start,
    /// A message of this kind.
    Message(&'static str),
    /// A timer.
    Timer,
    /// A command.
    Command,
    /// News of a session.
    Link,
}

impl fmt::Display for StepInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build => f.write_str("build"),
            Self::Start => f.write_str("start"),
            Self::Message(kind) => write!(f, "deliver {kind}"),
            Self::Timer => f.write_str("timer"),
            Self::Command => f.write_str("command"),
            Self::Link => f.write_str("link"),
        }
    }
}

impl Pulse {
    /// A count that grows with every event and every step, and the latest step, if
    /// there was one.
    #[must_use]
    pub fn look(&self) -> (u64, Option<StepUnderWay>) {
        self.locked().clone()
    }

    pub(super) fn beat(&self) {
        self.locked().0 += 1;
    }

    pub(super) fn begin(&self, node: NodeId, at: Time, input: StepInput) {
        let (beats, step) = &mut *self.locked();
        *beats += 1;
        *step = Some(StepUnderWay { node, at, input, is_over: false });
    }

    pub(super) fn end(&self) {
        let (beats, step) = &mut *self.locked();
        *beats += 1;
        if let Some(step) = step {
            step.is_over = true;
        }
    }

    fn locked(&self) -> MutexGuard<'_, (u64, Option<StepUnderWay>)> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
