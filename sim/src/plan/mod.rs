//! The artefact of a run: everything that decides it, in one file that can be
//! read, edited by hand and replayed after the code has changed.

mod cut;
mod decisions;
mod file;
mod fit;
mod kept;
mod key;
mod not_reproduced;
mod settle;

pub(crate) use cut::{Choice, Cut, Phase};
pub use decisions::{Decision, Decisions, Rest};
pub use file::{FORMAT, NoText, Plan};
pub use kept::{FAILURES, failure_file, file_beside, path_hash, write_new};
pub use key::{DecisionKey, MessageKey, NotAKey, TimerKey};
pub use not_reproduced::NotReproduced;
