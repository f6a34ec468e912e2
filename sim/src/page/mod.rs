//! A run as one page: a space-time diagram that a browser opens from a file, without a network.
//!
//! [`Run`] is what a page shows of a run, whichever protocol ran; [`Page::new`] makes the file of
//! one or of two. The page draws only what is seen, so that the number of events is bounded by the
//! size of the file alone: [`Limits`] sets it, and [`Page::cuts`] says what was left out.
//!
//! The data is compact JSON, as `data.rs` has it; the scripts that draw it are in `assets`.

mod about;
mod columns;
mod data;
mod html;
mod pairs;
mod run;
mod states;
mod texts;

#[cfg(test)]
mod tests;

pub use about::{About, Verdict};
pub use html::Page;
pub use run::{Run, is_same_end, states_from};

/// How much of a run a page has. What is before it is left out, and the page says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The last so many events of each run.
    pub events: u64,
    /// The states of the last so many steps of each run.
    pub states: u64,
}

impl Default for Limits {
    /// 200,000 events, in 6 to 12 MB, and the states of 2,000 steps.
    fn default() -> Self {
        Self { events: 200_000, states: 2_000 }
    }
}
