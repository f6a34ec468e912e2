use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{NodeId, Time};

use super::{Link, Pair, SessionPairs, Sessions};
use crate::source::TimeSpan;

/// The sessions of a run: which are up, and what nodes have been told of them.
pub(crate) struct SessionStates {
    pairs: SessionPairs,
    setup: TimeSpan,
    /// Those that have ever been set up, or are about to be.
    states: BTreeMap<Pair, State>,
    /// The pairs whose setup ends at an instant. Some may have been given up since.
    due: BTreeMap<Time, BTreeSet<Pair>>,
    /// The links whose receiver is to learn, or has learnt, that its session has ended with the
    /// crash of the sender, whose last messages may be under way; and which session that was.
    farewells: BTreeMap<Link, u32>,
    /// The session of which a node has been told that it began, and not that it ended;
    /// by the link from the node to its peer.
    told: BTreeMap<Link, u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    /// How many sessions the pair has had.
    sessions: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Down,
    /// It is being set up, until this instant.
    Setup(Time),
    Up,
}

impl SessionStates {
    pub(crate) fn new(of: &Sessions, nodes: u32) -> Self {
        Self {
            pairs: SessionPairs::new(Some(of), nodes),
            setup: of.setup,
            states: BTreeMap::new(),
            due: BTreeMap::new(),
            farewells: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        let Self { pairs: _, setup: _, states, due, farewells, told } = self;
        states.clear();
        due.clear();
        farewells.clear();
        told.clear();
    }

    /// The pairs that can have a session.
    pub(crate) fn pairs(&self) -> &SessionPairs {
        &self.pairs
    }

    /// Those of this node.
    pub(crate) fn pairs_of(&self, node: NodeId) -> Vec<Pair> {
        self.pairs.peers_of(node).map(|peer| Pair::new(node, peer)).collect()
    }

    pub(crate) fn is_up(&self, pair: Pair) -> bool {
        self.states.get(&pair).is_some_and(|state| state.stage == Stage::Up)
    }

    /// Is it neither up nor being set up?
    pub(crate) fn is_down(&self, pair: Pair) -> bool {
        self.states.get(&pair).is_none_or(|state| state.stage == Stage::Down)
    }

    /// Those that are not up; and if they are being set up, until when.
    pub(crate) fn not_up(&self) -> impl Iterator<Item = (Pair, Option<Time>)> {
        self.pairs.iter().filter_map(|pair| match self.states.get(&pair).map(|it| it.stage) {
            Some(Stage::Up) => None,
            Some(Stage::Setup(at)) => Some((pair, Some(at))),
            Some(Stage::Down) | None => Some((pair, None)),
        })
    }

    /// Which session of the pair the present one is, or the last one was, from 1.
    pub(crate) fn number(&self, pair: Pair) -> u32 {
        self.states.get(&pair).map_or(0, |state| state.sessions)
    }

    /// When the setup that ends now began.
    pub(crate) fn begun_before(&self, now: Time) -> Time {
        Time::from_nanos(now.as_nanos().saturating_sub(self.setup.as_nanos()))
    }

    /// Begins to set a session up. Gives the instant at which that ends, unless
    /// another one ends then, too.
    pub(crate) fn set_up(&mut self, pair: Pair, now: Time) -> Option<Time> {
        let at = now + self.setup;
        self.states.entry(pair).or_default().stage = Stage::Setup(at);
        let due = self.due.entry(at).or_default();
        let is_first = due.is_empty();
        due.insert(pair);
        is_first.then_some(at)
    }

    /// Is the setup of any pair to end now? What was given up is forgotten.
    pub(crate) fn are_due(&mut self, now: Time) -> bool {
        let Some(due) = self.due.get_mut(&now) else { return false };
        let states = &self.states;
        due.retain(|pair| states.get(pair).is_some_and(|state| state.stage == Stage::Setup(now)));
        let are_due = !due.is_empty();
        if !are_due {
            self.due.remove(&now);
        }
        are_due
    }

    /// The sessions begin whose setup ends now.
    pub(crate) fn begin(&mut self, now: Time) -> Vec<Pair> {
        let pairs: Vec<_> = self.due.remove(&now).into_iter().flatten().collect();
        for pair in &pairs {
            let state = self.states.entry(*pair).or_default();
            state.sessions += 1;
            state.stage = Stage::Up;
        }
        pairs
    }

    /// The session, or its setup, ends.
    pub(crate) fn end(&mut self, pair: Pair) {
        if let Some(state) = self.states.get_mut(&pair) {
            state.stage = Stage::Down;
        }
    }

    /// The session has ended with the crash of the link's sender.
    pub(crate) fn await_farewell(&mut self, link: Link, session: u32) {
        self.farewells.insert(link, session);
    }

    /// The farewell that a new session of the link cannot wait for: of which session it is.
    pub(crate) fn hurry_farewell(&mut self, link: Link) -> Option<u32> {
        self.farewells.remove(&link)
    }

    /// The node is told that a session has begun, or that it has ended; false of an end that
    /// it has been told of, or whose beginning it has not.
    pub(crate) fn tell(&mut self, node: NodeId, peer: NodeId, session: u32, up: bool) -> bool {
        let link = Link::new(node, peer);
        if up {
            self.told.insert(link, session);
            return true;
        }
        let is_it = self.told.get(&link) == Some(&session);
        if is_it {
            self.told.remove(&link);
        }
        is_it
    }

    /// The node has crashed: it does not remember what it was told.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.told.retain(|link, _| link.from != node);
    }
}
