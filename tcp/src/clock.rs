//! What time it is for a real node: nanoseconds since the machine started, by
//! the clock that nobody sets.
//!
//! Every process of one machine reads the same clock, and goes on reading it
//! after a restart, so that what several nodes of one machine have recorded
//! can be put into one order.

use std::fs;

use rehearsal_machine::Time;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What the monotonic clock of this machine shows.
#[must_use]
pub fn now() -> Time {
    let shown = clock_gettime(ClockId::Monotonic);
    let (seconds, nanos) = (shown.tv_sec.cast_unsigned(), shown.tv_nsec.cast_unsigned());
    Time::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

/// Which clock it is: times of two recordings can be compared if theirs is the
/// same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock(String);

impl Clock {
    /// This machine's, since it was started last. On a system that does not
    /// tell its starts apart no two clocks are the same one.
    #[must_use]
    pub fn here() -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self(boot.trim().to_owned())
    }

    /// Can times of the two be compared?
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        !self.0.is_empty() && self == other
    }
}
