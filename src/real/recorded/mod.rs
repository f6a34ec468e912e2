//! Recordings of a cluster's nodes: replayed each for itself, and joined into
//! one causal trace.
//!
//! A recording has what one node has seen. Frames carry who sent them, in which
//! life, and how many went over the link before, so that every delivery of one
//! recording finds its send in another. Where all nodes read the same clock,
//! time puts everything into one order, and what the nodes knew at any instant
//! can be known of all at once: facts about the world can be asked as they are
//! of a simulated one. Where they did not, there is no such instant: only the
//! order that causes have is left (Lamport, Time, clocks, and the ordering of
//! events, 1978).

mod clocks;
mod facts;
mod join;
mod lives;
mod mail;
mod order;
mod problem;

pub use facts::{Broken, Verdict};
pub use lives::{Lived, Recorded, Summary};
pub use problem::{Happened, Problem};
