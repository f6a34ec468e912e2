use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long it takes, and what comes of it. It is this thread's own time on a
/// processor that counts, page faults included: whatever else runs there
/// only disturbs the caches.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = now();
    let result = work();
    (now().saturating_sub(start), result)
}

fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().expect("a thread's time is never negative")
}
