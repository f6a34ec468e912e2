//! What can go wrong, as data: when, and what.

mod action;
mod in_code;
mod kind;
mod line;
mod name;
mod target;
mod text;
mod trigger;

use serde::{Deserialize, Serialize};

use crate::network::Distribution;
use crate::source::TimeSpan;

pub use action::{Action, Disk, Rate, Shift};
pub use in_code::{Receives, Sends};
pub use kind::Kind;
pub use name::FaultName;
pub use target::Target;
pub use trigger::{Nth, Trigger};

pub(crate) use text::Sides;

/// One line of a scenario's `faults`: `(at: "100ms", do: Crash(3))`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "line::Line", into = "line::Line")]
pub struct Fault {
    /// `name`: what plans call it, if not by its own words.
    pub name: Option<String>,
    /// When it strikes.
    pub when: When,
    /// What happens then.
    pub action: Action,
}

impl Fault {
    /// This action, then, without a name of its own.
    #[must_use]
    pub fn new(when: When, action: Action) -> Self {
        Self { name: None, when, action }
    }

    /// Does it take a node down at random, and so also within a step? A beat is
    /// kept exactly.
    pub(crate) fn strikes_within_steps(&self) -> bool {
        let is_random =
            matches!(&self.when, When::Every(gap) if !matches!(gap, Distribution::Fixed(_)));
        is_random && self.action.takes_down()
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
    /// `when`: once, right after this event.
    On(Trigger),
    /// `every`: again and again until the calm, after gaps of this law; with
    /// `Exponential` that is a Poisson process, with `Fixed` a period.
    Every(Distribution),
}
