use std::fmt;

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::random::generator;

/// The random identity of a node's saved state, made when its folder is first used.
///
/// A node whose folder was lost, or that uses another folder, has another store, although it has
/// the same number, name and key. Its peers must not mistake it for the node that they know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StoreId([u8; 16]);

/// Which life of a node: the store that it started from, and which start it was.
///
/// A store counts its incarnations, so two lives with the same store and incarnation have started
/// from two copies of one folder. The session tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LifeId {
    pub(crate) store: StoreId,
    pub(crate) incarnation: u32,
    /// A random number of the process.
    pub(crate) session: u64,
}

/// One life of a node, as the node states it in the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Life {
    pub(crate) id: LifeId,
    /// Does the store begin a new life of a node whose earlier state is lost?
    pub(crate) is_new: bool,
    /// The last [`MAX_PAST`](Self::MAX_PAST) incarnations before this one, the latest first. The
    /// earlier ones are forgotten.
    pub(crate) past: Vec<PastIncarnation>,
}

/// An earlier incarnation of a store, as the next one found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PastIncarnation {
    pub(crate) session: u64,
    /// How many commits the store had at the incarnation's end, since the store's beginning.
    pub(crate) commits: u64,
}

/// What a node remembers of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownPeer {
    /// The latest life with which the node had a link.
    pub(crate) life: LifeId,
    /// How many commits the peer's store has had at least: as many as precede the last message that
    /// arrived.
    pub(crate) commits: u64,
    /// The store with which the peer begins a new life. The node accepts it once it has forgotten
    /// what it saved about the earlier lives.
    pub(crate) successor: Option<StoreId>,
    /// The stores of the last [`MAX_REPLACED`](Self::MAX_REPLACED) lives, the oldest first. They are
    /// not accepted again.
    pub(crate) replaced: Vec<StoreId>,
}

impl StoreId {
    pub(crate) fn random() -> Self {
        Self(generator().random())
    }

    /// The identity that consists of these bytes.
    #[cfg(test)]
    pub(crate) const fn of(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Shows the first eight of its 32 hexadecimal digits, which suffice to tell stores apart.
impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl LifeId {
    /// Is this the claimed life, or one of the earlier ones that it remembers?
    pub(crate) fn precedes(&self, life: &Life) -> bool {
        let later = life.id.incarnation.checked_sub(self.incarnation);
        life.id.store == self.store
            && match later {
                None => false,
                Some(0) => life.id.session == self.session,
                Some(later) => {
                    let past = life.past.get(later as usize - 1);
                    past.is_some_and(|past| past.session == self.session)
                }
            }
    }
}

impl Life {
    pub(crate) const MAX_PAST: usize = 16;

    /// The life of a node that has never run, before its first incarnation.
    pub(crate) fn unborn() -> Self {
        let id = LifeId { store: StoreId::random(), incarnation: 0, session: 0 };
        Self { id, is_new: false, past: Vec::new() }
    }

    /// Goes on to the store's next incarnation. The store has this many commits.
    pub(crate) fn begin_incarnation(&mut self, commits: u64) {
        if self.id.incarnation > 0 {
            self.past.insert(0, PastIncarnation { session: self.id.session, commits });
            self.past.truncate(Self::MAX_PAST);
        }
        // With a restart per second it saturates after 136 years.
        self.id.incarnation = self.id.incarnation.saturating_add(1);
        self.id.session = generator().random();
    }

    /// Makes this the first incarnation of another store.
    pub(crate) fn begin_new_store(&mut self) {
        *self = Self { is_new: true, ..Self::unborn() };
        self.begin_incarnation(0);
    }
}

impl KnownPeer {
    /// The maximum number of replaced stores that are remembered.
    const MAX_REPLACED: usize = 16;

    /// A peer of which nothing but this life is known.
    pub(crate) fn new(life: LifeId) -> Self {
        Self { life, commits: 0, successor: None, replaced: Vec::new() }
    }

    /// Has this life of the peer all that the known one had when it sent its last message?
    ///
    /// It has not if it started from another store, or from a copy of the store that was made
    /// earlier. A node commits before it sends, so each message follows from the commits that the
    /// store then had. If more than [`Life::MAX_PAST`] incarnations lie between the two lives, only
    /// the number of commits can be compared: a copy that has since had as many of its own is not
    /// noticed.
    pub(crate) fn is_continued_by(&self, life: &Life) -> bool {
        if life.id.store != self.life.store {
            return false;
        }
        match life.id.incarnation.checked_sub(self.life.incarnation) {
            None => false,
            Some(0) => life.id.session == self.life.session,
            Some(later) => match life.past.get(later as usize - 1) {
                Some(known) => known.session == self.life.session && known.commits >= self.commits,
                // The known incarnation is forgotten, and commits only grow.
                None => life.past.last().is_none_or(|oldest| oldest.commits >= self.commits),
            },
        }
    }

    /// The node has a link with this life of the peer.
    pub(crate) fn meet(&mut self, life: &Life) {
        if !self.is_continued_by(life) {
            self.commits = 0;
        }
        self.life = life.id;
    }

    /// Replaces the peer's store by its successor, if there is one. Returns whether there was.
    pub(crate) fn succeed(&mut self) -> bool {
        let Some(store) = self.successor.take() else { return false };
        self.replaced.push(self.life.store);
        let excess = self.replaced.len().saturating_sub(Self::MAX_REPLACED);
        self.replaced.drain(..excess);
        // Incarnations count from 1, so every life of the new store continues this one.
        self.life = LifeId { store, incarnation: 0, session: 0 };
        self.commits = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first life of a node, which has told its peer of five commits.
    fn known() -> KnownPeer {
        let mut life = Life::unborn();
        life.begin_incarnation(0);
        KnownPeer { commits: 5, ..KnownPeer::new(life.id) }
    }

    /// The first incarnation of another store, and a restart of it after one commit.
    fn other_store() -> [Life; 2] {
        let mut first = Life::unborn();
        first.begin_new_store();
        let mut restarted = first.clone();
        restarted.begin_incarnation(1);
        [first, restarted]
    }

    #[test]
    fn the_commits_of_a_lost_store_are_not_asked_of_its_successor() {
        let [first, restarted] = other_store();
        let mut known = known();
        known.successor = Some(first.id.store);
        assert!(known.succeed());
        known.meet(&first);
        assert!(known.is_continued_by(&restarted));
    }

    #[test]
    fn the_commits_of_a_lost_store_are_not_asked_of_a_store_that_amnesia_lets_in() {
        let [first, restarted] = other_store();
        let mut known = known();
        known.meet(&first);
        assert!(known.is_continued_by(&restarted));
    }
}
