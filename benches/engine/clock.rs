#![expect(clippy::disallowed_types, reason = "what is measured here is real time")]

use std::time::{Duration, Instant};

/// How long it takes, and what comes of it.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}
