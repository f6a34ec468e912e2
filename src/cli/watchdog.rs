use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rehearsal_sim::{Case, Options, Outcome, Pulse};

use super::{CliError, log};

/// How often the watchdog looks within the limit.
const LOOKS: u32 = 8;

/// Runs a case on a thread of its own, with a log if a filter is given. A step
/// that takes longer than the limit is a failure. Its thread cannot be stopped
/// and is left behind: the process ends without it.
pub(super) fn run(
    case: &Case,
    options: Options,
    limit: Duration,
    filter: Option<String>,
) -> Result<Outcome, CliError> {
    let pulse = Arc::new(Pulse::default());
    let options = options.pulse(Arc::clone(&pulse));
    let (sender, receiver) = mpsc::channel();
    let case = case.clone();
    #[expect(clippy::disallowed_methods, reason = "a thread that hangs cannot be a scoped one")]
    let runner = thread::spawn(move || {
        let outcome = log::with(filter.as_deref(), || case.run(options));
        // If nobody listens any more, the run was given up.
        let _ = sender.send(outcome);
    });
    let (mut beats, mut looks) = (0, 0);
    loop {
        match receiver.recv_timeout(limit / LOOKS) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => match runner.join() {
                Err(panic) => resume_unwind(panic),
                Ok(()) => unreachable!("it sends before it ends"),
            },
            Err(RecvTimeoutError::Timeout) => {}
        }
        let (beats_now, step) = pulse.look();
        looks = if beats_now == beats { looks + 1 } else { 0 };
        beats = beats_now;
        if looks >= LOOKS {
            return Ok(Outcome::of_hanging(step.as_ref(), limit));
        }
    }
}
