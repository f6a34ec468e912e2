//! Which life of each peer the node knows, and whether another one may have a link.
//!
//! Protocols count on what both ends of a link remember: the number of the last message, a vote. A
//! node that returns without its memory would be answered on the strength of what its earlier life
//! said. A peer's handshake cannot show what the peer has forgotten, but it names the store of its
//! state, and the store's incarnations: of each the random number of its process, and how many
//! commits the store had at its end. With its messages the peer has told from how many commits they
//! follow. So a node notices a lost folder (another store), and a copied or restored one that lacks
//! what the node was told ([`KnownPeer::is_continued_by`]). It keeps both out, and a second process
//! while the first one has a link.

use std::cell::RefCell;
use std::net::SocketAddr;

use rehearsal_machine::NodeId;
use tokio::sync::Notify;

use crate::disk::Cells;
use crate::disk::life::{KnownPeer, Life, LifeId};
use crate::wire::refusal::Refusal;

/// What a node does about a peer that has lost the state it saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Amnesia {
    /// Keeps the peer out until its owner begins a new life
    /// ([`Store::begin_new_life`](crate::disk::Store::begin_new_life)).
    #[default]
    Refuse,
    /// Lets the peer in: the protocol tolerates a node that restarts without its saved state.
    Accept,
}

/// The lives of the peers, shared by the handshakes and the task that owns the machine.
pub(crate) struct KnownPeers {
    amnesia: Amnesia,
    can_forget: bool,
    states: RefCell<Vec<State>>,
    /// Notified when a link has ended.
    link_ended: Notify,
}

/// The state of one peer.
struct State {
    known: Option<KnownPeer>,
    /// The address at which the peer is reached, while there is a link.
    linked: Option<SocketAddr>,
    /// The refusal that was logged last, so that it is logged once.
    logged: Option<Refusal>,
    /// The latest life that was refused as an old copy.
    outdated: Option<LifeId>,
    /// Has the peer told of commits that are not in what the node has saved of it?
    has_advanced: bool,
}

/// A peer and its life, as it states them in its handshake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) peer: NodeId,
    pub(crate) life: &'a Life,
}

impl KnownPeers {
    pub(crate) fn new(nodes: u32, cells: &Cells, amnesia: Amnesia) -> Self {
        let state = |peer| State {
            known: cells.peer(peer).cloned(),
            linked: None,
            logged: None,
            outdated: None,
            has_advanced: false,
        };
        let states = NodeId::all(nodes).map(state).collect();
        Self {
            amnesia,
            can_forget: cells.can_forget(),
            states: RefCell::new(states),
            link_ended: Notify::new(),
        }
    }

    /// Waits until there is no link to an earlier process of the peer than this one. Returns at once
    /// if this one is not a later process of the known store.
    pub(crate) async fn wait_for_earlier(&self, claim: Claim<'_>) {
        let is_linked = || {
            let state = &self.states.borrow()[claim.peer.index()];
            let is_later = |known: &KnownPeer| {
                known.life != claim.life.id && known.is_continued_by(claim.life)
            };
            state.linked.is_some() && state.known.as_ref().is_some_and(is_later)
        };
        while is_linked() {
            self.link_ended.notified().await;
        }
    }

    /// May this life of a peer have a link? A refusal is logged.
    pub(crate) fn check(&self, claim: Claim<'_>) -> Result<(), Refusal> {
        let mut states = self.states.borrow_mut();
        let state = &mut states[claim.peer.index()];
        let Some(known) = &mut state.known else { return Ok(()) };
        let is_copy = state.outdated.is_some_and(|refused| refused.precedes(claim.life));
        let may_continue = !is_copy && known.is_continued_by(claim.life);
        let policy = (self.amnesia, self.can_forget);
        let Err(refusal) = judge(known, state.linked, claim, may_continue, policy) else {
            return Ok(());
        };
        if refusal == Refusal::Outdated {
            state.outdated = Some(claim.life.id);
        }
        if refusal == Refusal::NewLife {
            known.successor = Some(claim.life.id.store);
        }
        if state.logged.replace(refusal) != Some(refusal) {
            let (peer, life) = (claim.peer, claim.life.id);
            let (store, incarnation) = (life.store, life.incarnation);
            let (known, of) = (known.life.store, known.life.incarnation);
            tracing::error!(
                %peer, %store, incarnation, known_store = %known, known_incarnation = of,
                "kept out: {refusal}"
            );
        }
        Err(refusal)
    }

    /// Checks again, and notes that the handshake with this life has finished.
    pub(crate) fn meet(&self, claim: Claim<'_>) -> Result<(), Refusal> {
        self.check(claim)?;
        let state = &mut self.states.borrow_mut()[claim.peer.index()];
        match &mut state.known {
            Some(known) => known.meet(claim.life),
            None => state.known = Some(KnownPeer::new(claim.life.id)),
        }
        Ok(())
    }

    /// There is a link to the peer, which is reached at this address. Returns what the node must
    /// remember of the peer.
    pub(crate) fn up(&self, peer: NodeId, address: SocketAddr) -> Option<KnownPeer> {
        let state = &mut self.states.borrow_mut()[peer.index()];
        (state.linked, state.logged) = (Some(address), None);
        state.known.clone()
    }

    /// There is no link to the peer any more.
    pub(crate) fn down(&self, peer: NodeId) {
        self.states.borrow_mut()[peer.index()].linked = None;
        self.link_ended.notify_waiters();
    }

    /// The store of a peer that has a link has this many commits.
    pub(crate) fn hear_commits(&self, peer: NodeId, commits: u64) {
        let state = &mut self.states.borrow_mut()[peer.index()];
        if let Some(known) = &mut state.known
            && known.commits < commits
        {
            (known.commits, state.has_advanced) = (commits, true);
        }
    }

    /// The peers that have told of commits since the last call, and what the node must remember.
    pub(crate) fn take_advanced(&self) -> Vec<(NodeId, KnownPeer)> {
        let mut states = self.states.borrow_mut();
        let advanced = |(index, state): (usize, &mut State)| {
            let has_advanced = std::mem::take(&mut state.has_advanced);
            let known = state.known.as_ref().filter(|_| has_advanced)?;
            Some((NodeId::from_index(index), known.clone()))
        };
        states.iter_mut().enumerate().filter_map(advanced).collect()
    }

    /// The peers that begin a new life, and what the node must remember of them.
    pub(crate) fn with_successor(&self) -> Vec<(NodeId, KnownPeer)> {
        let states = self.states.borrow();
        let known = states
            .iter()
            .enumerate()
            .filter_map(|(index, state)| Some((NodeId::from_index(index), state.known.clone()?)));
        known.filter(|(_, known)| known.successor.is_some()).collect()
    }
}

/// May a peer of which this is known have a link with the life that it claims? `may_continue` is
/// whether that life can be a later one of the known store.
fn judge(
    known: &KnownPeer,
    linked: Option<SocketAddr>,
    Claim { life, .. }: Claim<'_>,
    may_continue: bool,
    (amnesia, can_forget): (Amnesia, bool),
) -> Result<(), Refusal> {
    if life.id == known.life {
        return Ok(());
    }
    if let Some(address) = linked {
        return Err(Refusal::Duplicate(address));
    }
    if amnesia == Amnesia::Accept || may_continue {
        return Ok(());
    }
    let store = life.id.store;
    if store == known.life.store {
        return Err(Refusal::Outdated);
    }
    let is_accepted = life.is_new && can_forget && !known.replaced.contains(&store);
    Err(if is_accepted { Refusal::NewLife } else { Refusal::Store })
}
