use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use rehearsal_machine::NodeId;

use crate::disk::Damage;

/// Why a recording cannot be read, written or continued.
#[derive(Debug)]
pub struct RecordingError {
    /// The recording's file.
    pub path: PathBuf,
    /// What is wrong.
    pub flaw: RecordingFlaw,
}

/// What is wrong with a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordingFlaw {
    /// A system call failed.
    File {
        /// What was attempted, such as `write it`.
        doing: &'static str,
        /// The system's answer.
        error: io::Error,
    },
    /// The file is a symbolic link, which could lead anywhere.
    SymbolicLink,
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// Another process records into the file.
    InUse,
    /// The file is not a recording.
    NotARecording,
    /// The file was written by a newer version of this program, in this format version.
    Version(u32),
    /// The file is damaged, in a way that no killed process can cause.
    Damaged(Damage),
    /// The file is a recording of another node or protocol.
    OtherNode {
        /// The protocol in the file.
        protocol: String,
        /// The node in the file.
        node: NodeId,
    },
    /// A value of the machine cannot be serialized.
    Unserializable(postcard::Error),
    /// A step has 4 GiB or more.
    TooLong,
    /// An earlier write failed. Nothing is recorded after it.
    Stopped,
}

impl RecordingFlaw {
    pub(super) fn at(self, path: &Path) -> RecordingError {
        RecordingError { path: path.to_owned(), flaw: self }
    }
}

/// Converts the error of a system call, for `map_err`.
pub(super) fn io_error(doing: &'static str) -> impl FnOnce(io::Error) -> RecordingFlaw {
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
            Self::SymbolicLink => {
                f.write_str("this is a symbolic link: name the file that it leads to")
            }
            Self::NotAFile => f.write_str("this is no regular file: name a new file"),
            Self::InUse => f.write_str("another process records into this file: use another file"),
            Self::NotARecording => f.write_str("this is not a recording: use another file"),
            Self::Version(found) => write!(
                f,
                "it has format version {found}, which this program does not support: use the \
                 version that recorded it"
            ),
            Self::Damaged(damage) => {
                write!(f, "{damage}; use a copy of the recording, or record into another file")
            }
            Self::OtherNode { protocol, node } => write!(
                f,
                "this is a recording of {node} running {protocol:?}: use a separate file for each \
                 node"
            ),
            Self::Unserializable(error) => write!(
                f,
                "the machine has a value that cannot be recorded ({error}): see how its type \
                 implements `Serialize`"
            ),
            Self::TooLong => {
                f.write_str("a step has 4 GiB or more: let the machine do less in one step")
            }
            Self::Stopped => f.write_str(
                "an earlier write failed, so nothing more is recorded: repair the disk and restart \
                 the node",
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
