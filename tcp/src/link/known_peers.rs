//! Which life of each peer the node knows, and whether another one may have a link.
//!
//! Protocols count on what both ends of a link remember: the number of the last message, a vote. A
//! node that returns without its memory would be answered on the strength of what its earlier life
//! said. A peer's handshake cannot show what the peer has forgotten, but it names the store of its
//! state, the incarnation that the store has counted, and a random number of the process. So a
//! node notices a lost folder (another store), a folder restored from a backup (an earlier
//! incarnation), and a copied one (an incarnation with another session), and keeps all of them out.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::net::SocketAddr;

use rehearsal_machine::NodeId;

use crate::disk::Cells;
use crate::disk::life::{KnownPeer, LifeId};
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
}

/// The state of one peer.
struct State {
    known: Option<KnownPeer>,
    /// The address at which the peer is reached, while there is a link.
    linked: Option<SocketAddr>,
    /// The refusal that was logged last, so that it is logged once.
    logged: Option<Refusal>,
}

/// A life as a peer states it in its handshake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) peer: NodeId,
    pub(crate) life: LifeId,
    /// Does the life's store begin a new life?
    pub(crate) is_new_life: bool,
}

impl KnownPeers {
    pub(crate) fn new(nodes: u32, cells: &Cells, amnesia: Amnesia) -> Self {
        let state = |peer| State { known: cells.peer(peer).cloned(), linked: None, logged: None };
        let states = NodeId::all(nodes).map(state).collect();
        Self { amnesia, can_forget: cells.can_forget(), states: RefCell::new(states) }
    }

    /// May this life of a peer have a link? A refusal is logged.
    pub(crate) fn check(&self, claim: Claim) -> Result<(), Refusal> {
        let mut states = self.states.borrow_mut();
        let state = &mut states[claim.peer.index()];
        let Some(known) = &mut state.known else { return Ok(()) };
        let Err(refusal) = judge(known, state.linked, claim, self.amnesia, self.can_forget) else {
            return Ok(());
        };
        if refusal == Refusal::NewLife {
            known.successor = Some(claim.life.store);
        }
        if state.logged.replace(refusal) != Some(refusal) {
            let Claim { peer, life, .. } = claim;
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
    pub(crate) fn meet(&self, claim: Claim) -> Result<(), Refusal> {
        self.check(claim)?;
        let state = &mut self.states.borrow_mut()[claim.peer.index()];
        match &mut state.known {
            Some(known) => known.life = claim.life,
            None => state.known = Some(KnownPeer::new(claim.life)),
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

/// May a peer of which this is known have a link with the life that it claims?
fn judge(
    known: &KnownPeer,
    linked: Option<SocketAddr>,
    claim: Claim,
    amnesia: Amnesia,
    can_forget: bool,
) -> Result<(), Refusal> {
    let Claim { life, is_new_life, .. } = claim;
    let is_same_store = life.store == known.life.store;
    if is_same_store {
        match life.incarnation.cmp(&known.life.incarnation) {
            Ordering::Greater => return Ok(()),
            Ordering::Equal if life.session == known.life.session => return Ok(()),
            _ => {}
        }
    }
    if let Some(address) = linked {
        return Err(Refusal::Duplicate(address));
    }
    if amnesia == Amnesia::Accept {
        return Ok(());
    }
    if is_same_store {
        return Err(Refusal::Outdated);
    }
    let is_accepted = is_new_life && can_forget && !known.replaced.contains(&life.store);
    Err(if is_accepted { Refusal::NewLife } else { Refusal::Store })
}
