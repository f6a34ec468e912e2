//! The names that scenarios can use of the shipped protocols: kinds of messages and timers.
//!
//! Each list is of one of their parts. A protocol that is made of several has the lists of all.

/// Kinds of messages of elections.
pub(super) const ELECTION_KINDS: &[&str] = &[
    "election",
    "answer",
    "coordinator",
    "nominate",
    "are_you_there",
    "are_you_normal",
    "halt",
    "new_coordinator",
    "ready",
    "heartbeat",
    "heartbeat_ack",
    "request",
    "vote",
    "write",
    "denial",
    "probe",
    "support",
];

/// Timers of elections.
pub(super) const ELECTION_TIMERS: &[&str] = &[
    "answer",
    "call",
    "check",
    "close",
    "coordinator",
    "heartbeat",
    "leader",
    "limit",
    "quorum",
    "round",
    "settle",
];

/// Kinds of messages of orderings.
pub(super) const ORDERING_KINDS: &[&str] = &[
    "data", "ack", "ask", "order", "submit", "accept", "commit", "recover", "promise", "propose",
    "final", "flood", "forward", "later", "timed",
];

/// Kinds of messages of resources and detectors.
pub(super) const DEADLOCK_KINDS: &[&str] = &[
    "request", "grant", "release", "cancel", "report", "verdict", "probe", "query", "reply",
    "label", "marker", "ask", "answer", "condemn",
];

/// Timers of resources and detectors.
pub(super) const DEADLOCK_TIMERS: &[&str] =
    &["abort", "again", "limit", "period", "resend", "restart", "round", "work"];
