use std::time::Duration;

use rehearsal_machine::Time;

use super::watch::Test;

/// Follows a `LeadsTo`.
pub(super) struct Lead {
    within: Duration,
    /// Since when the effect is awaited: since its cause, or the calm if that is later.
    since: Option<Time>,
    /// The longest time that an effect took.
    longest: Option<Duration>,
}

impl Lead {
    pub(super) fn new(within: Duration) -> Self {
        Self { within, since: None, longest: None }
    }

    /// How cause and effect stand from now on.
    pub(super) fn follow(&mut self, cause: bool, effect: bool, now: Time, calm_at: Time) -> Test {
        match (cause, effect) {
            (_, true) => {
                let since = self.since.take();
                if !cause && since.is_none() {
                    return Test::None;
                }
                let took = since.map_or(Duration::ZERO, |since| now.since(since));
                self.longest = self.longest.max(Some(took));
                Test::Done
            }
            (true, false) => {
                self.since.get_or_insert(now.max(calm_at));
                Test::Begun
            }
            (false, false) => Test::None,
        }
    }

    pub(super) fn due(&self) -> Option<Time> {
        Some(self.since? + self.within)
    }

    /// The deadline is over.
    pub(super) fn pass(&mut self) {
        self.since = None;
    }

    pub(super) fn longest(&self) -> Option<Duration> {
        self.longest
    }
}
