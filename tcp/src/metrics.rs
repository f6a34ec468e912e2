use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rehearsal_machine::{NodeId, nanos};

use crate::refusals::HandshakeError;

/// What a node has met, counted since it started. It can be read from other
/// threads while the node runs.
#[derive(Debug)]
pub struct Metrics {
    peers: Vec<Peer>,
    refused: [AtomicU64; HandshakeError::COUNT],
    evicted: AtomicU64,
    steps: AtomicU64,
    commits: AtomicU64,
    latest_nanos: AtomicU64,
}

/// What was counted of one peer.
#[derive(Debug, Default)]
struct Peer {
    sent: AtomicU64,
    down: AtomicU64,
    full: AtomicU64,
    too_large: AtomicU64,
    received: AtomicU64,
    undecodable: AtomicU64,
    links: AtomicU64,
}

/// What became of messages to and from one peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Put into its queue.
    pub sent: u64,
    /// Lost, because there was no link to it.
    pub down: u64,
    /// Lost, because its queue was full.
    pub full: u64,
    /// Lost, because they were larger than allowed.
    pub too_large: u64,
    /// Come from it.
    pub received: u64,
    /// Come from it, and lost, because our machine does not know them.
    pub undecodable: u64,
    /// How many links there were, one after the other.
    pub links: u64,
}

/// One thing that is counted of a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Sent,
    Down,
    Full,
    TooLarge,
    Received,
    Undecodable,
    Link,
}

impl Metrics {
    /// Nothing yet, of so many nodes.
    #[must_use]
    pub fn new(nodes: u32) -> Self {
        Self {
            peers: NodeId::all(nodes).map(|_| Peer::default()).collect(),
            refused: [const { AtomicU64::new(0) }; HandshakeError::COUNT],
            evicted: AtomicU64::new(0),
            steps: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            latest_nanos: AtomicU64::new(0),
        }
    }

    pub(crate) fn count(&self, peer: NodeId, what: Count, times: u64) {
        let Some(peer) = self.peers.get(peer.index()) else { return };
        let counter = match what {
            Count::Sent => &peer.sent,
            Count::Down => &peer.down,
            Count::Full => &peer.full,
            Count::TooLarge => &peer.too_large,
            Count::Received => &peer.received,
            Count::Undecodable => &peer.undecodable,
            Count::Link => &peer.links,
        };
        add(counter, times);
    }

    pub(crate) fn refuse(&self, reason: HandshakeError) {
        add(&self.refused[reason.index()], 1);
    }

    pub(crate) fn evict(&self) {
        add(&self.evicted, 1);
    }

    pub(crate) fn step(&self) {
        add(&self.steps, 1);
    }

    pub(crate) fn commit(&self) {
        add(&self.commits, 1);
    }

    pub(crate) fn late(&self, by: Duration) {
        self.latest_nanos.fetch_max(nanos(by), Ordering::Relaxed);
    }

    /// What became of messages to and from a peer; nothing if there is none.
    #[must_use]
    pub fn traffic(&self, peer: NodeId) -> Traffic {
        let Some(peer) = self.peers.get(peer.index()) else { return Traffic::default() };
        Traffic {
            sent: read(&peer.sent),
            down: read(&peer.down),
            full: read(&peer.full),
            too_large: read(&peer.too_large),
            received: read(&peer.received),
            undecodable: read(&peer.undecodable),
            links: read(&peer.links),
        }
    }

    /// What became of messages to and from all peers together.
    #[must_use]
    pub fn all_traffic(&self) -> Traffic {
        let mut all = Traffic::default();
        for index in 0..self.peers.len() {
            let one = self.traffic(NodeId::from_index(index));
            all.sent += one.sent;
            all.down += one.down;
            all.full += one.full;
            all.too_large += one.too_large;
            all.received += one.received;
            all.undecodable += one.undecodable;
            all.links += one.links;
        }
        all
    }

    /// How often somebody was not let in for this reason.
    #[must_use]
    pub fn refused(&self, reason: HandshakeError) -> u64 {
        read(&self.refused[reason.index()])
    }

    /// How often somebody was not let in, for whichever reason.
    #[must_use]
    pub fn all_refused(&self) -> u64 {
        self.refused.iter().map(read).sum()
    }

    /// How many connections were closed, before they had said who they are, to
    /// make room for newer ones.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        read(&self.evicted)
    }

    /// How many inputs the machine has taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        read(&self.steps)
    }

    /// How often the node waited for its disk.
    #[must_use]
    pub fn commits(&self) -> u64 {
        read(&self.commits)
    }

    /// How late a deadline was at most.
    #[must_use]
    pub fn latest(&self) -> Duration {
        Duration::from_nanos(read(&self.latest_nanos))
    }
}

/// Only the node's own thread writes: nothing need be locked for it.
fn add(counter: &AtomicU64, times: u64) {
    counter.store(read(counter) + times, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// In one line, without what never happened.
impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all_traffic();
        write!(f, "{} inputs, sent {}", self.steps(), all.sent)?;
        let lost = [(all.down, "down"), (all.full, "full"), (all.too_large, "too_large")];
        for (count, name) in lost.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", lost {count} ({name})")?;
        }
        write!(f, ", received {}", all.received)?;
        if all.undecodable > 0 {
            write!(f, ", {} not understood", all.undecodable)?;
        }
        write!(f, ", {} links, {} waits for the disk", all.links, self.commits())?;
        let refused = self.all_refused();
        if refused > 0 {
            write!(f, ", {refused} not let in")?;
        }
        Ok(())
    }
}
