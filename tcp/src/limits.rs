use std::ops::RangeInclusive;
use std::time::Duration;

/// How much of everything a node takes, and how long it waits.
///
/// What a node needs of memory is bounded by it: `half_open` connections that
/// have not said who they are, of at most 40 KiB each; for each peer a queue of
/// at most `queue_bytes`, as much again that is being written, and what it sent and the
/// machine has not handled yet: `inbox` times 64 KiB for all peers together, or
/// one message each if that is longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest message, in bytes of its postcard form. A larger one is
    /// lost when it is sent (`too_large`), and breaks the link when it comes.
    pub max_message: u32,
    /// How many messages wait for a slow peer; what finds no room is lost (`full`).
    pub queue_messages: usize,
    /// How many bytes of them.
    pub queue_bytes: usize,
    /// How many reads of all peers' links wait for the machine before nothing
    /// more is read.
    pub inbox: usize,
    /// How many connections may be about to say who they are; one more, and
    /// the oldest of them is closed.
    pub half_open: usize,
    /// How long a connection has to say who it is.
    pub handshake: Duration,
    /// How long a peer may be silent before its link is down; it is noticed a
    /// third later at most. Three times in it a node says that it is there.
    pub idle: Duration,
    /// How long to wait before a peer is dialled again: from, and, doubling, to.
    pub redial: RangeInclusive<Duration>,
    /// How long a node that stops tries to get rid of what it has said.
    pub flush: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: 64 * 1_024,
            queue_messages: 16_384,
            queue_bytes: 4 * 1_024 * 1_024,
            inbox: 64,
            half_open: 64,
            handshake: Duration::from_secs(5),
            idle: Duration::from_secs(15),
            redial: Duration::from_millis(20)..=Duration::from_secs(2),
            flush: Duration::from_secs(1),
        }
    }
}
