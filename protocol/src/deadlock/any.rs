//! All detectors as one machine, so that a site can hold a detector without
//! knowing which.
//!
//! All nodes of a run have the same detector; a node ignores messages of another
//! one.

use serde::{Deserialize, Serialize};

use super::central::Central;
use super::chasing::Chasing;
use super::diffusing::Diffusing;
use super::hierarchy::Hierarchy;
use super::labels::Labels;
use super::snapshot::Snapshot;
use rehearsal_machine::compose;

compose! {
    /// One of the detectors.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub one_of Detector {
        /// A leader asks every node.
        Central(Central),
        /// Waiting nodes send probes along their requests.
        Chasing(Chasing),
        /// Queries spread along requests, and replies gather.
        Diffusing(Diffusing),
        /// Labels are passed back along requests.
        Labels(Labels),
        /// A leader takes a snapshot of the whole system.
        Snapshot(Snapshot),
        /// Controllers in a tree ask the nodes below them.
        Hierarchy(Hierarchy),
    }

    /// What detectors say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[non_exhaustive]
    pub message Message { .. }

    /// Names of deadlines.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[non_exhaustive]
    pub timer Timer { .. }

    /// Names of durable cells; each holds a number.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[non_exhaustive]
    pub cell Cell { .. }
}
