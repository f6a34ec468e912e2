//! What can go wrong, as data: when, and what.

mod action;
mod drawn;
mod in_code;
mod kind;
mod line;
mod name;
mod pattern;
mod target;
mod text;
mod trigger;
mod window;

use serde::{Deserialize, Serialize};

use crate::network::Distribution;
use crate::source::TimeSpan;

pub use action::{Action, Disk, Rate, Shift};
pub use in_code::{Receives, Sends};
pub use kind::Kind;
pub use name::FaultName;
pub use target::Target;
pub use trigger::{Nth, Trigger};
pub use window::Window;

pub(crate) use line::{Line, Place};
pub(crate) use pattern::fits;
pub(crate) use text::Sides;

/// One thing that goes wrong, as a line of a scenario's `faults` has it:
/// `(at: "100ms", do: Crash(3))`. A line that does several things is as many faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Line", into = "Line")]
#[non_exhaustive]
pub struct Fault {
    /// `name`: what plans call it, if not by its own words.
    pub name: Option<String>,
    /// When it strikes.
    pub when: When,
    /// From when to when it is in force, and how often it strikes at most.
    pub window: Window,
    /// `lasting`: what it does outlives the calm, and the calm does not keep it from
    /// striking.
    pub lasting: bool,
    /// What happens then.
    pub action: Action,
}

impl Fault {
    /// This action, then, without a name of its own.
    #[must_use]
    pub fn new(when: When, action: Action) -> Self {
        Self { name: None, when, window: Window::default(), lasting: false, action }
    }

    /// Does it take a node down at random, and so also within a step? A beat is
    /// kept exactly.
    pub(crate) fn strikes_within_steps(&self) -> bool {
        let is_random =
            matches!(&self.when, When::Every(gap) if !matches!(gap, Distribution::Fixed(_)));
        is_random && self.action.takes_down()
    }

    /// Can it strike more than once?
    pub(crate) fn is_repeated(&self) -> bool {
        match self.when {
            When::At(_) | When::On(_) => false,
            When::Within(..) => self.window.times.is_some_and(|times| times.get() > 1),
            When::Each(_) | When::Every(_) => true,
        }
    }

    /// Does it strike at instants that chance draws, so that a plan lists them?
    pub(crate) fn is_timed_by_chance(&self) -> bool {
        matches!(self.when, When::Within(..) | When::Every(_))
    }

    /// The same with a name of its own, by which plans call it from then on: an
    /// edit of the fault then renames and redraws nothing. See [`FaultName`].
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}

/// When a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// `at`: once, at this instant.
    At(TimeSpan),
    /// `at: Uniform(..)`: at an instant from the first to the second, each nanosecond as
    /// likely; at so many of them, independent of each other, as `times` says.
    Within(TimeSpan, TimeSpan),
    /// `when`: once, right after this event.
    On(Trigger),
    /// `each`: right after every such event, from its `nth` on.
    Each(Trigger),
    /// `every`: again and again until the calm, after gaps of this law; with
    /// `Exponential` that is a Poisson process, with `Fixed` a period.
    Every(Distribution),
}

impl When {
    /// The event that sets the fault off, if one does.
    #[must_use]
    pub fn trigger(&self) -> Option<&Trigger> {
        match self {
            Self::On(trigger) | Self::Each(trigger) => Some(trigger),
            Self::At(_) | Self::Within(..) | Self::Every(_) => None,
        }
    }
}
