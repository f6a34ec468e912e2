use serde::{Deserialize, Serialize};

use rehearsal_machine::mutant;

/// Which of the two cells of a kept value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// The one.
    First,
    /// The other.
    Second,
}

impl Slot {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// A value that only rises, in two durable cells that are written in turn.
///
/// A crash in the middle of a save can leave its cell unreadable. Then the
/// other one still holds what was durable before, as the old page does in
/// shadow paging (Lorie, Physical Integrity in a Large Segmented Database,
/// 1977).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TwoSlot<T> {
    latest: Option<T>,
    half: Slot,
}

impl<T: Copy + Ord> TwoSlot<T> {
    /// What was never saved.
    pub(crate) fn nothing() -> Self {
        Self::restored(|_| None)
    }

    /// What is in the two cells after a restart.
    pub(crate) fn restored(cell: impl Fn(Slot) -> Option<T>) -> Self {
        let (first, second) = (cell(Slot::First), cell(Slot::Second));
        let half = if second > first { Slot::Second } else { Slot::First };
        let latest = if mutant!(FirstSlotWins) { first.or(second) } else { first.max(second) };
        Self { latest, half }
    }

    pub(crate) fn latest(&self) -> Option<T> {
        self.latest
    }

    /// Takes a later value, which is to be saved in the cell that is named.
    pub(crate) fn put(&mut self, value: T) -> Slot {
        self.latest = self.latest.max(Some(value));
        if !mutant!(OneCell) {
            self.half = self.half.other();
        }
        self.half
    }
}
