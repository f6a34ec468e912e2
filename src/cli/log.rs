//! The log for a person: `--log FILTER`, to standard error.

use std::fmt;

use rehearsal_machine::Time;
use rehearsal_sim::source::closest;
use rehearsal_sim::trace::log_clock;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;

use super::CliError;

/// Runs `body` with a log to standard error, if one was asked for.
pub(super) fn with<T>(filter: Option<&str>, body: impl FnOnce() -> T) -> Result<T, CliError> {
    match filter {
        Some(filter) => with_timer(filter, VirtualTime, body),
        None => Ok(body()),
    }
}

/// Runs `body`, a real node's life, with a log to standard error.
pub(super) fn of_node<T>(filter: &str, body: impl FnOnce() -> T) -> Result<T, CliError> {
    with_timer(filter, SinceStart(rehearsal_tcp::now()), body)
}

fn with_timer<T>(
    filter: &str,
    timer: impl FormatTime + Send + Sync + 'static,
    body: impl FnOnce() -> T,
) -> Result<T, CliError> {
    let events = tracing_subscriber::fmt::layer()
        .with_timer(timer)
        .with_target(false)
        .with_writer(|| Lenient(std::io::stderr()))
        .with_filter(targets(filter)?);
    let subscriber = tracing_subscriber::registry().with(events);
    Ok(tracing::subscriber::with_default(subscriber, body))
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Which events are logged: a level for all, or `TARGET=LEVEL,..`.
fn targets(filter: &str) -> Result<Targets, CliError> {
    let refused = |why: &str| {
        let levels = LEVELS.join(", ");
        let help = format!("write a level ({levels}), or `TARGET=LEVEL`, several of them with `,`");
        CliError::usage(format!("`--log {filter}`: {why}; {help}"))
    };
    // A lone word that is no level names a target, so a misspelt level would log nothing.
    for word in filter.split(',').map(str::trim).filter(|word| !word.contains('=')) {
        let is_level = LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level));
        if let Some(level) = closest(word, &LEVELS).filter(|_| !is_level) {
            return Err(refused(&format!("no level is called `{word}`, did you mean `{level}`?")));
        }
    }
    filter
        .parse()
        .map_err(|error: tracing_subscriber::filter::ParseError| refused(&error.to_string()))
}

struct VirtualTime;

impl FormatTime for VirtualTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:>10}ms", log_clock().to_string())
    }
}

/// The time since a real node's start; the time of day would tell nothing.
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

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_filter_is_a_level_or_a_level_for_each_target() {
        let filter = targets("debug").expect("it is right");
        assert!(filter.would_enable("rehearsal_sim", &Level::DEBUG));
        assert!(!filter.would_enable("rehearsal_sim", &Level::TRACE));
        let filter = targets("rehearsal=trace,other=off").expect("it is right");
        assert!(filter.would_enable("rehearsal", &Level::TRACE));
        assert!(!filter.would_enable("other", &Level::ERROR));
    }

    #[test]
    fn a_wrong_filter_is_refused_with_what_would_be_right() {
        for (wrong, why) in [
            ("rehearsal=loud", "error parsing level filter"),
            ("a=b=c", "invalid filter directive"),
            ("deubg", "did you mean `debug`?"),
            ("rehearsal=trace, wran", "did you mean `warn`?"),
        ] {
            let refusal = targets(wrong).expect_err(wrong).message;
            assert!(refusal.contains(why), "{refusal}");
            assert!(refusal.contains("write a level (off, error, "), "{refusal}");
        }
    }
}
