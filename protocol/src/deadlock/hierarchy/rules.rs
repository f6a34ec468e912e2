use alloc::sync::Arc;
use core::time::Duration;

use super::Tree;
use crate::deadlock::Victims;

/// What all nodes go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who controls whom.
    pub tree: Arc<Tree>,
    /// From the start of the root, or the beginning of one round, to that of the
    /// next.
    pub period: Duration,
    /// The time limit of a round for each level: a controller waits so many
    /// times this long for those below it as there are levels, and then takes
    /// those that are silent for free, and all below them. At least twice as long
    /// as a message takes, or it gives up those below before they are late.
    pub window: Duration,
    /// How often those are asked again that have not answered. If it is shorter
    /// than what is below them takes, they are asked more often than they need.
    pub ask: Duration,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}
