use core::time::Duration;

use crate::deadlock::{Overtaken, Victims};

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// How long a process waits before it begins its first round. With zero it
    /// does so at once: most waits end by themselves, and cost a round then.
    pub patience: Duration,
    /// From the beginning of one round to that of the next, while the same wait
    /// lasts; more than zero.
    pub period: Duration,
    /// What becomes of a probe that comes before the request it runs along.
    pub overtaken: Overtaken,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}
