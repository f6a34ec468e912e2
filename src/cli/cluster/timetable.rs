//! What is to happen to a cluster, and when.

use rehearsal_sim::source::TimeSpan;

use super::RunCluster;
use super::links::Links;
use super::typed::Typed;
use crate::cli::CliError;
use crate::cli::protocols::AnyCluster;
use crate::cli::roster::node_of;

/// What is still to happen, the latest first. Nodes are places in the roster, from 0.
pub(super) struct Timetable(Vec<Entry>);

/// Something that is to happen, and how long after all nodes are up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) after: TimeSpan,
    pub(super) what: Deed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Kill(usize),
    /// The node's owner types this line.
    Type {
        node: usize,
        line: String,
    },
    /// Links are cut, mended, or late.
    TurnLinks,
}

impl Timetable {
    /// Refuses what names a node that the roster does not have, and a line that is no command.
    pub(super) fn of(
        wanted: &RunCluster,
        cluster: &dyn AnyCluster,
        links: &Links,
    ) -> Result<Self, CliError> {
        let roster = &cluster.membership().roster;
        let mut entries = Vec::new();
        for Typed { node, after, line } in &wanted.command {
            let node = node_of(roster, "--command", node)?.index();
            cluster.check_line(line).map_err(|reason| {
                CliError::usage(format!("--command: {line:?} is no command: {reason}"))
            })?;
            entries.push(Entry { after: *after, what: Deed::Type { node, line: line.clone() } });
        }
        for kill in &wanted.kill {
            let node = node_of(roster, "--kill", &kill.node)?.index();
            entries.push(Entry { after: kill.after, what: Deed::Kill(node) });
        }
        let changes = links.changes().into_iter();
        entries.extend(changes.map(|after| Entry { after, what: Deed::TurnLinks }));
        // What is asked for at one instant happens in the order in which it was asked for.
        entries.sort_by_key(|entry| entry.after);
        entries.reverse();
        Ok(Self(entries))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the next thing is due.
    pub(super) fn next(&self) -> Option<TimeSpan> {
        self.0.last().map(|entry| entry.after)
    }

    /// The next thing that is due this long after all nodes were up.
    pub(super) fn due(&mut self, elapsed: TimeSpan) -> Option<Deed> {
        self.0.pop_if(|entry| entry.after <= elapsed).map(|entry| entry.what)
    }

    /// What never happened, in its order.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Entry> {
        std::mem::take(&mut self.0).into_iter().rev()
    }
}
