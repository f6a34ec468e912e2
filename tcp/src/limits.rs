use std::ops::RangeInclusive;
use std::time::Duration;

use crate::driver::BATCH;
use crate::link::READ;
use crate::wire::frame::AROUND;

/// Bounds on a node's memory and on its waits. [`Limits::memory`] computes the maximum memory that
/// follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum size of an encoded message, in bytes. A node does not send a larger message
    /// ([`Lost::TooLarge`](crate::Lost)), and closes a link over which one arrives. Default:
    /// 64 KiB, as in the simulator.
    pub max_message: u32,
    /// The maximum number of messages in the queue to one peer. A message that exceeds it is lost
    /// ([`Lost::Full`](crate::Lost)). Default: 16,384.
    pub queue_messages: usize,
    /// The maximum number of bytes in the queue to one peer. An empty queue takes one message of
    /// any allowed size. Default: 4 MiB.
    pub queue_bytes: usize,
    /// How many reads, over all links, may wait for the machine before the node stops reading. At
    /// least 1; default: 64.
    pub inbox: usize,
    /// The maximum number of connections whose handshake has not finished. The next one closes the
    /// oldest of them. At least 1; default: 64.
    pub half_open: usize,
    /// The maximum duration of a handshake. Default: 5 s.
    pub handshake: Duration,
    /// How long a peer may be silent before the node closes its link, which happens at most a third
    /// of this span later. A node that has nothing else to send pings its peers three times in
    /// this span. At least 3 ms; default: 15 s.
    pub idle: Duration,
    /// The wait before a node reconnects to a peer: it begins at the low end, and doubles up to the
    /// high end. Default: 20 ms to 2 s.
    pub redial: RangeInclusive<Duration>,
    /// How long a node that stops waits for its peers to take the messages in their queues.
    /// Default: 1 s.
    pub flush: Duration,
}

/// The buffers of a TLS connection, in bytes: unsent data, an incomplete record, and an unread one.
const TLS: usize = 160 * 1_024;

/// The memory of a connection during its handshake, in bytes: a TLS client hello can have 64 KiB,
/// and is assembled from its fragments.
const HALF_OPEN: usize = 80 * 1_024;

/// Memory that does not depend on the limits, in bytes: the log of refusals, the driver's buffers.
const FIXED: usize = 512 * 1_024;

impl Limits {
    /// Rejects limits with which no node could work.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.inbox == 0 {
            return Err("`inbox` must not be 0: a node with it could not read anything");
        }
        if self.half_open == 0 {
            return Err("`half_open` must not be 0: a node with it could not accept connections");
        }
        if self.idle < Duration::from_millis(3) {
            return Err("`idle` must be at least 3 ms: a peer pings three times in it");
        }
        Ok(())
    }

    /// The maximum memory for the connections of a node with this many peers, in bytes, whatever
    /// the peers and strangers do. The machine's own memory comes on top.
    ///
    /// A buffer counts twice its maximum content, because buffers grow by doubling. Data that
    /// waits for the machine is counted as it was read: it is decoded message by message.
    #[must_use]
    pub fn memory(&self, peers: usize) -> usize {
        let frame = 4 + AROUND + self.max_message as usize;
        let queue = self.queue_bytes.max(frame) + frame;
        let read = READ + frame;
        let of_peer = 2 * (2 * queue + read) + TLS;
        let waiting = (self.inbox + BATCH + peers) * read;
        // An evicted connection exists until the next one takes its place.
        let strangers = (self.half_open + 1) * HALF_OPEN;
        let with_peers = if peers == 0 { 0 } else { peers * of_peer + waiting };
        FIXED + strangers + with_peers
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_with_which_no_node_could_work_are_rejected() {
        let usual = Limits::default();
        assert_eq!(usual.check(), Ok(()));
        for invalid in [
            Limits { inbox: 0, ..usual.clone() },
            Limits { half_open: 0, ..usual.clone() },
            Limits { idle: Duration::from_micros(2_999), ..usual.clone() },
        ] {
            assert!(invalid.check().is_err(), "{invalid:?}");
        }
    }
}
