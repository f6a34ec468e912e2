use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use clap::Args;

/// The argument that says how many runs are made side by side.
#[derive(Args)]
pub(super) struct Jobs {
    /// Run so many at a time; the result is the same for any number [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

impl Jobs {
    pub(super) fn count(&self) -> NonZeroUsize {
        let all = || available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.jobs.unwrap_or_else(all)
    }
}
