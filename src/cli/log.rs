use std::fmt;

use rehearsal_sim::trace::log_clock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::exit::Stop;

/// Runs `body` with a log to standard error, if one was asked for.
pub(super) fn with<T>(filter: Option<&str>, body: impl FnOnce() -> T) -> Result<T, Stop> {
    let Some(filter) = filter else { return Ok(body()) };
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Stop::usage(format!("`--log {filter}`: {error}; write a level such as `debug`"))
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(VirtualTime)
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
