//! Two runs compared event by event: what both have, what only one has, what
//! another one has at another time.
//!
//! Events are aligned by their names, not by their places: a message by its
//! [`MessageKey`](crate::plan::MessageKey), a timer by its
//! [`TimerKey`](crate::plan::TimerKey), an effect by the input of its step. So a
//! message that comes later is the same message, and an event more changes
//! nothing about those after it.

mod align;
mod content;
mod first;
mod name;

use std::collections::BTreeMap;

use rehearsal_machine::Time;
use serde::Serialize;

pub(crate) use align::{Place, longest_increasing, merge};
use content::{is_same, is_same_but_for_times};
pub use first::First;
use name::Names;

use crate::trace::{Digest, Event, EventKind, Trace};

/// One of two runs that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What happened.
    pub events: &'a Trace,
    /// The digests of its first 1,024, 2,048, ... events, as
    /// [`Outcome::checkpoints`](crate::Outcome::checkpoints) has them; none if they are not known.
    pub checkpoints: &'a [Digest],
}

/// What two runs, A and B, have in common, and where they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diff {
    /// So many events at the beginning are the same, of those that are compared.
    pub same_at_first: u64,
    /// Every later event of both runs, in one order: that of B, with what only A has put in by
    /// its time.
    pub rest: Vec<Pairing>,
    /// Where the runs part, if they do.
    pub first: Option<First>,
    /// Before this instant not all events of both runs are kept, and none was compared.
    pub since: Option<Time>,
    /// Do the runs differ before that instant? That is known if both have digests.
    pub differ_before: bool,
    /// The events of A and B that were compared.
    pub(crate) compared: [Vec<Event>; 2],
}

/// An event of A, an event of B, or an event of both. Events are called by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Pairing {
    /// Both have it, at the same instant.
    Same {
        /// Its number in A.
        a: u64,
        /// Its number in B.
        b: u64,
    },
    /// Both have it, and nothing but times or the order is another one.
    Moved {
        /// Its number in A.
        a: u64,
        /// Its number in B.
        b: u64,
    },
    /// Both have it, and it is not the same: a message that arrives in one run and is lost in the
    /// other.
    Changed {
        /// Its number in A.
        a: u64,
        /// Its number in B.
        b: u64,
    },
    /// Only A has it.
    Removed {
        /// Its number in A.
        a: u64,
    },
    /// Only B has it.
    Added {
        /// Its number in B.
        b: u64,
    },
}

/// How many events of two runs are the same, and how many differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Events of both runs at the same instant.
    pub same: u64,
    /// Events of both runs at another time.
    pub moved: u64,
    /// Events of both runs that say something else.
    pub changed: u64,
    /// Events of A alone.
    pub removed: u64,
    /// Events of B alone.
    pub added: u64,
}

/// Compares two runs.
#[must_use]
pub fn compare(a: Side<'_>, b: Side<'_>) -> Diff {
    let since = first::all_kept_since(a.events, b.events);
    let differ_before = first::differ_before_what_is_kept(a, b);
    let events_of = |side: Side<'_>| -> Vec<Event> {
        let is_compared = |event: &Event| since.is_none_or(|since| event.at >= since);
        side.events.iter().filter(is_compared).collect()
    };
    let (all_a, all_b) = (events_of(a), events_of(b));
    // Digests speak of the whole run, so they say nothing where its beginning is not compared.
    let known = if since.is_none() { first::same_by_digests((a, &all_a), (b, &all_b)) } else { 0 };
    let differs = |(a, b): &(&Event, &Event)| !(a.at == b.at && is_same(&a.what, &b.what));
    let same = all_a[known..].iter().zip(&all_b[known..]).position(|pair| differs(&pair));
    let same = same.map_or(all_a.len().min(all_b.len()), |place| place + known);
    let rest = pairings(&all_a, &all_b, same);
    let first = First::of(&all_a, &all_b, same, &rest);
    let same_at_first = same as u64;
    let compared = [all_a, all_b];
    Diff { same_at_first, rest, first, since, differ_before, compared }
}

impl Pairing {
    /// The number in B of the event with this number in A, if that has one.
    #[must_use]
    pub fn b_of(self, number: u64) -> Option<u64> {
        self.both().filter(|(a, _)| *a == number).map(|(_, b)| b)
    }

    /// The number in A of the event with this number in B, if that has one.
    #[must_use]
    pub fn a_of(self, number: u64) -> Option<u64> {
        self.both().filter(|(_, b)| *b == number).map(|(a, _)| a)
    }

    /// The numbers in A and in B, if both have it.
    fn both(self) -> Option<(u64, u64)> {
        match self {
            Self::Same { a, b } | Self::Moved { a, b } | Self::Changed { a, b } => Some((a, b)),
            Self::Removed { .. } | Self::Added { .. } => None,
        }
    }
}

impl Diff {
    /// Are the runs equal, as far as they were compared?
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.first.is_none() && !self.differ_before
    }

    /// Was there any event to compare?
    #[must_use]
    pub fn has_compared(&self) -> bool {
        self.compared.iter().any(|events| !events.is_empty())
    }

    /// How many events are the same, and how many differ.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { same: self.same_at_first, ..Counts::default() };
        for pairing in &self.rest {
            let count = match pairing {
                Pairing::Same { .. } => &mut counts.same,
                Pairing::Moved { .. } => &mut counts.moved,
                Pairing::Changed { .. } => &mut counts.changed,
                Pairing::Removed { .. } => &mut counts.removed,
                Pairing::Added { .. } => &mut counts.added,
            };
            *count += 1;
        }
        counts
    }

    /// Which event of B is which one of A.
    pub(crate) fn partners(&self) -> Partners {
        let first = |events: &[Event]| events.first().map_or(0, |event| event.number);
        Partners {
            same: self.same_at_first,
            first: self.compared.each_ref().map(|events| first(events)),
            rest: self.rest.iter().filter_map(|pairing| pairing.both()).collect(),
        }
    }

    /// The event of A with this number, if it was compared.
    #[must_use]
    pub fn event_of_a(&self, number: u64) -> Option<&Event> {
        event(&self.compared[0], number)
    }

    /// The event of B with this number, if it was compared.
    #[must_use]
    pub fn event_of_b(&self, number: u64) -> Option<&Event> {
        event(&self.compared[1], number)
    }
}

/// Which event of B is which one of A.
pub(crate) struct Partners {
    same: u64,
    first: [u64; 2],
    rest: BTreeMap<u64, u64>,
}

impl Partners {
    /// The number in B of the event with this number in A, if B has it, too.
    pub(crate) fn of_a(&self, number: u64) -> Option<u64> {
        let [first_a, first_b] = self.first;
        match number.checked_sub(first_a) {
            Some(place) if place < self.same => Some(first_b + place),
            _ => self.rest.get(&number).copied(),
        }
    }
}

/// The event with this number, among those of a run or of its end.
fn event(events: &[Event], number: u64) -> Option<&Event> {
    let place = number.checked_sub(events.first()?.number)?;
    events.get(usize::try_from(place).ok()?)
}

/// Pairs all events after those that are the same at first.
fn pairings(all_a: &[Event], all_b: &[Event], same: usize) -> Vec<Pairing> {
    let (a, b) = (&all_a[same..], &all_b[same..]);
    let names_a = Names::of(all_a, same);
    let by_name: BTreeMap<_, _> = Names::of(all_b, same).into_iter().zip(0_usize..).collect();
    let partners: Vec<_> = names_a.iter().map(|name| by_name.get(name).copied()).collect();
    let merged = merge(&partners, (a.len(), b.len()), |place| a[place].at, |place| b[place].at);
    let pairing = |place| match place {
        Place::A(place) => Pairing::Removed { a: a[place].number },
        Place::B(place) => Pairing::Added { b: b[place].number },
        Place::Both { a: in_a, b: in_b, is_in_order } => {
            let (one, other) = (&a[in_a], &b[in_b]);
            let (a, b) = (one.number, other.number);
            if !is_same_but_for_times(&one.what, &other.what) {
                Pairing::Changed { a, b }
            } else if one.at != other.at || !is_in_order || !is_same(&one.what, &other.what) {
                Pairing::Moved { a, b }
            } else {
                Pairing::Same { a, b }
            }
        }
    };
    merged.into_iter().map(pairing).collect()
}

/// Is it an event of the digest, too? Roles are read off the machines, and stand in the trace alone.
fn is_in_digest(event: &Event) -> bool {
    !matches!(event.what, EventKind::Role { .. })
}
