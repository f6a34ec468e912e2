use alloc::vec::Vec;
use core::fmt;

use rehearsal_machine::NodeId;

/// A line of what the owner of a node in the paper's form sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// It found the leader offline; or, if it knew none, waited for one in vain.
    Offline(Option<NodeId>),
    /// It asks all from here to the last.
    Asks(NodeId, NodeId),
    /// A higher node answered.
    Answered(NodeId),
    /// It told a lower node that it is alive.
    Alive(NodeId),
    /// No higher node is alive, or a lower one says that it leads: it tells
    /// all others that it does.
    Leads {
        /// Who it is.
        me: NodeId,
        /// How many nodes there are.
        nodes: u32,
    },
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
            Self::Asks(first, last) => {
                f.write_str("asks ")?;
                range(*first, *last, f)
            }
            Self::Answered(by) => write!(f, "{by} is alive, and takes over"),
            Self::Alive(to) => write!(f, "tells {to}: alive"),
            Self::Leads { me, nodes } => {
                f.write_str("tells ")?;
                others(*me, *nodes, f)?;
                f.write_str(" that it leads")
            }
            Self::Follows(leader) => write!(f, "new leader: {leader}"),
        }
    }
}

fn others(me: NodeId, nodes: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let bounds = |first, last| {
        NodeId::new(first).zip(NodeId::new(last)).filter(|(first, last)| first <= last)
    };
    let below = bounds(1, me.number() - 1);
    let above = bounds(me.number().saturating_add(1), nodes);
    if let Some((first, last)) = below {
        range(first, last, f)?;
    }
    if below.is_some() && above.is_some() {
        f.write_str(", ")?;
    }
    match above {
        Some((first, last)) => range(first, last, f),
        None if below.is_none() => f.write_str("nobody"),
        None => Ok(()),
    }
}

fn range(first: NodeId, last: NodeId, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if first == last {
        return write!(f, "{first}");
    }
    let between = if last.number() - first.number() == 1 { "," } else { " to" };
    write!(f, "{first}{between} {last}")
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

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn a_leader_lists_the_nodes_it_tells() {
        let line = |me, nodes| Line::Leads { me: NodeId::new(me).unwrap(), nodes }.to_string();
        assert_eq!(line(2, 3), "tells n1, n3 that it leads");
        assert_eq!(line(3, 3), "tells n1, n2 that it leads");
        assert_eq!(line(1, 4), "tells n2 to n4 that it leads");
        assert_eq!(line(4, 9), "tells n1 to n3, n5 to n9 that it leads");
        assert_eq!(line(1, 1), "tells nobody that it leads");
    }
}
