use super::run::Run;
use crate::check::{Check, Failure};
use crate::protocol::Protocol;

/// Events that an instant may make for itself before a run makes no progress.
const MOST_IN_ONE_INSTANT: u64 = 100_000;

impl<P: Protocol> Run<'_, P> {
    /// A run without end is stopped.
    #[inline]
    pub(super) fn progress(&self) -> Result<(), Failure> {
        if let Some(pulse) = &self.watch.pulse {
            pulse.beat();
        }
        // A fault that strikes at every nanosecond and finds nobody is no end, either. Such strikes
        // are no decisions, so they must not bring an end nearer that a plan repeats.
        let events = self.watch.tally.events.max(self.faults.idle);
        if events <= self.most_events && self.made_for_now <= MOST_IN_ONE_INSTANT {
            return Ok(());
        }
        Err(self.no_progress())
    }

    #[cold]
    fn no_progress(&self) -> Failure {
        let most = self.most_events;
        let (reason, detail) = if self.watch.tally.events.max(self.faults.idle) > most {
            let detail =
                format!("more than {most} events: raise `max_events` if so many are right");
            ("too many events", detail)
        } else {
            let detail =
                format!("{MOST_IN_ONE_INSTANT} events made more events without time advancing");
            ("time stands still", detail)
        };
        Failure {
            check: Check::Progress,
            reason: reason.to_owned(),
            at: self.world.now(),
            detail,
            event: "progress".to_owned(),
        }
    }
}
