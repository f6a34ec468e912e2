//! The artefact of a run: everything that decides it, in one file that can be
//! read, edited by hand and replayed after the code has changed.

mod decisions;
mod file;
mod fit;
mod key;

pub use decisions::{Decision, Decisions, Rest};
pub use file::{FORMAT, NoText, Plan};
pub use key::{DecisionKey, MessageKey, NotAKey, TimerKey};
