use std::time::Duration;

use rehearsal_machine::Time;

use super::watch::Test;

/// Follows a `LeadsTo`.
pub(super) struct Lead {
    within: Duration,
    /// When the effect has to hold, since the cause did.
    due: Option<Time>,
    /// The longest time from a cause, or from the calm if that is later, to its effect.
    longest: Option<Duration>,
}

impl Lead {
    pub(super) fn new(within: Duration) -> Self {
        Self { within, due: None, longest: None }
    }

    /// How cause and effect stand from now on.
    pub(super) fn follow(&mut self, cause: bool, effect: bool, now: Time, calm_at: Time) -> Test {
        match (cause, effect) {
            (_, true) => {
                let awaited = self.due.take();
                if !cause && awaited.is_none() {
                    return Test::None;
                }
                let begun = |due: Time| due.as_nanos().saturating_sub(nanos(self.within));
                let took = awaited.map_or(0, |due| now.as_nanos().saturating_sub(begun(due)));
                self.longest = self.longest.max(Some(Duration::from_nanos(took)));
                Test::Done
            }
            (true, false) => {
                self.due.get_or_insert(now.max(calm_at) + self.within);
                Test::Begun
            }
            (false, false) => Test::None,
        }
    }

    pub(super) fn due(&self) -> Option<Time> {
        self.due
    }

    /// The deadline is over.
    pub(super) fn pass(&mut self) {
        self.due = None;
    }

    pub(super) fn longest(&self) -> Option<Duration> {
        self.longest
    }
}

/// Spans of a scenario are shorter than what a `u64` can hold.
fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
