#![expect(
    clippy::disallowed_types,
    reason = "how far a sweep has come is about the computer's own time"
)]

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Console;
use crate::cli::words::{counted, grouped};

/// How far a sweep has come: a bar on a terminal, and otherwise a line now and then.
pub(super) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    begun: Instant,
    told: Instant,
    done: u64,
    /// Seeds of the whole, if they come to an end.
    whole: Option<u64>,
}

/// The time between two lines.
const EVERY: Duration = Duration::from_secs(10);

const BAR: &str = "{wide_bar} {human_pos}/{human_len} runs, {msg}, {eta} left";
const SPINNER: &str = "{spinner} {human_pos} runs, {msg}, for {elapsed}";

impl Progress {
    /// So many of the whole are done by an earlier sweep.
    pub(super) fn new(whole: Option<u64>, done: u64) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(whole, target);
        let style = ProgressStyle::with_template(if whole.is_some() { BAR } else { SPINNER });
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_position(done);
        bar.reset_eta();
        let now = Instant::now();
        Self { bar, is_terminal, begun: now, told: now, done: 0, whole }
    }

    /// So many more runs have ended; so many failures there are in all.
    pub(super) fn add(&mut self, runs: u64, failures: u64, console: &mut Console<'_>) {
        self.done += runs;
        let rate = u128::from(self.done) * 1_000 / self.begun.elapsed().as_millis().max(1);
        let message = format!("{}/s, {}", grouped(rate as u64), counted(failures, "failure"));
        self.bar.set_message(message.clone());
        self.bar.inc(runs);
        if !self.is_terminal && self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let of = self.whole.map_or(String::new(), |whole| format!(" of {}", grouped(whole)));
            console.complain(&format!("{}{of} runs, {message}", grouped(self.bar.position())));
        }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
