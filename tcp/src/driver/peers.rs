use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::link::{Established, Event, Link};
use crate::metrics::{Count, Metrics};
use crate::recording::Outcome;
use crate::{Limits, Lost};

/// The links to all peers, and the counts of the messages sent to each.
pub(super) struct Peers {
    states: Vec<PeerState>,
    limits: Limits,
    metrics: Arc<Metrics>,
    /// How many links were ever up: the number of the last one.
    links: u64,
    /// How many commits this node's store has, for the outboxes of all links.
    commits: Rc<Cell<u64>>,
}

#[derive(Default)]
struct PeerState {
    link: Option<Link>,
    /// How many messages were sent to the peer, lost ones included.
    count: u32,
}

impl PeerState {
    /// The next count. It saturates: only a join of recordings needs distinct counts, and no
    /// recording has room for that many messages.
    fn next_count(&mut self) -> u32 {
        self.count = self.count.saturating_add(1);
        self.count
    }
}

impl Peers {
    pub(super) fn new(nodes: u32, limits: &Limits, metrics: &Arc<Metrics>) -> Self {
        Self {
            states: (0..nodes).map(|_| PeerState::default()).collect(),
            limits: limits.clone(),
            metrics: Arc::clone(metrics),
            links: 0,
            commits: Rc::default(),
        }
    }

    /// A link to a peer is up. The one before is closed.
    pub(super) fn up(&mut self, established: Established, inbox: &mpsc::Sender<Event>) {
        let peer = established.peer;
        self.links += 1;
        self.metrics.count(peer.node, Count::Link, 1);
        self.metrics.note_link(peer.node, true);
        tracing::info!(peer = %peer.node, incarnation = peer.life.incarnation, "link is up");
        let link = Link::start(established, self.links, &self.limits, &self.commits, inbox);
        // The handshake admits only members of the roster, so the index is in range.
        self.states[peer.node.index()].link = Some(link);
    }

    /// Closes the link to the peer before another one replaces it. Returns whether there was one.
    pub(super) fn close(&mut self, peer: NodeId) -> bool {
        self.metrics.note_link(peer, false);
        self.states[peer.index()].link.take().is_some()
    }

    /// Is this link the current one to the peer? Frames from an earlier link are dropped.
    pub(super) fn is_up(&self, peer: NodeId, number: u64) -> bool {
        self.states[peer.index()].link.as_ref().is_some_and(|link| link.number == number)
    }

    /// The link with this number is down. Returns whether it was the current one to the peer.
    pub(super) fn down(&mut self, peer: NodeId, number: u64) -> bool {
        let is_current = self.is_up(peer, number);
        if is_current {
            tracing::info!(%peer, "link is down");
            self.metrics.note_link(peer, false);
            self.states[peer.index()].link = None;
        }
        is_current
    }

    /// Counts a message of this node to itself, which is never lost.
    pub(super) fn count_own(&mut self, me: NodeId) -> u32 {
        self.states[me.index()].next_count()
    }

    /// Puts a message into the queue to its receiver.
    pub(super) fn send(&mut self, to: NodeId, message: &impl Serialize) -> Outcome {
        let Some(state) = self.states.get_mut(to.index()) else {
            return Outcome::Sent { count: 0, lost: Some(Lost::Down) };
        };
        let count = state.next_count();
        let lost = match &state.link {
            Some(link) => link.outbox.push(count, message).err(),
            None => Some(Lost::Down),
        };
        self.metrics.count(to, lost.map_or(Count::Sent, Count::Lost), 1);
        Outcome::Sent { count, lost }
    }

    /// Tells the outboxes how many commits precede the messages that are sent from now on.
    pub(super) fn set_commits(&self, commits: u64) {
        self.commits.set(commits);
    }

    /// Closes all links, after giving the peers [`Limits::flush`] to take what is in their queues.
    pub(super) async fn flush(&mut self) {
        let deadline = Instant::now() + self.limits.flush;
        let links: Vec<_> = self.states.iter_mut().filter_map(|state| state.link.take()).collect();
        for link in &links {
            link.outbox.close();
        }
        for mut link in links {
            // After the deadline the remaining messages are lost.
            let _ = timeout_at(deadline, &mut link.written).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_has_used_up_all_counts_continues() {
        let metrics = Arc::new(Metrics::new(2));
        let mut peers = Peers::new(2, &Limits::default(), &metrics);
        let (me, to) = (NodeId::from_index(0), NodeId::from_index(1));
        for state in &mut peers.states {
            state.count = u32::MAX - 1;
        }
        for _ in 0..2 {
            assert_eq!(peers.count_own(me), u32::MAX);
            let outcome = Outcome::Sent { count: u32::MAX, lost: Some(Lost::Down) };
            assert_eq!(peers.send(to, &()), outcome);
        }
    }
}
