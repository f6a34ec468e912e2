use rehearsal_machine::Time;

use super::content::is_same_but_for_times;
use super::{Pairing, Side, is_in_digest};
use crate::plan::DecisionKey;
use crate::trace::{CHECKPOINT_EVERY, Event, Trace};

/// Where two runs part: up to here all events are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct First {
    /// The event of A that is missing in B, or is another one there.
    pub a: Option<Event>,
    /// The event of B that is missing in A, or is another one there.
    pub b: Option<Event>,
    /// Do both have it, and nothing but times is another one?
    pub is_moved: bool,
}

impl First {
    /// The instant at which the runs part.
    #[must_use]
    pub fn at(&self) -> Time {
        let times = self.a.iter().chain(&self.b).map(|event| event.at);
        times.min().unwrap_or(Time::ZERO)
    }

    /// The key of the message or timer that the event is about, if it is about one. None if each
    /// run has an event of its own there, about something else.
    #[must_use]
    pub fn key(&self) -> Option<DecisionKey> {
        let key = |event: &Option<Event>| event.as_ref().map(|event| event.what.key());
        match (key(&self.a), key(&self.b)) {
            (Some(a), Some(b)) => a.filter(|a| Some(a) == b.as_ref()),
            (one, other) => one.or(other).flatten(),
        }
    }

    /// The first difference of two lists that are the same up to this place. An event that both
    /// have is told with its partner. Where each run has an event of its own, both are told.
    pub(super) fn of(a: &[Event], b: &[Event], same: usize, pairings: &[Pairing]) -> Option<Self> {
        let (in_a, in_b) = (a.get(same), b.get(same));
        let number = |event: Option<&Event>| event.map(|event| event.number);
        let partner_of_a = pairings.iter().find_map(|pairing| pairing.b_of(number(in_a)?));
        let partner_of_b = pairings.iter().find_map(|pairing| pairing.a_of(number(in_b)?));
        let is_same = |a: u64| {
            let of_a = pairings.iter().find(|pairing| pairing.b_of(a).is_some());
            matches!(of_a, Some(Pairing::Same { .. }))
        };
        let event = |events: &[Event], number: u64| {
            events[same..].iter().find(|event| event.number == number).cloned()
        };
        let (a, b) = match (in_a, in_b) {
            (None, None) => return None,
            (Some(one), Some(other)) => match (partner_of_a, partner_of_b) {
                (Some(_), None) => (None, Some(other.clone())),
                (None, Some(_)) => (Some(one.clone()), None),
                (None, None) => (Some(one.clone()), Some(other.clone())),
                // Both are somewhere in both: what came first is what was moved.
                (Some(in_b), Some(in_a)) => {
                    if is_same(in_a) || one.at <= other.at && !is_same(one.number) {
                        (Some(one.clone()), event(b, in_b))
                    } else {
                        (event(a, in_a), Some(other.clone()))
                    }
                }
            },
            (one, other) => (one.cloned(), other.cloned()),
        };
        let both = a.as_ref().zip(b.as_ref());
        let is_moved = both.is_some_and(|(a, b)| is_same_but_for_times(&a.what, &b.what));
        Some(Self { a, b, is_moved })
    }
}

/// Since when all events of both runs are kept, if that is not since their beginning.
pub(super) fn all_kept_since(a: &Trace, b: &Trace) -> Option<Time> {
    let since = |trace: &Trace| {
        let first = trace.iter().next().map_or(Time::MAX, |event| event.at);
        // Of its first instant some events may not be kept.
        (trace.dropped() > 0).then(|| Time::from_nanos(first.as_nanos().saturating_add(1)))
    };
    since(a).max(since(b))
}

/// How many events of both runs are the same, as far as their digests tell without a look at them.
pub(super) fn same_by_digests(
    (a, in_a): (Side<'_>, &[Event]),
    (b, in_b): (Side<'_>, &[Event]),
) -> usize {
    let covered = same_checkpoints(a, b) * CHECKPOINT_EVERY as usize;
    if covered == 0 {
        return 0;
    }
    let end = |events: &[Event]| {
        let mut counted = events.iter().enumerate().filter(|(_, event)| is_in_digest(event));
        counted.nth(covered - 1).map_or(0, |(place, _)| place + 1)
    };
    end(in_a).min(end(in_b))
}

/// Do the digests say that the runs differ before all of both is kept?
pub(super) fn differ_before_what_is_kept(a: Side<'_>, b: Side<'_>) -> bool {
    let same = same_checkpoints(a, b);
    let has_other = same < a.checkpoints.len().min(b.checkpoints.len());
    // At least so many events of the digest are not kept.
    let dropped = |side: Side<'_>| {
        let all = side.checkpoints.len() as u64 * CHECKPOINT_EVERY;
        all.saturating_sub(side.events.iter().filter(is_in_digest).count() as u64)
    };
    has_other && (same as u64 + 1) * CHECKPOINT_EVERY <= dropped(a).min(dropped(b))
}

fn same_checkpoints(a: Side<'_>, b: Side<'_>) -> usize {
    // Once digests differ, all later ones do: the first one is found by bisection.
    let both = a.checkpoints.len().min(b.checkpoints.len());
    let pairs: Vec<_> = a.checkpoints[..both].iter().zip(&b.checkpoints[..both]).collect();
    pairs.partition_point(|(a, b)| a == b)
}
