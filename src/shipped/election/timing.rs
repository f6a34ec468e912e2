//! What forms ask of their spans alike.

use std::fmt;
use std::time::Duration;

use rehearsal_sim::Reason;
use rehearsal_sim::source::{Path, TimeSpan};

pub(super) const ALLOW: &str = "or say `unsafe_timing: true` to show what comes of it";

/// Refuses spans of no time, by the names of their fields.
pub(super) fn lasts(spans: &[(&str, Duration)], form: &Path) -> Result<(), Reason> {
    let nothing = spans.iter().find(|(_, span)| span.is_zero());
    nothing.map_or(Ok(()), |(field, _)| {
        Err(Reason::new("a span of no time is over before anything can happen")
            .at(form.field(*field))
            .help("give one longer than nothing"))
    })
}

/// Refuses an `answer_wait` that is over when the slowest answer comes: one
/// that comes at the very end of the wait must not be late.
pub(super) fn outlasts_answers(given: Duration, way: Duration, form: &Path) -> Result<(), Reason> {
    let round_trip = way.saturating_mul(2);
    if given > round_trip {
        return Ok(());
    }
    let (given, most) = (Shown(given), Shown(round_trip));
    Err(Reason::new(format!(
        "an answer can take {most}, two message delays, and is waited for {given}"
    ))
    .at(form.field("answer_wait"))
    .help(format!("wait longer than {most}, {ALLOW}")))
}

/// A wait, and how long it must be at least.
pub(super) struct Wait {
    pub(super) field: &'static str,
    pub(super) given: Duration,
    pub(super) least: Duration,
    pub(super) why: &'static str,
}

impl Wait {
    pub(super) fn check(self, form: &Path) -> Result<(), Reason> {
        let Self { field, given, least, why } = self;
        if given >= least {
            return Ok(());
        }
        let (given, least) = (Shown(given), Shown(least));
        Err(Reason::new(format!("{why}: {least} at least, not {given}"))
            .at(form.field(field))
            .help(format!("wait {least} at least, {ALLOW}")))
    }
}

/// A span as files write it.
pub(super) struct Shown(pub(super) Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX);
        TimeSpan::from_nanos(nanos).fmt(f)
    }
}
