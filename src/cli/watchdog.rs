use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rehearsal_machine::printable;
use rehearsal_sim::{Case, Diagnostic, Options, Outcome, Pulse};

use super::{CliError, log};

/// How often the watchdog looks within the limit.
const LOOKS: u32 = 8;

/// How long the reading of a file may take where no option sets a limit.
pub(super) const LOAD_LIMIT: Duration = Duration::from_secs(60);

/// As much as a process's first thread has: machines and properties may recurse.
const STACK: usize = 8 << 20;

/// Reads a file on a thread of its own, because this calls functions of the
/// protocol. If that takes longer than the limit, the thread is left behind.
pub(super) fn load<T: Send + 'static>(
    file: &str,
    limit: Duration,
    load: impl FnOnce() -> Result<T, Diagnostic> + Send + 'static,
) -> Result<T, CliError> {
    let (sender, receiver) = mpsc::channel();
    let thread = spawn(&format!("reading {file}"), move || {
        // If nobody listens any more, the file was given up.
        let _ = sender.send(load());
    });
    match receiver.recv_timeout(limit) {
        Ok(loaded) => Ok(loaded?),
        Err(RecvTimeoutError::Timeout) => Err(CliError::hanging(file, limit)),
        Err(RecvTimeoutError::Disconnected) => panicked(thread),
    }
}

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
    let name = format!("run of {} with seed {}", case.synopsis().name, options.seed);
    let runner = spawn(&name, move || {
        let outcome = log::with(filter.as_deref(), || case.run(options));
        // If nobody listens any more, the run was given up.
        let _ = sender.send(outcome);
    });
    let (mut beats, mut looks) = (0, 0);
    loop {
        match receiver.recv_timeout(limit / LOOKS) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => panicked(runner),
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

/// A thread that is left behind if it hangs. Its name is what the Rust runtime tells of a panic,
/// and of an overflow of the stack, which ends the process and which nothing can catch.
pub(super) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let builder = thread::Builder::new().name(printable(name).into_owned()).stack_size(STACK);
    builder.spawn(body).expect("the system has room for one more thread")
}

fn panicked(thread: JoinHandle<()>) -> ! {
    match thread.join() {
        Err(panic) => resume_unwind(panic),
        Ok(()) => unreachable!("it sends before it ends"),
    }
}
