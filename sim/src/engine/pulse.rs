use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rehearsal_machine::{NodeId, Time};

/// Tells a watchdog on another thread what a run is doing.
///
/// A machine that never returns from a step cannot be interrupted. A watchdog
/// looks at the number of steps from time to time; if it has stayed the same for
/// too long, [`Pulse::step`] names the step, and
/// [`Outcome::of_hanging`](crate::Outcome::of_hanging) is the verdict. How long
/// that is, is a matter of the computer's clock, so this verdict alone is not
/// determined by the seed.
#[derive(Debug, Default)]
pub struct Pulse {
    steps: AtomicU64,
    step: Mutex<Option<StepUnderWay>>,
}

/// The latest step that a run has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUnderWay {
    /// The node that takes the step.
    pub node: NodeId,
    /// When, in virtual time.
    pub at: Time,
    /// What the machine was given: `deliver answer`.
    pub input: Input,
    /// Has the machine taken it? Then it is a property, or the simulator, that
    /// does not come back.
    pub is_over: bool,
}

/// What a machine is given, as far as it costs nothing to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// Its start.
    Start,
    /// A message of this kind.
    Message(&'static str),
    /// A timer.
    Timer,
    /// A command.
    Command,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Message(kind) => write!(f, "deliver {kind}"),
            Self::Timer => f.write_str("timer"),
            Self::Command => f.write_str("command"),
        }
    }
}

impl Pulse {
    /// How many steps the run has begun and ended.
    #[must_use]
    pub fn beats(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// The latest step, if there was one.
    #[must_use]
    pub fn step(&self) -> Option<StepUnderWay> {
        self.locked().clone()
    }

    pub(super) fn begin(&self, node: NodeId, at: Time, input: Input) {
        *self.locked() = Some(StepUnderWay { node, at, input, is_over: false });
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        if let Some(step) = &mut *self.locked() {
            step.is_over = true;
        }
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Option<StepUnderWay>> {
        // Nothing panics while it is locked.
        self.step.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
