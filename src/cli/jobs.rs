use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use clap::Args;

/// The argument that says how many runs are made side by side.
#[derive(Args)]
pub(super) struct Jobs {
    /// The number of runs at a time, at most 1,024; the result is the same for any number [default: one
    /// per core]
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,
}

impl Jobs {
    pub(super) fn count(&self) -> NonZeroUsize {
        let all = || available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.jobs.unwrap_or_else(all)
    }
}

/// Each has a thread.
const MOST: usize = 1_024;

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(jobs) if jobs.get() <= MOST => Ok(jobs),
        _ => Err(format!("give a number from 1 to {MOST}")),
    }
}
