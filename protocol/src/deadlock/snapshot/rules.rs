use core::time::Duration;

use crate::deadlock::Victims;

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// From the beginning of one snapshot to that of the next, by which the
    /// first has come to its end or is given up. It takes three times as long as
    /// a message.
    pub period: Duration,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}
