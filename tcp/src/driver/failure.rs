use std::fmt;
use std::io;
use std::net::SocketAddr;

use rehearsal_machine::NodeId;

use crate::disk::DiskError;
use crate::recording::RecordingError;

/// Why a node could not begin, or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum NodeError {
    /// It is no member of its cluster.
    NotInRoster(NodeId),
    /// Members have keys, and it has none, or not the one in the roster.
    Key,
    /// What it was given cannot be: what, and why not.
    Setup(&'static str),
    /// It cannot listen at its address.
    Listen(SocketAddr, io::Error),
    /// What it has saved cannot be read, or it could not save: nothing was said
    /// after that.
    Disk(DiskError),
    /// What its machine saves has no postcard form.
    Unserializable(postcard::Error),
    /// What happened to it could not be noted: nothing was said after that.
    Recording(RecordingError),
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInRoster(node) => write!(f, "there is no {node} in the roster"),
            Self::Key => f.write_str("the node's key is not the one that the roster has for it"),
            Self::Setup(why) => f.write_str(why),
            Self::Listen(address, error) => write!(f, "cannot listen at {address}: {error}"),
            Self::Disk(error) => error.fmt(f),
            Self::Recording(error) => error.fmt(f),
            Self::Unserializable(error) => {
                write!(f, "what the machine saves cannot be written: {error}")
            }
        }
    }
}

impl std::error::Error for NodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(_, error) => Some(error),
            Self::Disk(error) => Some(error),
            Self::Unserializable(error) => Some(error),
            Self::Recording(error) => Some(error),
            Self::NotInRoster(_) | Self::Key | Self::Setup(_) => None,
        }
    }
}
