//! What nodes find of what they saved.

use std::collections::BTreeMap;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::trace::{Damage, Event, EventKind};

use super::{Audit, is};

/// The couriers' one cell, of each node.
#[derive(Default)]
pub(super) struct Disks(BTreeMap<NodeId, Disk>);

/// What a cell holds, if anything.
#[derive(Clone, Copy, Default)]
struct Cell(Option<u64>);

#[derive(Default)]
struct Disk {
    cell: Cell,
    /// What the cell held before the last effect, if that was a save.
    before: Option<Cell>,
    /// What is really there while the disk lies.
    really: Option<Cell>,
    /// What the owner last asked to keep.
    asked: Cell,
    has_just_started: bool,
    down_since: Option<Time>,
}

impl Disks {
    pub(super) fn see(&mut self, event: &Event, amnesia: &[(Time, NodeId)]) -> Audit {
        let Some(node) = event.what.node() else { return Ok(()) };
        let disk = self.0.entry(node).or_default();
        match &event.what {
            EventKind::Start { .. } => {
                disk.has_just_started = true;
                // One that goes down within the instant may do so after it was to forget.
                let was_down = disk.down_since.is_none_or(|since| since < event.at);
                let forgets = was_down && amnesia.contains(&(event.at, node));
                is(!forgets || disk.cell.0.is_none(), "it has forgotten nothing")
            }
            EventKind::Crash { .. } => {
                (disk.has_just_started, disk.down_since) = (false, Some(event.at));
                Ok(())
            }
            EventKind::Command { text, .. } => {
                let number = text.split_once('(').map(|(_, rest)| rest.trim_end_matches(')'));
                let is_keep = text.starts_with("Keep");
                let number = number.filter(|_| is_keep).and_then(|number| number.parse().ok());
                disk.asked = Cell(number);
                Ok(())
            }
            EventKind::Save { .. } => {
                disk.before = Some(disk.cell);
                disk.cell = disk.asked;
                is(disk.asked.0.is_some(), "nobody asked it to save")
            }
            EventKind::Disk { damage, .. } => disk.suffer(*damage),
            EventKind::Emit { text, .. } => {
                disk.before = None;
                if !std::mem::take(&mut disk.has_just_started) {
                    return Ok(());
                }
                let holds = disk.cell.0.map_or("{}".to_owned(), |cell| format!("{{(): {cell}}}"));
                is(text.ends_with(&holds), "it finds something else than it left")
            }
            EventKind::Send { .. } | EventKind::Arm { .. } | EventKind::Disarm { .. } => {
                disk.before = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Disk {
    fn suffer(&mut self, damage: Damage) -> Audit {
        match damage {
            Damage::Lies => {
                self.really = Some(self.cell);
                return Ok(());
            }
            Damage::Lied => self.cell = self.really.take().ok_or("it did not lie")?,
            // A disk that lies goes on to, about nothing.
            Damage::Wiped => {
                (self.cell, self.really) = (Cell(None), self.really.map(|_| Cell(None)));
            }
            Damage::LastLost => self.cell = self.before.ok_or("it was durable")?,
            Damage::LastTorn => {
                is(self.before.is_some(), "it was durable")?;
                self.cell = Cell(None);
            }
            _ => return Err("unknown damage".to_owned()),
        }
        self.before = None;
        Ok(())
    }
}
