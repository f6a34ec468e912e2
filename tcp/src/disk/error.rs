use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use super::{Damage, Identity};

/// Why a node's saved state cannot be read, or a save failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum DiskError {
    /// A new life was to begin in a folder with saved state.
    SavedState(PathBuf),
    /// A system call failed. If it was part of a commit, it is unknown whether the commit's saves
    /// are on the disk.
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted, such as `write it`.
        doing: &'static str,
        /// The system's answer.
        error: io::Error,
    },
    /// Another process uses the folder of this lock file.
    InUse(PathBuf),
    /// The file is damaged, in a way that no crash during a write can cause.
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The place and the kind of the damage.
        damage: Damage,
    },
    /// The file was written by another version of this program.
    Version {
        /// Which file.
        path: PathBuf,
        /// The version of the file's format.
        found: u32,
    },
    /// The file belongs to another node.
    OtherNode {
        /// Which file.
        path: PathBuf,
        /// The node that wrote it.
        found: Box<Identity>,
        /// The node that opened it.
        wanted: Box<Identity>,
    },
    /// The machine's types do not match the saved bytes of a cell.
    Undecodable {
        /// Which file.
        path: PathBuf,
        /// The cell's encoded name, in hexadecimal digits.
        cell: String,
    },
    /// The saves of one commit have 4 GiB or more.
    TooLarge(PathBuf),
    /// An earlier commit failed. Nothing is saved after it.
    Stopped(PathBuf),
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, doing, error } => {
                write!(f, "{}: cannot {doing}: {error}", path.display())
            }
            Self::InUse(path) => write!(
                f,
                "{}: another process runs this node: stop it, or use another folder",
                path.display()
            ),
            Self::Damaged { path, damage } => write!(
                f,
                "{}: {damage}; move this file away, keep the rest of the folder, which may have \
                 the node's key, and start the node with `--new-life`: its peers then forget what \
                 it has lost, if their protocol says what that is",
                path.display()
            ),
            Self::Version { path, found } => write!(
                f,
                "{}: it has format version {found}, which this program does not support: use the \
                 version that wrote it",
                path.display()
            ),
            Self::OtherNode { path, found, wanted } => write!(
                f,
                "{}: it was saved by {found}, not by {wanted}: use a separate folder for each node",
                path.display()
            ),
            Self::SavedState(folder) => write!(
                f,
                "{}: a new life begins without saved state, and this folder has some: start the \
                 node without `--new-life`, or move `cells.log` away first",
                folder.display()
            ),
            Self::Undecodable { path, cell } => write!(
                f,
                "{}: this machine cannot decode the value of cell {cell}: run the version that \
                 saved it, or one that can decode it",
                path.display()
            ),
            Self::TooLarge(path) => {
                write!(
                    f,
                    "{}: the saves of one commit have 4 GiB or more: save less at once",
                    path.display()
                )
            }
            Self::Stopped(path) => write!(
                f,
                "{}: an earlier save failed, so nothing more is saved: repair the disk and restart \
                 the node",
                path.display()
            ),
        }
    }
}

impl Error for DiskError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            _ => None,
        }
    }
}
