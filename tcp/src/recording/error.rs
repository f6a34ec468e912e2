use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use rehearsal_machine::NodeId;

use crate::disk::Damage;

/// Why a file cannot be recorded into or read.
#[derive(Debug)]
pub struct RecordingError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub flaw: RecordingFlaw,
}

/// What is wrong with a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordingFlaw {
    /// The operating system refuses.
    File {
        /// What we wanted of it: `write it`, say.
        doing: &'static str,
        /// What it said.
        error: io::Error,
    },
    /// Another process records into it.
    InUse,
    /// It is something else.
    NotARecording,
    /// A newer version of this program has written it: the version of its format.
    Version(u32),
    /// It is damaged, and not by a process that was killed while it recorded.
    Damaged(Damage),
    /// It is a recording of another node, or of another protocol.
    OtherNode {
        /// The protocol.
        protocol: String,
        /// The node.
        node: NodeId,
    },
    /// A machine's value cannot be written as postcard's bytes.
    Unserializable(postcard::Error),
    /// A single step has 4 GiB or more.
    TooLong,
    /// A write has failed earlier: nothing is recorded after it.
    Stopped,
}

impl RecordingFlaw {
    pub(super) fn at(self, path: &Path) -> RecordingError {
        RecordingError { path: path.to_owned(), flaw: self }
    }
}

/// For `map_err`, where the system is asked for something.
pub(super) fn file(doing: &'static str) -> impl FnOnce(io::Error) -> RecordingFlaw {
    move |error| RecordingFlaw::File { doing, error }
}

impl From<Damage> for RecordingFlaw {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.flaw)
    }
}

impl fmt::Display for RecordingFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { doing, error } => write!(f, "cannot {doing}: {error}"),
            Self::InUse => f.write_str("another process records into it: use another file"),
            Self::NotARecording => f.write_str("this is no recording: use another file"),
            Self::Version(found) => write!(
                f,
                "its format is version {found}, which this program does not know: use the one \
                 that recorded it, or a newer one"
            ),
            Self::Damaged(damage) => {
                write!(f, "{damage}; use a copy of the recording, or record anew into another file")
            }
            Self::OtherNode { protocol, node } => write!(
                f,
                "this is a recording of {node} running {protocol:?}: use a file for each node"
            ),
            Self::Unserializable(error) => write!(
                f,
                "the machine has a value that cannot be recorded ({error}): see how its type \
                 implements `Serialize`"
            ),
            Self::TooLong => f.write_str("4 GiB or more to record of one step: ask for less in it"),
            Self::Stopped => f.write_str(
                "an earlier write failed, and nothing is recorded after it: start the node again \
                 once the disk is well",
            ),
        }
    }
}

impl Error for RecordingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.flaw.source()
    }
}

impl Error for RecordingFlaw {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            Self::Unserializable(error) => Some(error),
            _ => None,
        }
    }
}
