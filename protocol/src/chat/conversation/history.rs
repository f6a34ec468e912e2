use alloc::collections::VecDeque;

use super::{Cell, Conversation, Remark, Saved};
use rehearsal_machine::{Context, Storage};

/// The last remarks that a user has seen, its own among them, oldest first.
///
/// Each has a cell of its own, named by the number of the delivery. So a save that a
/// crash spoils takes away this one remark, whose delivery the journal of the multicast
/// recalls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct History {
    /// How many remarks it keeps, at least 1.
    most: usize,
    remarks: VecDeque<(u64, Remark)>,
}

impl History {
    pub(super) fn new(most: u32) -> Self {
        Self { most: most.max(1) as usize, remarks: VecDeque::new() }
    }

    /// Reads what an earlier life has saved, and erases what is too old.
    pub(super) fn restore(
        &mut self,
        storage: &Storage<Conversation>,
        cx: &mut Context<'_, Conversation>,
    ) {
        let saved = storage.iter().filter_map(|(cell, saved)| match (cell, saved) {
            (Cell::History(number), Saved::Remark(remark)) => Some((*number, remark.clone())),
            _ => None,
        });
        self.remarks = saved.collect();
        self.drop_oldest(cx);
    }

    /// The number of the last delivery that is in it; 0 if it is empty.
    pub(super) fn last(&self) -> u64 {
        self.remarks.back().map_or(0, |(number, _)| *number)
    }

    pub(super) fn remarks(&self) -> impl DoubleEndedIterator<Item = &Remark> + ExactSizeIterator {
        self.remarks.iter().map(|(_, remark)| remark)
    }

    /// Adds and saves the remark of this delivery.
    pub(super) fn push(&mut self, number: u64, remark: Remark, cx: &mut Context<'_, Conversation>) {
        cx.save(Cell::History(number), Saved::Remark(remark.clone()));
        self.remarks.push_back((number, remark));
        self.drop_oldest(cx);
    }

    fn drop_oldest(&mut self, cx: &mut Context<'_, Conversation>) {
        while self.remarks.len() > self.most
            && let Some((number, _)) = self.remarks.pop_front()
        {
            cx.erase(Cell::History(number));
        }
    }
}
