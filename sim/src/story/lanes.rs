use rehearsal_machine::NodeId;

use crate::protocol::Lane;
use crate::trace::{Event, EventKind};

/// What every node is up to, as columns; or, where there are too many nodes
/// for columns, only what changes.
pub(super) struct Lanes {
    now: Vec<Option<Lane>>,
    columns: Option<usize>,
}

impl Lanes {
    /// Lanes for this many nodes in a room of so many characters.
    pub(super) fn new(nodes: usize, events: &[Event], room: usize) -> Self {
        let cells = events.iter().filter_map(|event| match &event.what {
            EventKind::Role { lane, .. } => Some(lane.to_string().chars().count()),
            _ => None,
        });
        let name = NodeId::from_index(nodes.max(1) - 1).to_string().len();
        let width = cells.max().unwrap_or(0).max(name) + 1;
        Self { now: vec![None; nodes], columns: (nodes * width <= room).then_some(width) }
    }

    /// The names above the columns.
    pub(super) fn head(&self) -> String {
        let names = (0..self.now.len()).map(|place| NodeId::from_index(place).to_string());
        self.columns.map_or(String::new(), |width| row(names, width))
    }

    /// Takes changes in; the lanes as they are then, if there were any.
    pub(super) fn change(&mut self, changes: &[(NodeId, Lane)]) -> String {
        for (node, lane) in changes {
            self.now[node.index()] = Some(*lane);
        }
        if changes.is_empty() {
            return String::new();
        }
        let Some(width) = self.columns else {
            let told: Vec<_> =
                changes.iter().map(|(node, lane)| format!("{node} {lane}")).collect();
            return told.join("  ");
        };
        let cell = |lane: &Option<Lane>| lane.map_or("-".to_owned(), |lane| lane.to_string());
        row(self.now.iter().map(cell), width)
    }
}

fn row(cells: impl Iterator<Item = String>, width: usize) -> String {
    let cells: Vec<_> = cells.map(|cell| format!("{cell:<width$}")).collect();
    cells.concat().trim_end().to_owned()
}
