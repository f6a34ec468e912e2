//! Who was not let in: told once per address and reason in a minute, and
//! otherwise counted, so that nobody can fill a log.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::Time;

use crate::metrics::Metrics;
use crate::wire::hello::Refusal;

/// How long nothing more is told of the same address and reason.
const PAUSE: Duration = Duration::from_secs(60);

/// Of how many addresses and reasons it is known when they were told last;
/// what finds no room is only counted.
const MOST: usize = 1_024;

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HandshakeError {
    /// It did not say who it is in time.
    Timeout,
    /// It hung up before it had said who it is.
    Closed,
    /// TLS came to nothing: it has no key, or one that nobody knows, or it
    /// speaks something else.
    UnknownKey,
    /// What it said is no handshake.
    Malformed,
    /// It is on another machine, and nobody has keys.
    NotLoopback,
    /// What it said it is told back.
    Refused(Refusal),
}

impl HandshakeError {
    pub(crate) const ALL: [Self; 13] = [
        Self::Timeout,
        Self::Closed,
        Self::UnknownKey,
        Self::Malformed,
        Self::NotLoopback,
        Self::Refused(Refusal::Version),
        Self::Refused(Refusal::Cluster),
        Self::Refused(Refusal::NotThisNode),
        Self::Refused(Refusal::NoSuchNode),
        Self::Refused(Refusal::OthersKey),
        Self::Refused(Refusal::OthersTurn),
        Self::Refused(Refusal::Configuration),
        Self::Refused(Refusal::Repeated),
    ];
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Its place among all.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Timeout => 0,
            Self::Closed => 1,
            Self::UnknownKey => 2,
            Self::Malformed => 3,
            Self::NotLoopback => 4,
            Self::Refused(refusal) => 5 + refusal as usize,
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("it did not say in time who it is"),
            Self::Closed => f.write_str("it hung up"),
            Self::UnknownKey => f.write_str("it has no key of ours"),
            Self::Malformed => f.write_str("what it says is no handshake"),
            Self::NotLoopback => f.write_str("it is on another machine, and nobody has keys"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// Who refused whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RefusedBy {
    Us,
    Them,
}

/// Counts refusals, and tells the first ones.
pub(crate) struct Refusals {
    told: RefCell<BTreeMap<(IpAddr, RefusedBy, HandshakeError), Time>>,
    exhausted: Cell<Option<Time>>,
    metrics: Arc<Metrics>,
}

impl Refusals {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { told: RefCell::default(), exhausted: Cell::new(None), metrics }
    }

    pub(crate) fn note(&self, address: IpAddr, reason: HandshakeError) {
        self.metrics.refuse(reason);
        if self.is_news((address, RefusedBy::Us, reason), crate::now()) {
            tracing::warn!(%address, %reason, "not let in");
        }
    }

    /// A peer did not let us in.
    pub(crate) fn note_theirs(&self, address: IpAddr, reason: HandshakeError) {
        if self.is_news((address, RefusedBy::Them, reason), crate::now()) {
            let why = match reason {
                HandshakeError::UnknownKey => "it does not know our key".to_owned(),
                reason => reason.to_string(),
            };
            tracing::warn!(%address, reason = %why, "the peer does not let us in");
        }
    }

    /// The system has no connections to give, to whomever.
    pub(crate) fn note_exhausted(&self, error: &io::Error) {
        let now = crate::now();
        if self.exhausted.get().is_none_or(|last| now.since(last) >= PAUSE) {
            self.exhausted.set(Some(now));
            tracing::warn!(%error, "no connection can be taken");
        }
    }

    fn is_news(&self, what: (IpAddr, RefusedBy, HandshakeError), now: Time) -> bool {
        let mut told = self.told.borrow_mut();
        if told.get(&what).is_some_and(|last| now.since(*last) < PAUSE) {
            return false;
        }
        if told.len() >= MOST {
            told.retain(|_, last| now.since(*last) < PAUSE);
        }
        if told.len() >= MOST {
            return false;
        }
        told.insert(what, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals() -> Refusals {
        Refusals::new(Arc::new(Metrics::new(2)))
    }

    #[test]
    fn every_reason_is_counted_in_a_place_of_its_own() {
        let places: Vec<_> = HandshakeError::ALL.iter().map(|reason| reason.index()).collect();
        assert_eq!(places, (0..HandshakeError::COUNT).collect::<Vec<_>>());
    }

    #[test]
    fn the_same_address_and_reason_are_news_once_in_a_minute() {
        let refusals = refusals();
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let at = |seconds: u64| Time::from_millis(seconds * 1_000);
        assert!(refusals.is_news((here, RefusedBy::Us, HandshakeError::Timeout), at(0)));
        assert!(!refusals.is_news((here, RefusedBy::Us, HandshakeError::Timeout), at(59)));
        assert!(refusals.is_news((there, RefusedBy::Us, HandshakeError::Timeout), at(59)));
        assert!(refusals.is_news((here, RefusedBy::Them, HandshakeError::Timeout), at(59)));
        assert!(refusals.is_news((here, RefusedBy::Us, HandshakeError::Closed), at(59)));
        assert!(refusals.is_news((here, RefusedBy::Us, HandshakeError::Timeout), at(60)));
    }

    #[test]
    fn however_many_addresses_there_are_only_so_many_are_remembered() {
        let refusals = refusals();
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        let told = |from: u32, at| {
            let all = from..from + 5_000;
            all.filter(|number| {
                refusals.is_news((address(*number), RefusedBy::Us, HandshakeError::Timeout), at)
            })
            .count()
        };
        assert_eq!(told(0, Time::ZERO), MOST);
        assert_eq!(told(10_000, Time::from_millis(60_000)), MOST);
        assert_eq!(refusals.told.borrow().len(), MOST);
    }

    #[test]
    fn what_is_not_told_is_counted() {
        let refusals = refusals();
        for _ in 0..3 {
            refusals.note(IpAddr::from([127, 0, 0, 1]), HandshakeError::Refused(Refusal::Cluster));
        }
        assert_eq!(refusals.metrics.refused(HandshakeError::Refused(Refusal::Cluster)), 3);
        assert_eq!(refusals.metrics.refused(HandshakeError::Timeout), 0);
    }
}
