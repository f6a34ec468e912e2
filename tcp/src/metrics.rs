use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rehearsal_machine::{NodeId, nanos};
use serde::{Deserialize, Serialize};

use crate::wire::refusal::HandshakeError;

/// Counters of a node since its start. Other threads can read them while the node runs.
#[derive(Debug)]
pub struct Metrics {
    peers: Vec<Peer>,
    refused: [AtomicU64; HandshakeError::COUNT],
    evicted: AtomicU64,
    steps: AtomicU64,
    commits: AtomicU64,
    latest_nanos: AtomicU64,
}

/// The counters of one peer.
#[derive(Debug, Default)]
struct Peer {
    sent: AtomicU64,
    down: AtomicU64,
    full: AtomicU64,
    too_large: AtomicU64,
    received: AtomicU64,
    undecodable: AtomicU64,
    links: AtomicU64,
    is_up: AtomicBool,
}

/// How many messages were sent to and received from one peer, or all peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Messages put into the queue to the peer.
    pub sent: u64,
    /// Messages lost because there was no link to the peer.
    pub down: u64,
    /// Messages lost because the queue to the peer was full.
    pub full: u64,
    /// Messages lost because they were larger than [`Limits::max_message`](crate::Limits).
    pub too_large: u64,
    /// Messages received from the peer and handled.
    pub received: u64,
    /// Messages received from the peer and dropped because the machine cannot decode them.
    pub undecodable: u64,
    /// How many links to the peer were established, one after the other.
    pub links: u64,
}

/// Why a message was lost before it left its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Lost {
    /// There was no link to the receiver.
    Down,
    /// The queue to the receiver was full.
    Full,
    /// The message was larger than [`Limits::max_message`](crate::Limits).
    TooLarge,
}

/// Shows the reason in the simulator's words.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "down",
            Self::Full => "full",
            Self::TooLarge => "too_large",
        })
    }
}

/// A counter of a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Sent,
    Lost(Lost),
    Received,
    Undecodable,
    Link,
}

impl Metrics {
    /// Counters at zero, for a cluster with this many nodes.
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
            Count::Lost(Lost::Down) => &peer.down,
            Count::Lost(Lost::Full) => &peer.full,
            Count::Lost(Lost::TooLarge) => &peer.too_large,
            Count::Received => &peer.received,
            Count::Undecodable => &peer.undecodable,
            Count::Link => &peer.links,
        };
        add(counter, times);
    }

    pub(crate) fn note_link(&self, peer: NodeId, is_up: bool) {
        if let Some(peer) = self.peers.get(peer.index()) {
            peer.is_up.store(is_up, Ordering::Relaxed);
        }
    }

    /// Is there a link to this peer now? False for a node outside the cluster.
    #[must_use]
    pub fn is_up(&self, peer: NodeId) -> bool {
        self.peers.get(peer.index()).is_some_and(|peer| peer.is_up.load(Ordering::Relaxed))
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

    /// The messages to and from one peer; zeros for a node outside the cluster.
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

    /// The messages to and from all peers together.
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

    /// How many connections were refused for this reason.
    #[must_use]
    pub fn refused(&self, reason: HandshakeError) -> u64 {
        read(&self.refused[reason.index()])
    }

    /// How many connections were refused, for any reason.
    #[must_use]
    pub fn all_refused(&self) -> u64 {
        self.refused.iter().map(read).sum()
    }

    /// How many connections were closed during their handshake to make room for newer ones
    /// ([`Limits::half_open`](crate::Limits)).
    #[must_use]
    pub fn evicted(&self) -> u64 {
        read(&self.evicted)
    }

    /// How many inputs the machine has handled.
    #[must_use]
    pub fn steps(&self) -> u64 {
        read(&self.steps)
    }

    /// How many times the node waited for its disk.
    #[must_use]
    pub fn commits(&self) -> u64 {
        read(&self.commits)
    }

    /// The largest delay between a deadline and the step in which it was handled.
    #[must_use]
    pub fn latest(&self) -> Duration {
        Duration::from_nanos(read(&self.latest_nanos))
    }
}

/// Only the node's own thread writes, so a load and a store suffice.
fn add(counter: &AtomicU64, times: u64) {
    counter.store(read(counter) + times, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Shows the counters in one line. Losses and refusals that never happened are left out.
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
            write!(f, ", {} undecodable", all.undecodable)?;
        }
        write!(f, ", {} links, {} disk syncs", all.links, self.commits())?;
        let refused = self.all_refused();
        if refused > 0 {
            write!(f, ", {refused} refused")?;
        }
        Ok(())
    }
}
