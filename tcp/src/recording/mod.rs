//! Recordings of real nodes, and their replay.
//!
//! A machine is a function of its inputs, of their times, and of the numbers that it draws. A
//! recording has all of these, and the effects with which the machine answered. A replay feeds the
//! recorded inputs to the same machine, which must produce the same effects, byte for byte. If it
//! does not, the machine is a different one, or is not a pure function of its inputs.
//!
//! The file grows by one record for each input, which is written before any effect of the input can
//! be observed. It is not synced: a killed process leaves a complete recording, while a power loss
//! may cut off the end, or leave a gap, which is rejected as damage.

mod error;
mod format;
mod reader;
mod recorder;
mod replay;
#[cfg(test)]
pub(crate) mod tests;

pub use error::{RecordingError, RecordingFlaw};
pub use format::{Header, Outcome, RecordedEffect, RecordedInput, SourceFile, Step, message_kind};
pub use reader::{Life, Recording};
pub use recorder::Recorder;
pub use rehearsal_machine::draws::Drawn;
pub use replay::{Difference, Mismatch, replay, replay_step, replay_with};
