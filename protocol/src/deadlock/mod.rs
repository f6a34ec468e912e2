//! Deadlock detectors: protocols by which nodes that wait for each other find out
//! whether they are deadlocked.
//!
//! Each node knows for which nodes it waits and which nodes wait for it: a
//! [`View`](crate::resource::View), which changes while messages are in flight. A
//! detector combines such views. It must not report a phantom, that is a cycle of
//! edges that never existed at the same time, and it must not miss a deadlock.
//!
//! - [`central`]: the leader asks all nodes. There are the paper's rule, as printed
//!   and as meant; the two-phase rule, which was believed to be sound (Ho and
//!   Ramamoorthy 1982); and a sound rule, which asks once and counts an edge if both
//!   of its ends report it;
//! - [`chasing`]: a waiting node sends probes along its requests, and is deadlocked if
//!   one comes back (Chandy, Misra and Haas 1983, where a wait needs all its grants);
//! - [`diffusing`]: a waiting node sends queries along its requests, which spread, and
//!   is deadlocked if all are answered (the same, where a wait needs any one grant);
//! - [`labels`]: a waiting node takes over the label of the node for which it waits,
//!   and is deadlocked if its own label comes back (Mitchell and Merritt 1984, where a
//!   node waits for one other at a time);
//! - [`snapshot`]: the leader has all nodes record a consistent state of the system,
//!   with the messages in flight (Chandy and Lamport 1985);
//! - [`hierarchy`]: controllers in a tree, each of which finds the deadlocks that lie
//!   wholly below it (Menasce and Muntz 1979; Ho and Ramamoorthy 1982).
//!
//! [`graph`] is the wait-for graph as a value. The deadlocked nodes in it are the
//! complement of a least fixpoint, whatever a wait needs. [`Detector`] is any of the
//! detectors. A [`Site`] is what runs on a node: a
//! [`Participant`](crate::resource::Participant), its detector, and the election of
//! the leader at which central detectors work.

pub mod any;
pub mod central;
pub mod chasing;
mod detect;
pub mod diffusing;
mod early;
pub mod graph;
pub mod hierarchy;
pub mod labels;
mod leader;
mod messages;
mod reports;
mod rounds;
mod site;
pub mod snapshot;
mod standing;
mod verdict;
mod victims;

pub use any::Detector;
pub use early::Early;
pub use messages::{DetectorInput, Output, Refusal, Unexpected};
pub use site::{Cell, Command, Message, Saved, Site, SiteOutput, Timer};
pub use verdict::Verdict;
pub use victims::{Candidate, Victims};
