//! Messages that arrive before the request along which they were sent.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::resource::RequestId;
use rehearsal_machine::NodeId;

/// What becomes of a message that has overtaken the request along which it
/// was sent. Where messages between two keep their order there is none, but
/// for such as are late, and mean a request that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Early {
    /// It is dropped; the next round will find what it would have found.
    #[default]
    #[serde(rename = "Drops")]
    Drop,
    /// It is kept until its request arrives. Of each peer that is one request,
    /// the latest, and along it one message of each initiator, its latest.
    #[serde(rename = "Holds")]
    Buffer,
}

/// In which round of which wait a message was sent. Either only grows in an
/// initiator's life, and the first does so beyond it.
pub(super) type Stamp = (u64, u64);

/// Messages that wait for the requests along which they were sent: at most as many
/// as the square of the number of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held<T> {
    by_peer: BTreeMap<NodeId, Edge<T>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Edge<T> {
    request: RequestId,
    by_initiator: BTreeMap<NodeId, (Stamp, T)>,
}

impl<T> Held<T> {
    pub(super) fn new() -> Self {
        Self { by_peer: BTreeMap::new() }
    }

    /// Keeps what came from a peer along this request.
    pub(super) fn keep(
        &mut self,
        from: NodeId,
        request: RequestId,
        (initiator, stamp): (NodeId, Stamp),
        message: T,
    ) {
        let nothing = || Edge { request, by_initiator: BTreeMap::new() };
        let edge = self.by_peer.entry(from).or_insert_with(nothing);
        if edge.request.number > request.number {
            return;
        }
        if edge.request != request {
            *edge = nothing();
        }
        let is_newer = |(known, _): &(Stamp, T)| *known <= stamp;
        if edge.by_initiator.get(&initiator).is_none_or(is_newer) {
            edge.by_initiator.insert(initiator, (stamp, message));
        }
    }

    /// Takes out what came along those that are now pending.
    pub(super) fn arrived(&mut self, pending: &[(NodeId, RequestId)]) -> Vec<(NodeId, T)> {
        let mut arrived = Vec::new();
        for (from, request) in pending {
            let Some(edge) = self.by_peer.get(from) else { continue };
            if edge.request.number > request.number {
                continue;
            }
            let is_it = edge.request == *request;
            let edge = self.by_peer.remove(from).filter(|_| is_it);
            let messages = edge.into_iter().flat_map(|edge| edge.by_initiator.into_values());
            arrived.extend(messages.map(|(_, message)| (*from, message)));
        }
        arrived
    }
}
