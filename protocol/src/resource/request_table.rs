use alloc::collections::{BTreeMap, VecDeque};

use rehearsal_machine::NodeId;

/// What others have asked of a node: of each peer its latest request.
///
/// A peer asks for the same thing again only after its last request is over.
/// So one number for each says of every older request that it is over, in
/// whatever order they arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RequestTable {
    latest: BTreeMap<NodeId, Claim>,
    /// The pending requests, in the order of their arrival.
    queue: VecDeque<NodeId>,
}

/// A peer's latest request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    number: u64,
    state: State,
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending,
    Granted,
    Over,
}

/// What a request turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is new, and in the queue.
    Queued,
    /// It is in the queue already.
    Again,
    /// It has been granted already.
    Granted,
    /// It is over, or older than the latest.
    Stale,
}

impl RequestTable {
    pub(super) fn ask(&mut self, from: NodeId, number: u64) -> Asked {
        if let Some(claim) = self.latest.get(&from) {
            if number < claim.number {
                return Asked::Stale;
            }
            if number == claim.number {
                return match claim.state {
                    State::Pending => Asked::Again,
                    State::Granted => Asked::Granted,
                    State::Over => Asked::Stale,
                };
            }
        }
        self.forget(from);
        self.latest.insert(from, Claim { number, state: State::Pending });
        self.queue.push_back(from);
        Asked::Queued
    }

    /// The peer does not want it any more. False if there was nothing to end.
    pub(super) fn cancel(&mut self, from: NodeId, number: u64) -> bool {
        let known = self.latest.get(&from);
        let is_open = known.is_none_or(|claim| {
            claim.number < number || (claim.number == number && claim.state == State::Pending)
        });
        if is_open {
            // It may have overtaken its request, which then finds itself over.
            self.forget(from);
            self.latest.insert(from, Claim { number, state: State::Over });
        }
        is_open
    }

    /// Takes the first in the queue, which is granted.
    pub(super) fn grant(&mut self) -> Option<(NodeId, u64)> {
        let peer = self.queue.pop_front()?;
        let claim = self.latest.get_mut(&peer)?;
        claim.state = State::Granted;
        Some((peer, claim.number))
    }

    /// What was granted is over.
    pub(super) fn end(&mut self, from: NodeId, number: u64) {
        if let Some(claim) = self.latest.get_mut(&from)
            && claim.number == number
        {
            claim.state = State::Over;
        }
    }

    /// The peer's latest request, as one that was granted before a restart.
    pub(super) fn restore(&mut self, from: NodeId, number: u64) {
        self.latest.insert(from, Claim { number, state: State::Granted });
    }

    /// Those that are pending, in the order of their arrival.
    pub(super) fn pending(&self) -> impl Iterator<Item = (NodeId, u64)> {
        let requests = self.queue.iter();
        requests.filter_map(|peer| Some((*peer, self.latest.get(peer)?.number)))
    }

    pub(super) fn is_pending(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether a request is known to have been granted, or to be over.
    pub(super) fn has_answered(&self, from: NodeId, number: u64) -> bool {
        self.latest.get(&from).is_some_and(|claim| {
            claim.number > number || (claim.number == number && claim.state != State::Pending)
        })
    }

    fn forget(&mut self, peer: NodeId) {
        self.queue.retain(|queued| *queued != peer);
    }
}
