use std::collections::BTreeMap;

use crate::network::Lost;

/// What a run amounts to, in numbers. Every copy of a message is counted once:
/// sent + duplicates = delivered + lost + under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Things that happened: starts, commands, arrivals, deadlines, faults.
    pub events: u64,
    /// Messages that machines asked to send, by kind, in order of first use.
    pub sent: Vec<(&'static str, u64)>,
    /// Copies that reached a machine.
    pub delivered: u64,
    /// Further copies that the network made of a message.
    pub duplicates: u64,
    /// Commands whose node was down.
    pub unheard: u64,
    /// Copies that reached no machine, by reason.
    pub lost: BTreeMap<Lost, u64>,
}

impl Tally {
    /// How many messages of a kind were sent.
    #[must_use]
    pub fn sent_of(&self, kind: &str) -> u64 {
        self.sent.iter().find(|(name, _)| *name == kind).map_or(0, |(_, count)| *count)
    }

    /// How many messages were sent.
    #[must_use]
    pub fn sent_in_all(&self) -> u64 {
        self.sent.iter().map(|(_, count)| count).sum()
    }

    /// How many copies reached no machine.
    #[must_use]
    pub fn lost_in_all(&self) -> u64 {
        self.lost.values().sum()
    }

    /// How many copies were still on their way at the end, or held.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        (self.sent_in_all() + self.duplicates) - (self.delivered + self.lost_in_all())
    }

    #[inline]
    pub(crate) fn send(&mut self, kind: &'static str) {
        // The same kind is nearly always the same static string.
        match self.sent.iter_mut().find(|(name, _)| std::ptr::eq(*name, kind)) {
            Some((_, count)) => *count += 1,
            None => self.send_one_of(kind),
        }
    }

    #[cold]
    fn send_one_of(&mut self, kind: &'static str) {
        match self.sent.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, count)) => *count += 1,
            None => self.sent.push((kind, 1)),
        }
    }

    pub(crate) fn lose(&mut self, reason: Lost) {
        *self.lost.entry(reason).or_default() += 1;
    }
}
