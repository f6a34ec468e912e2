use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use super::{Damage, Identity};

/// Why what a node saves cannot be read or kept.
#[derive(Debug)]
#[non_exhaustive]
pub enum DiskError {
    /// The operating system refuses: when the node starts, or later a save
    /// itself. It is not known then if that save is on the disk.
    File {
        /// What it was about.
        path: PathBuf,
        /// What we wanted of it: `write it`, say.
        doing: &'static str,
        /// What it said.
        error: io::Error,
    },
    /// Another process runs this node in this folder.
    InUse(PathBuf),
    /// The file is damaged, and not by a crash while it was written.
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where, and what is wrong there.
        damage: Damage,
    },
    /// A newer version of this program has written the file.
    Version {
        /// Which file.
        path: PathBuf,
        /// The version of its format.
        found: u32,
    },
    /// What is saved there is another node's.
    OtherNode {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        found: Box<Identity>,
        /// Who wanted it.
        wanted: Box<Identity>,
    },
    /// The machine cannot read what it saved: the cell's bytes, in hexadecimal
    /// digits.
    Undecodable {
        /// Which file.
        path: PathBuf,
        /// The cell.
        cell: String,
    },
    /// What is saved at once has 4 GiB or more.
    TooLarge(PathBuf),
    /// A save has failed earlier: nothing is saved after it.
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
                "{}: another process runs this node here: stop it first, or use another folder",
                path.display()
            ),
            Self::Damaged { path, damage } => write!(
                f,
                "{}: {damage}; restore the folder from a copy, or remove it if the protocol bears \
                 a node that rejoins having forgotten all it saved",
                path.display()
            ),
            Self::Version { path, found } => write!(
                f,
                "{}: its format is version {found}, which this program does not know: use the \
                 one that wrote it, or a newer one",
                path.display()
            ),
            Self::OtherNode { path, found, wanted } => write!(
                f,
                "{}: this is what {found} saved, not {wanted}: use a folder for each node",
                path.display()
            ),
            Self::Undecodable { path, cell } => write!(
                f,
                "{}: this machine cannot read what cell {cell} holds: run the version that saved \
                 it, or one that reads it",
                path.display()
            ),
            Self::TooLarge(path) => {
                write!(f, "{}: 4 GiB or more to save at once: save less", path.display())
            }
            Self::Stopped(path) => write!(
                f,
                "{}: an earlier save failed, and nothing is saved after it: start the node again \
                 once the disk is well",
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
