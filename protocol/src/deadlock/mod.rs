//! Detectors of deadlocks: protocols by which nodes that wait for each other
//! find out whether they do so for ever.
//!
//! Each node knows whom it waits for and who waits for it, a
//! [`View`](crate::resource::View) that changes while messages are on their way.
//! A detector puts such views together. What it must not do is to cry wolf: to
//! take edges that were never there at the same time for a cycle. And it must miss
//! nothing.
//!
//! - [`central`]: the leader asks everybody. The paper's way, as it is printed
//!   and as it is meant; the one with two rounds, which was thought to be sound
//!   (Ho and Ramamoorthy 1982); and the one that is, which asks once and takes
//!   an edge for real when both its ends know of it;
//! - [`chasing`]: who waits sends probes after those for whom it waits, and is
//!   dead if one comes back (Chandy, Misra and Haas 1983, where all of a wait is
//!   needed);
//! - [`diffusing`]: who waits asks those for whom it waits, and they theirs, and
//!   is dead if all answer (the same, where any of it will do);
//! - [`labels`]: who waits takes over the label of that for which it waits, and
//!   is dead if its own comes back (Mitchell and Merritt 1984, where nobody
//!   waits for more than one);
//! - [`snapshot`]: the leader has everybody record what it knows, and what is on
//!   its way, as of one and the same state of the whole (Chandy and Lamport 1985);
//! - [`hierarchy`]: controllers in a tree, each of which finds what lies wholly
//!   below it (Menasce and Muntz 1979; Ho and Ramamoorthy 1982).
//!
//! [`graph`] is the wait-for graph as a value; what is dead in it is the
//! complement of a least fixpoint, whatever a wait needs. [`Detector`] is any
//! detector. A [`Site`] is what a node consists of: a
//! [`Participant`](crate::resource::Party), its detector, and the election of the
//! leader at which central ones work.

pub mod any;
pub mod central;
pub mod chasing;
pub mod diffusing;
mod early;
pub mod graph;
pub mod hierarchy;
pub mod labels;
mod leader;
mod messages;
mod reports;
mod site;
pub mod snapshot;
mod verdict;
mod victims;

pub use any::Detector;
pub use early::Early;
pub use messages::{DetectorInput, Output, Refusal, Unexpected};
pub use site::{Cell, Command, Message, Saved, Site, SiteOutput, Timer};
pub use verdict::Verdict;
pub use victims::{Candidate, Victims};
