use rehearsal_machine::{NodeId, printable};

use super::columns::{padded, width};
use crate::protocol::Lane;
use crate::trace::{EventKind, Trace};

/// What every node is up to, as columns; or, where there are too many nodes
/// for columns, only what changes.
pub(super) struct Lanes {
    now: Vec<Option<Lane>>,
    columns: Option<usize>,
}

impl Lanes {
    /// Lanes for this many nodes in a room of so many characters.
    pub(super) fn new(nodes: usize, trace: &Trace, room: usize) -> Self {
        let now = trace.lanes(nodes);
        let changes = trace.iter().filter_map(|event| match event.what {
            EventKind::Role { lane, .. } => Some(lane),
            _ => None,
        });
        let lanes = now.iter().copied().flatten().chain(changes);
        let cells = lanes.map(|lane| width(&cell(lane)));
        let name = NodeId::from_index(nodes.max(1) - 1).to_string().len();
        let width = cells.max().unwrap_or(0).max(name) + 1;
        Self { now, columns: (nodes * width <= room).then_some(width) }
    }

    /// The names above the columns.
    pub(super) fn head(&self) -> String {
        let names = (0..self.now.len()).map(|place| NodeId::from_index(place).to_string());
        self.columns.map_or(String::new(), |width| row(names, width))
    }

    /// The lanes as they are.
    pub(super) fn all(&self) -> String {
        self.columns.map_or(String::new(), |width| self.row(width))
    }

    /// Takes changes in that are not shown.
    pub(super) fn pass(&mut self, changes: &[(NodeId, Lane)]) {
        for (node, lane) in changes {
            self.now[node.index()] = Some(*lane);
        }
    }

    /// Takes changes in; the lanes as they are then, if there were any.
    pub(super) fn change(&mut self, changes: &[(NodeId, Lane)]) -> String {
        self.pass(changes);
        if changes.is_empty() {
            return String::new();
        }
        let Some(width) = self.columns else {
            return without_columns(changes);
        };
        self.row(width)
    }

    fn row(&self, width: usize) -> String {
        row(self.now.iter().map(|lane| lane.map_or("-".to_owned(), cell)), width)
    }
}

/// So wide is what is told of roles that changed where there are no columns.
const MOST_WIDTH: usize = 24;

/// The roles that changed, as many as there is room for.
fn without_columns(changes: &[(NodeId, Lane)]) -> String {
    let mut told = String::new();
    for (place, (node, lane)) in changes.iter().enumerate() {
        let next = format!("{}{node} {}", if place == 0 { "" } else { "  " }, cell(*lane));
        if width(&told) + width(&next) > MOST_WIDTH {
            return format!("{told}  and {} more", changes.len() - place);
        }
        told += &next;
    }
    told
}

/// A role that no reader could see is written as an escape.
fn cell(lane: Lane) -> String {
    printable(&lane.to_string()).into_owned()
}

fn row(cells: impl Iterator<Item = String>, width: usize) -> String {
    let cells: Vec<_> = cells.map(|cell| padded(&cell, width)).collect();
    cells.concat().trim_end().to_owned()
}
