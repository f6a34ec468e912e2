//! What happened to a node, to the byte: a recording, and its replay.
//!
//! A machine is a function of its inputs, of the time at which they came and of
//! the numbers it drew. A recording has those, and what the machine asked for
//! in return; whoever feeds it to the same machine must get the same effects.
//! If not, it was not the machine alone that decided, or it is another one.
//!
//! The file grows by a record for each input, written before anything that the
//! machine asked for can be seen from outside. It is not brought to the disk: a
//! process that is killed leaves all of it, a power loss may leave less, or a
//! hole, which is refused as damage.

mod effect;
mod error;
mod format;
mod read;
mod recorder;
mod replay;
#[cfg(test)]
mod tests;

pub use error::{RecordingError, RecordingFlaw};
pub use format::{Header, Outcome, RecordedEffect, RecordedInput, SourceFile, Step};
pub use read::{Life, Recording};
pub use recorder::Recorder;
pub use rehearsal_machine::draws::Drawn;
pub use replay::{Difference, Mismatch, replay, replay_step, replay_with};
