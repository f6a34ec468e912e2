//! What can go wrong, as data: when, and what.

mod action;
mod in_code;
mod line;
mod target;
mod text;
mod trigger;

use serde::{Deserialize, Serialize};

use crate::network::Distribution;
use crate::source::TimeSpan;

pub use action::{Action, Disk, Rate, Shift};
pub use in_code::{Receives, Sends};
pub use target::Target;
pub use trigger::{Nth, Trigger};

pub(crate) use text::Sides;

/// One line of a scenario's `faults`: `(at: "100ms", do: Crash(3))`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "line::Line", into = "line::Line")]
pub struct Fault {
    /// When it strikes.
    pub when: When,
    /// What happens then.
    pub action: Action,
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
