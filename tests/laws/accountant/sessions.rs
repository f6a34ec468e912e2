//! Which sessions are up, what their ends lose, and of what nodes are told.

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::network::Between;
use rehearsal::sim::trace::{Ended, Event, EventKind};

use super::cuts::Cuts;
use super::mail::Mail;
use super::nodes::Nodes;
use super::{Audit, Circumstances, is, links};

type Pair = (NodeId, NodeId);

pub(super) struct Sessions<'a> {
    of: &'a Circumstances,
    pairs: BTreeMap<Pair, State>,
    /// What was sent with events up to this number does not arrive on this link.
    lost: BTreeMap<(NodeId, NodeId), u64>,
    /// The peers of which each node was told last that a session with them is up.
    told: BTreeMap<NodeId, Vec<NodeId>>,
    /// Until when a node can take a peer that has crashed for one with which it has a session.
    farewells: BTreeMap<(NodeId, NodeId), Time>,
    started: BTreeMap<NodeId, Time>,
}

#[derive(Clone, Copy, Default)]
struct State {
    is_up: bool,
    ended: Option<Time>,
    /// When a cut across it was made or ended last.
    cut_changed: Option<Time>,
    is_cut: bool,
    /// When it was cut last for certain, or that ended.
    cut_for_certain: Option<Time>,
    is_certain: bool,
}

impl<'a> Sessions<'a> {
    pub(super) fn new(of: &'a Circumstances) -> Self {
        let mut pairs = BTreeMap::new();
        for one in NodeId::all(of.nodes) {
            for other in NodeId::all(of.nodes).filter(|other| one < *other) {
                let is_session = of.network.sessions.as_ref().is_some_and(|it| match &it.between {
                    Between::All => true,
                    Between::Pairs(pairs) => {
                        pairs.contains(&(one, other)) || pairs.contains(&(other, one))
                    }
                });
                if is_session {
                    pairs.insert((one, other), State::default());
                }
            }
        }
        Self {
            of,
            pairs,
            lost: BTreeMap::new(),
            told: BTreeMap::new(),
            farewells: BTreeMap::new(),
            started: BTreeMap::new(),
        }
    }

    /// Is the link one direction of a session that is up, or of none at all? `None` if it has
    /// no sessions.
    pub(super) fn is_up(&self, from: NodeId, to: NodeId) -> Option<bool> {
        self.pairs.get(&(from.min(to), from.max(to))).map(|state| state.is_up)
    }

    /// Has the end of a session lost what was sent on the link with this event?
    pub(super) fn has_lost(&self, from: NodeId, to: NodeId, number: u64) -> bool {
        self.lost.get(&(from, to)).is_some_and(|last| number <= *last)
    }

    /// The links on which all is lost that was sent before this event.
    pub(super) fn see(
        &mut self,
        event: &Event,
        is_calm: bool,
        nodes: &Nodes<'_>,
        cuts: &Cuts<'_>,
        mail: &Mail<'_>,
    ) -> Result<Vec<(NodeId, NodeId)>, String> {
        let now = event.at;
        self.note_cuts(event, cuts);
        let mut lost = Vec::new();
        match &event.what {
            EventKind::Start { node, .. } => {
                self.started.insert(*node, now);
            }
            EventKind::Crash { node } => {
                self.told.remove(node);
                let peers = self.pairs.keys().filter_map(|(one, other)| match node {
                    node if node == one => Some(*other),
                    node if node == other => Some(*one),
                    _ => None,
                });
                lost.extend(peers.map(|peer| (peer, *node)));
            }
            EventKind::Connect { pairs, since } => {
                is(!pairs.is_empty(), "nobody connects")?;
                is(*since + self.setup() == now, "another time than its setup takes")?;
                for (one, other) in pairs {
                    let mut earliest = self.earliest(*one, *other);
                    let pair = self.pairs.get(&(*one, *other));
                    let opened = pair.and_then(|pair| pair.cut_for_certain);
                    // Which cuts outlive the calm is not known here.
                    if let Some(opened) = opened.filter(|_| !is_calm) {
                        earliest = earliest.max(opened + self.setup());
                    }
                    let state = self.pairs.get_mut(&(*one, *other)).ok_or("no such session")?;
                    is(!std::mem::replace(&mut state.is_up, true), "connected twice")?;
                    is(nodes.is_up(*one) && nodes.is_up(*other), "a node that is down connects")?;
                    is(now >= earliest, "connected before its setup has ended")?;
                    is(!self.is_cut(*one, *other, is_calm, cuts), "connected across a cut")?;
                    lost.extend([(*one, *other), (*other, *one)]);
                }
            }
            EventKind::Disconnect { pairs, why } => {
                for (one, other) in pairs {
                    let has_crashed = !nodes.is_up(*one) || !nodes.is_up(*other);
                    let is_cut = [(one, other), (other, one)].map(|(a, b)| cuts.cut(*a, *b));
                    let is_cut_or_not = match why {
                        Ended::Crash => true,
                        Ended::Cut => is_cut != [Some(false); 2],
                        _ => !is_cut.contains(&Some(true)) || is_calm,
                    };
                    is(has_crashed == (*why == Ended::Crash), "crashed or not?")?;
                    is(is_cut_or_not, "ended by a cut or not?")?;
                    let state = self.pairs.get_mut(&(*one, *other)).ok_or("no such session")?;
                    is(std::mem::take(&mut state.is_up), "disconnected without a session")?;
                    state.ended = Some(now);
                    is(!(is_calm && self.of.are_core(*one, *other)), "disconnected in the calm")?;
                    for (from, to) in [(*one, *other), (*other, *one)] {
                        // What a node has sent before its crash still arrives.
                        if nodes.is_up(from) {
                            lost.push((from, to));
                        } else {
                            let least = links::bounds(&self.of.network, from, to).least;
                            // The least span of a law with a tail is known up to a thousandth.
                            let least = now + Duration::from_nanos(least + least / 400);
                            let arrives = mail.last_due((from, to)).unwrap_or(now).max(least);
                            let farewell = arrives + Duration::from_nanos(1);
                            self.farewells.insert((to, from), farewell);
                        }
                    }
                }
            }
            EventKind::Link { node, peer, up, .. } => {
                let told = self.told.entry(*node).or_default();
                let is_told = told.contains(peer);
                is(is_told != *up, "told twice, or of an end without a beginning")?;
                if *up {
                    told.push(*peer);
                } else {
                    told.retain(|told| told != peer);
                }
            }
            EventKind::Deliver { message, .. }
                if self.is_up(message.from, message.to).is_some() =>
            {
                let told = self.told.get(&message.to);
                let is_told = told.is_some_and(|told| told.contains(&message.from));
                is(is_told, "a message outside of a session")?;
            }
            _ => {}
        }
        self.lost.extend(lost.iter().map(|link| (*link, event.number)));
        Ok(lost)
    }

    /// The first instant at which a session can be up again.
    fn earliest(&self, one: NodeId, other: NodeId) -> Time {
        let ended = self.pairs.get(&(one, other)).and_then(|state| state.ended);
        let started = [one, other].map(|node| self.started.get(&node).copied());
        let since = started.into_iter().chain([ended]).flatten().max().unwrap_or(Time::ZERO);
        since + self.setup()
    }

    fn setup(&self) -> Duration {
        let setup = self.of.network.sessions.as_ref().map_or(0, |it| it.setup.as_nanos());
        Duration::from_nanos(setup)
    }

    fn note_cuts(&mut self, event: &Event, cuts: &Cuts<'_>) {
        let is_of_cuts = matches!(
            event.what,
            EventKind::Partition { .. }
                | EventKind::Cut { .. }
                | EventKind::Mend { .. }
                | EventKind::Heal
                | EventKind::Calm
        );
        if !is_of_cuts {
            return;
        }
        for ((one, other), state) in &mut self.pairs {
            let is_open = |from, to| cuts.cut(from, to) == Some(false);
            let is_cut = !is_open(*one, *other) || !is_open(*other, *one);
            if is_cut || state.is_cut {
                state.cut_changed = Some(event.at);
            }
            state.is_cut = is_cut;
            let is_certain = [(*one, *other), (*other, *one)]
                .iter()
                .any(|(from, to)| cuts.cut(*from, *to) == Some(true));
            if is_certain || state.is_certain && !is_cut {
                state.cut_for_certain = Some(event.at);
            }
            state.is_certain = is_certain;
        }
    }

    fn is_cut(&self, one: NodeId, other: NodeId, is_calm: bool, cuts: &Cuts<'_>) -> bool {
        if is_calm && self.of.are_core(one, other) {
            return false;
        }
        // Which cuts outlive the calm is not known here.
        let is_known = !is_calm || !self.of.is_outlived(one) && !self.of.is_outlived(other);
        let is_cut = |from, to| cuts.cut(from, to) == Some(true);
        is_known && (is_cut(one, other) || is_cut(other, one))
    }

    pub(super) fn end_of_instant(
        &self,
        now: Time,
        is_calm: bool,
        nodes: &Nodes<'_>,
        cuts: &Cuts<'_>,
    ) -> Audit {
        for ((one, other), state) in &self.pairs {
            let (one, other) = (*one, *other);
            if state.is_up {
                is(nodes.is_up(one) && nodes.is_up(other), "a session with a node that is down")?;
                is(!self.is_cut(one, other, is_calm, cuts), "a session across a cut")?;
                for (node, peer) in [(one, other), (other, one)] {
                    let is_told = self.told.get(&node).is_some_and(|told| told.contains(&peer));
                    is(is_told || nodes.pauses(node), "not told of a session")?;
                }
                continue;
            }
            for (node, peer) in [(one, other), (other, one)] {
                let is_told = self.told.get(&node).is_some_and(|told| told.contains(&peer));
                let farewell = self.farewells.get(&(node, peer)).copied().unwrap_or_default();
                let is_late = is_told && now > farewell && !nodes.pauses(node);
                is(!is_late, "not told that a session has ended")?;
            }
            if nodes.is_up(one) && nodes.is_up(other) {
                let is_promised = is_calm && self.of.are_core(one, other);
                // The trace does not say which links a lasting cut still separates in the calm.
                if !is_promised && (state.is_cut || is_calm) {
                    continue;
                }
                let calm = self.of.calm_at.filter(|_| is_promised);
                let opened = state.cut_changed.max(calm).unwrap_or_default() + self.setup();
                is(now < opened.max(self.earliest(one, other)), "a session does not come back")?;
            }
        }
        Ok(())
    }
}
