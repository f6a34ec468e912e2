use alloc::vec::Vec;
use core::fmt;

use crate::NodeId;

/// A line of what the owner of a node in the paper's form sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// It found the leader offline; or, if it knew none, waited for one in vain.
    Offline(Option<NodeId>),
    /// It asks all from here to the last.
    Asks(NodeId, NodeId),
    /// Somebody above it answered.
    Answered(NodeId),
    /// It told somebody below that it is alive.
    Alive(NodeId),
    /// Nobody above it is alive: it tells all others.
    Leads,
    /// Another one announced itself.
    Follows(NodeId),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline(Some(leader)) => {
                write!(f, "{leader}, who leads, is not online: an election")
            }
            Self::Offline(None) => write!(f, "no news of a leader: an election"),
            Self::Asks(first, last) if first == last => write!(f, "asks {first}"),
            Self::Asks(first, last) => write!(f, "asks {first} to {last}"),
            Self::Answered(by) => write!(f, "{by} is alive, and takes over"),
            Self::Alive(to) => write!(f, "tells {to}: alive"),
            Self::Leads => write!(f, "nobody above is alive: tells all that it leads"),
            Self::Follows(leader) => write!(f, "new leader: {leader}"),
        }
    }
}

/// The last lines, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    lines: Vec<Line>,
    told: usize,
}

/// How many lines a window has room for.
const ROOM: usize = 100;

impl Window {
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How many lines there ever were.
    pub(super) fn told(&self) -> usize {
        self.told
    }

    pub(super) fn push(&mut self, line: Line) {
        if self.lines.len() == ROOM {
            self.lines.remove(0);
        }
        self.lines.push(line);
        self.told += 1;
    }
}
