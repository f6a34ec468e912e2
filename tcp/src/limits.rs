use std::ops::RangeInclusive;
use std::time::Duration;

use crate::driver::BATCH;
use crate::link::reader::READ;
use crate::wire::frame::AROUND;

/// How much of everything a node takes, and how long it waits. What it needs of
/// memory is thereby bounded: [`Limits::memory`]. The number at the end of
/// each is what it is by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest message, in bytes of its postcard form. A larger one is
    /// lost when it is sent (`too_large`), and breaks the link when it comes.
    /// 64 KiB, as in the simulator.
    pub max_message: u32,
    /// How many messages wait for a slow peer; what finds no room is lost (`full`).
    /// 16,384.
    pub queue_messages: usize,
    /// How many bytes of them; a single message has room however large it is.
    /// 4 MiB.
    pub queue_bytes: usize,
    /// How many reads of all peers' links wait for the machine before nothing
    /// more is read; not 0. 64.
    pub inbox: usize,
    /// How many connections may be about to say who they are; one more, and
    /// the oldest of them is closed; not 0. 64.
    pub half_open: usize,
    /// How long a connection has to say who it is. 5 s.
    pub handshake: Duration,
    /// How long a peer may be silent before its link is down; it is noticed a
    /// third later at most. Three times in it a node says that it is there.
    /// 3 ms at least; 15 s.
    pub idle: Duration,
    /// How long to wait before a peer is dialled again: from, and, doubling, to.
    /// 20 ms to 2 s.
    pub redial: RangeInclusive<Duration>,
    /// How long a node that stops tries to get rid of what it has said. 1 s.
    pub flush: Duration,
}

/// What TLS keeps of a connection: what it has not written yet, a record that
/// has not come whole, and one that nobody has read.
const SECRET: usize = 160 * 1_024;

/// What a connection takes that has not said who it is: a greeting of TLS can
/// be 64 KiB, and is put together from its parts.
const HALF_OPEN: usize = 80 * 1_024;

/// What nobody has any influence on: what was told of whom, buffers of the driver.
const FIXED: usize = 512 * 1_024;

impl Limits {
    /// Refuses what no node could work with.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.inbox == 0 {
            return Err("nothing can be read where nothing may wait: `inbox` must not be 0");
        }
        if self.half_open == 0 {
            return Err(
                "nobody can come in where nobody may be at the door: `half_open` must not be 0",
            );
        }
        if self.idle < Duration::from_millis(3) {
            return Err("a peer cannot be heard three times in `idle`: give it 3 ms at least");
        }
        Ok(())
    }

    /// What a node takes of memory at most for its connections, in bytes, with
    /// so many peers, whatever they and strangers do.
    ///
    /// Buffers count twice what may be in them, since they grow by doubling.
    /// What was read waits for the machine as it was on the wire, and is decoded
    /// message by message; what the machine keeps comes on top.
    #[must_use]
    pub fn memory(&self, peers: usize) -> usize {
        let frame = 4 + AROUND + self.max_message as usize;
        let queue = self.queue_bytes.max(frame) + frame;
        let read = READ + frame;
        let of_peer = 2 * (2 * queue + read) + SECRET;
        let waiting = (self.inbox + BATCH + peers) * read;
        // One that is to go is there until its place is taken.
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
    fn limits_that_no_node_could_work_with_are_refused() {
        let usual = Limits::default();
        assert_eq!(usual.check(), Ok(()));
        for unfit in [
            Limits { inbox: 0, ..usual.clone() },
            Limits { half_open: 0, ..usual.clone() },
            Limits { idle: Duration::from_micros(2_999), ..usual.clone() },
        ] {
            assert!(unfit.check().is_err(), "{unfit:?}");
        }
    }
}
