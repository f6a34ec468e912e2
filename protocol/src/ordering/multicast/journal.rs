use serde::{Deserialize, Serialize};

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Cell, Config, Entry, Event, Multicast, Saved, State};
use crate::ordering::Content;
use crate::two_slot::Slot;
use rehearsal_machine::{Context, NodeId, Storage};

/// After at least so many entries a checkpoint takes their place.
const CHECKPOINT_EVERY: u64 = 256;

/// Where the next entry goes, and which entries and checkpoint the disk has.
///
/// Each entry has a cell of its own, so a save that a crash spoils takes away this one
/// entry alone, and nothing had been done about it. Checkpoints are written to two
/// cells in turn: while one is written, the other one and the entries after it are
/// still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Journal {
    /// How many entries there have been.
    entries: u64,
    /// How many of them are in the latest checkpoint.
    in_checkpoint: u64,
    /// Where the next checkpoint goes.
    slot: Slot,
}

/// The state after so many entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint<T> {
    entries: u64,
    state: State<T>,
}

/// What a journal has told at a restart.
pub(super) struct Restored<T> {
    pub(super) journal: Journal,
    pub(super) state: State<T>,
    /// What followed from the last entry: the owner may not have heard of it.
    pub(super) last: Vec<Event<T>>,
    /// Entries that mean nothing any more.
    pub(super) leftovers: Vec<u64>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self { entries: 0, in_checkpoint: 0, slot: Slot::First }
    }

    /// Brings back the state after the last entry that is on the disk.
    pub(super) fn restore<T: Content>(
        storage: &Storage<Multicast<T>>,
        config: Config,
        me: NodeId,
    ) -> Restored<T> {
        let checkpoint = |slot| match storage.get(&Cell::Checkpoint(slot)) {
            Some(Saved::Checkpoint(checkpoint)) => Some((checkpoint, slot)),
            _ => None,
        };
        let both = [checkpoint(Slot::First), checkpoint(Slot::Second)].into_iter().flatten();
        let latest = both.max_by_key(|(checkpoint, _)| checkpoint.entries);
        let mut journal = Self::new();
        let mut state = State::new(config, me);
        if let Some((checkpoint, slot)) = latest {
            journal.entries = checkpoint.entries;
            journal.in_checkpoint = checkpoint.entries;
            journal.slot = slot.other();
            state = checkpoint.state.clone();
        }
        let mut last = Vec::new();
        while let Some(next) = journal.entries.checked_add(1)
            && let Some(Saved::Entry(entry)) = storage.get(&Cell::Entry(next))
        {
            last = state.apply(entry.clone()).events;
            journal.entries = next;
        }
        let is_leftover =
            |number: &u64| *number <= journal.in_checkpoint || *number > journal.entries;
        let entries = storage.keys().filter_map(|cell| match cell {
            Cell::Entry(number) => Some(*number),
            _ => None,
        });
        let leftovers = entries.filter(is_leftover).collect();
        Restored { journal, state, last, leftovers }
    }

    /// Writes an entry, before anything is done about it.
    pub(super) fn write<T: Content>(
        &mut self,
        entry: Entry<T>,
        cx: &mut Context<'_, Multicast<T>>,
    ) {
        // No node writes 2^64 entries.
        self.entries = self.entries.saturating_add(1);
        cx.save(Cell::Entry(self.entries), Saved::Entry(entry));
    }

    /// Replaces the entries by the state, if there are many: at least as many as the state
    /// holds messages. So all checkpoints together take no more than a fixed multiple of
    /// what the entries take.
    pub(super) fn tidy<T: Content>(
        &mut self,
        state: &State<T>,
        cx: &mut Context<'_, Multicast<T>>,
    ) {
        if self.entries - self.in_checkpoint < CHECKPOINT_EVERY.max(state.kept()) {
            return;
        }
        let checkpoint = Checkpoint { entries: self.entries, state: state.clone() };
        cx.save(Cell::Checkpoint(self.slot), Saved::Checkpoint(Box::new(checkpoint)));
        self.slot = self.slot.other();
        for number in self.in_checkpoint + 1..=self.entries {
            cx.erase(Cell::Entry(number));
        }
        self.in_checkpoint = self.entries;
    }
}
