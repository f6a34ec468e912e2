use std::num::NonZeroU32;

use super::Trigger;
use crate::source::TimeSpan;

/// From when to when a fault is in force, and how often it strikes at most.
///
/// A window opens with the last event of `after`, and not before `from`. Only
/// events behind that are counted. It closes with the event `before`, at the
/// instant `until`, or at the calm unless the fault outlives it, whichever comes
/// first. The events that open and close it set nothing off themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// `after`: these events come first, one after the other.
    pub after: Vec<Trigger>,
    /// `from`: not before this instant.
    pub from: Option<TimeSpan>,
    /// `before`: this event ends it.
    pub before: Option<Trigger>,
    /// `until`: it ends at this instant.
    pub until: Option<TimeSpan>,
    /// `times`: it strikes so often in a run at most.
    pub times: Option<NonZeroU32>,
}

impl Window {
    /// Does it leave the fault in force for the whole run?
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Its events, each with the field and the place in which it stands.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = (&'static str, Option<usize>, &Trigger)> {
        let after = self.after.iter().enumerate();
        let after = after.map(|(place, trigger)| ("after", Some(place), trigger));
        after.chain(self.before.iter().map(|trigger| ("before", None, trigger)))
    }
}
