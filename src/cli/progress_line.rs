#![expect(
    clippy::disallowed_types,
    reason = "a budget and a line of progress are about the computer's own time"
)]

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rehearsal_sim::source::TimeSpan;

use super::Console;

/// How far a search has come, as a line that a terminal shows in place; and whether it may go on.
pub(super) struct ProgressLine {
    is_shown: bool,
    begun: Instant,
    shown: Option<Instant>,
    budget: Option<Duration>,
}

const EVERY: Duration = Duration::from_millis(200);

impl ProgressLine {
    /// The search may take so long.
    pub(super) fn new(budget: Option<TimeSpan>) -> Self {
        Self {
            is_shown: std::io::stderr().is_terminal(),
            begun: Instant::now(),
            shown: None,
            budget: budget.map(TimeSpan::as_duration),
        }
    }

    /// Shows this, unless something was shown just now. `Break` once the budget is used up.
    pub(super) fn show(
        &mut self,
        console: &mut Console<'_>,
        words: impl FnOnce() -> String,
    ) -> ControlFlow<()> {
        if self.is_shown && self.shown.is_none_or(|shown| shown.elapsed() >= EVERY) {
            self.shown = Some(Instant::now());
            // Nobody is left to tell if standard error is closed.
            let _ = write!(console.err, "\r\u{1b}[K{}", words());
            let _ = console.err.flush();
        }
        match self.budget {
            Some(budget) if self.begun.elapsed() >= budget => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    pub(super) fn clear(&self, console: &mut Console<'_>) {
        if self.shown.is_some() {
            let _ = write!(console.err, "\r\u{1b}[K");
        }
    }
}
