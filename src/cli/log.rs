use std::fmt;

use rehearsal_machine::Time;
use rehearsal_sim::trace::log_clock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::exit::Stop;

/// Runs `body` with a log to standard error, if one was asked for.
pub(super) fn with<T>(filter: Option<&str>, body: impl FnOnce() -> T) -> Result<T, Stop> {
    match filter {
        Some(filter) => with_timer(filter, VirtualTime, body),
        None => Ok(body()),
    }
}

/// Runs `body`, a real node's life, with a log to standard error.
pub(super) fn of_node<T>(filter: &str, body: impl FnOnce() -> T) -> Result<T, Stop> {
    with_timer(filter, SinceStart(rehearsal_tcp::now()), body)
}

fn with_timer<T>(
    filter: &str,
    timer: impl FormatTime + Send + Sync + 'static,
    body: impl FnOnce() -> T,
) -> Result<T, Stop> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Stop::usage(format!("`--log {filter}`: {error}; write a level such as `debug`"))
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(timer)
        .with_target(false)
        .with_writer(|| Lenient(std::io::stderr()))
        .finish();
    Ok(tracing::subscriber::with_default(subscriber, body))
}

struct VirtualTime;

impl FormatTime for VirtualTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:>10}ms", log_clock().to_string())
    }
}

/// How long a real node has run: what time of day it is concerns nobody.
struct SinceStart(Time);

impl FormatTime for SinceStart {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let span = rehearsal_tcp::now().since(self.0);
        write!(writer, "{:>10}ms", span.as_millis())
    }
}

/// Standard error, for as long as somebody reads it: a log that cannot be
/// written must not stop the run it tells of.
struct Lenient(std::io::Stderr);

impl std::io::Write for Lenient {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
