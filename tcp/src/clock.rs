//! The clock of a real node: the computer's monotonic clock, which nobody can set.
//!
//! Every process on one computer reads the same clock, also after a restart of the process. So
//! the recordings of several nodes on one computer can be merged in order of time.

use std::fs;

use rehearsal_machine::Time;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// The time on this computer's monotonic clock, in nanoseconds since an instant near its boot.
#[must_use]
pub fn now() -> Time {
    let read = clock_gettime(ClockId::Monotonic);
    let (seconds, nanos) = (read.tv_sec.cast_unsigned(), read.tv_nsec.cast_unsigned());
    Time::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

/// The identity of a clock. Times of two recordings are comparable only if both were read from
/// the same clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock(String);

impl Clock {
    /// The clock that [`now`] reads: this computer's, since its last boot.
    ///
    /// The boot is identified by Linux's `boot_id`. On a system without one the clock has no
    /// identity, and equals no clock.
    #[must_use]
    pub fn here() -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self(boot.trim().to_owned())
    }

    /// Are times of the two clocks comparable?
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        !self.0.is_empty() && self == other
    }
}
