//! The log of refused connections. Every refusal is counted; the log has one line per address and
//! reason in a minute, so that strangers cannot flood it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::Time;

use crate::metrics::Metrics;
use crate::wire::refusal::HandshakeError;

/// How long the same address and reason are not logged again.
const QUIET: Duration = Duration::from_secs(60);

/// The maximum number of addresses and reasons that are remembered. Others are counted, but not
/// logged, until there is room.
const MAX_REMEMBERED: usize = 1_024;

/// Which side refused the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RefusedBy {
    Us,
    Them,
}

/// Counts all refusals, and logs the first of each kind.
pub(crate) struct RefusalLog {
    logged: RefCell<BTreeMap<(IpAddr, RefusedBy, HandshakeError), Time>>,
    exhausted: Cell<Option<Time>>,
    metrics: Arc<Metrics>,
}

impl RefusalLog {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { logged: RefCell::default(), exhausted: Cell::new(None), metrics }
    }

    /// This node refused the peer at this address.
    pub(crate) fn refused_by_us(&self, address: IpAddr, reason: HandshakeError) {
        self.metrics.refuse(reason);
        // A peer that lost its memory is logged by name.
        if matches!(reason, HandshakeError::Refused(refusal) if refusal.is_about_life()) {
            return;
        }
        if self.is_new((address, RefusedBy::Us, reason), crate::now()) {
            tracing::warn!(%address, %reason, "connection refused");
        }
    }

    /// The peer at this address refused this node.
    pub(crate) fn refused_by_peer(&self, address: IpAddr, reason: HandshakeError) {
        if self.is_new((address, RefusedBy::Them, reason), crate::now()) {
            let why = match reason {
                HandshakeError::UnknownKey => "our key is not in its roster".to_owned(),
                reason => reason.to_string(),
            };
            if matches!(reason, HandshakeError::Refused(refusal) if refusal.is_about_life()) {
                tracing::error!(%address, reason = %why, "refused by the peer");
            } else {
                tracing::warn!(%address, reason = %why, "refused by the peer");
            }
        }
    }

    /// The system could not accept a connection.
    pub(crate) fn exhausted(&self, error: &io::Error) {
        let now = crate::now();
        if self.exhausted.get().is_none_or(|last| now.since(last) >= QUIET) {
            self.exhausted.set(Some(now));
            tracing::warn!(%error, "cannot accept connections");
        }
    }

    fn is_new(&self, what: (IpAddr, RefusedBy, HandshakeError), now: Time) -> bool {
        let mut logged = self.logged.borrow_mut();
        if logged.get(&what).is_some_and(|last| now.since(*last) < QUIET) {
            return false;
        }
        if logged.len() >= MAX_REMEMBERED {
            logged.retain(|_, last| now.since(*last) < QUIET);
        }
        if logged.len() >= MAX_REMEMBERED {
            return false;
        }
        logged.insert(what, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::refusal::Refusal;

    fn refusals() -> RefusalLog {
        RefusalLog::new(Arc::new(Metrics::new(2)))
    }

    #[test]
    fn the_same_address_and_reason_are_logged_once_in_a_minute() {
        let refusals = refusals();
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let at = |seconds: u64| Time::from_millis(seconds * 1_000);
        assert!(refusals.is_new((here, RefusedBy::Us, HandshakeError::Timeout), at(0)));
        assert!(!refusals.is_new((here, RefusedBy::Us, HandshakeError::Timeout), at(59)));
        assert!(refusals.is_new((there, RefusedBy::Us, HandshakeError::Timeout), at(59)));
        assert!(refusals.is_new((here, RefusedBy::Them, HandshakeError::Timeout), at(59)));
        assert!(refusals.is_new((here, RefusedBy::Us, HandshakeError::Closed), at(59)));
        assert!(refusals.is_new((here, RefusedBy::Us, HandshakeError::Timeout), at(60)));
    }

    #[test]
    fn a_flood_of_addresses_does_not_exceed_the_memory_of_the_log() {
        let refusals = refusals();
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        let logged = |from: u32, at| {
            let all = from..from + 5_000;
            all.filter(|number| {
                refusals.is_new((address(*number), RefusedBy::Us, HandshakeError::Timeout), at)
            })
            .count()
        };
        assert_eq!(logged(0, Time::ZERO), MAX_REMEMBERED);
        assert_eq!(logged(10_000, Time::from_millis(60_000)), MAX_REMEMBERED);
        assert_eq!(refusals.logged.borrow().len(), MAX_REMEMBERED);
    }

    #[test]
    fn refusals_are_counted_even_if_they_are_not_logged() {
        let refusals = refusals();
        for _ in 0..3 {
            refusals.refused_by_us(
                IpAddr::from([127, 0, 0, 1]),
                HandshakeError::Refused(Refusal::Cluster),
            );
        }
        assert_eq!(refusals.metrics.refused(HandshakeError::Refused(Refusal::Cluster)), 3);
        assert_eq!(refusals.metrics.refused(HandshakeError::Timeout), 0);
    }
}
