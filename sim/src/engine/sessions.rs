//! Sessions begin and end, lose what was under way, and are told to machines.

use rehearsal_machine::{Input, Machine, NodeId, Time};

use super::pending::{Cause, Pending};
use super::run::Run;
use crate::network::{Link, Lost, Pair};
use crate::protocol::{MessageOf, Protocol};
use crate::queue::Key;
use crate::trace::RawEvent;

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It breaks: what is under way is lost in both directions, and both nodes learn of it
    /// at once.
    Breaks,
    /// This node has crashed. What is on its way from it still arrives, and its peer learns
    /// of the end after that.
    Crash(NodeId),
}

impl<P: Protocol> Run<'_, P> {
    /// The node has started: the setup of its sessions begins.
    pub(super) fn set_up_sessions_of(&mut self, node: NodeId) {
        if let Some(sessions) = &self.transit.traffic.sessions {
            let pairs = sessions.pairs_of(node);
            self.set_up(&pairs);
        }
    }

    /// The node has crashed: its sessions end.
    pub(super) fn end_sessions_of(&mut self, node: NodeId) {
        if let Some(sessions) = &mut self.transit.traffic.sessions {
            sessions.forget(node);
            let pairs = sessions.pairs_of(node);
            self.end(&pairs, End::Crash(node));
            // An end before may have left messages on their way to the node.
            for link in pairs.iter().flat_map(|pair| pair.links()) {
                if link.to == node {
                    self.lose_under_way(link);
                }
            }
        }
    }

    /// Cuts have begun or ended: so do the sessions across them.
    pub(super) fn review_sessions(&mut self) {
        let Some(sessions) = &self.transit.traffic.sessions else { return };
        let pairs = sessions.pairs();
        let (open, cut): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| !self.is_cut(*pair));
        self.end(&cut, End::Breaks);
        self.set_up(&open);
    }

    /// Breaks those of these sessions that are up and that a fault can reach.
    pub(super) fn break_sessions(&mut self, pairs: &[(NodeId, NodeId)], is_lasting: bool) {
        let pairs: Vec<_> = self.breakable(pairs, is_lasting).collect();
        self.end(&pairs, End::Breaks);
        self.set_up(&pairs);
    }

    /// Would a fault break any of these sessions now?
    pub(super) fn can_break(&self, pairs: &[(NodeId, NodeId)], is_lasting: bool) -> bool {
        self.breakable(pairs, is_lasting).next().is_some()
    }

    fn breakable<'b>(
        &'b self,
        pairs: &'b [(NodeId, NodeId)],
        is_lasting: bool,
    ) -> impl Iterator<Item = Pair> + use<'b, P> {
        let sessions = self.transit.traffic.sessions.as_ref();
        let pairs = pairs.iter().map(|(one, other)| Pair::new(*one, *other));
        let is_in_reach = move |pair: &Pair| {
            is_lasting || !pair.links().iter().all(|link| self.transit.calm.protects(*link))
        };
        pairs
            .filter(move |pair| sessions.is_some_and(|sessions| sessions.is_up(*pair)))
            .filter(is_in_reach)
    }

    /// Begins the setup of those that can begin and have not.
    fn set_up(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            let (low, high) = pair.nodes();
            if !self.world.is_up(low) || !self.world.is_up(high) || self.is_cut(*pair) {
                continue;
            }
            let now = self.world.now;
            let Some(sessions) = &mut self.transit.traffic.sessions else { return };
            if sessions.is_down(*pair)
                && let Some(at) = sessions.set_up(*pair, now)
            {
                self.schedule(Key::sessions(at), Pending::Sessions);
            }
        }
    }

    /// The setup of some sessions ends: they begin. What an earlier one still has under way
    /// is lost by then.
    pub(super) fn sessions_begin(&mut self) {
        self.watch.event = Cause::Link;
        let now = self.world.now;
        let Some(sessions) = &mut self.transit.traffic.sessions else { return };
        let pairs = sessions.begin(now);
        self.record(&RawEvent::Connect { pairs: &pairs });
        for pair in pairs {
            for link in pair.links() {
                self.lose_under_way(link);
            }
            let number = self.number_of(pair);
            for Link { from, to } in pair.links() {
                if number > 1 {
                    self.tell(now, from, to, number - 1, false);
                }
                self.tell(now, from, to, number, true);
            }
        }
    }

    fn end(&mut self, pairs: &[Pair], end: End) {
        let Some(sessions) = &mut self.transit.traffic.sessions else { return };
        let mut ended = Vec::new();
        for pair in pairs {
            if sessions.is_up(*pair) {
                ended.push(*pair);
            }
            sessions.end(*pair);
        }
        if ended.is_empty() {
            return;
        }
        self.record(&RawEvent::Disconnect { pairs: &ended });
        let now = self.world.now;
        for pair in ended {
            let number = self.number_of(pair);
            for link in pair.links() {
                match end {
                    End::Crash(node) if link.from == node => {
                        self.lose_waiting(link);
                        let at = self.transit.traffic.farewell(link, now);
                        self.tell(at, link.to, link.from, number, false);
                    }
                    End::Crash(_) => {}
                    End::Breaks => {
                        self.lose_under_way(link);
                        self.tell(now, link.to, link.from, number, false);
                    }
                }
            }
        }
    }

    /// Nothing that was sent on the link so far arrives any more. What waits at its beginning
    /// is lost now; what is on its way, when it would have arrived.
    fn lose_under_way(&mut self, link: Link) {
        self.transit.traffic.lose_under_way(link);
        self.lose_waiting(link);
    }

    fn lose_waiting(&mut self, link: Link) {
        for (count, message) in self.transit.take_waiting(link) {
            self.lose_in_session(link, count, 0, &message);
        }
    }

    /// A message is lost since the session that carried it has ended.
    pub(super) fn lose_in_session(
        &mut self,
        link: Link,
        count: u32,
        copy: u8,
        message: &MessageOf<P>,
    ) {
        let Link { from, to } = link;
        self.watch.tally.lose(Lost::NoSession);
        self.record(&RawEvent::Strand { node: to, from, count, copy, message });
    }

    /// Lets a node know of a session then, if its machine wants to.
    fn tell(&mut self, at: Time, node: NodeId, peer: NodeId, session: u32, up: bool) {
        if !P::Machine::HEARS_LINKS {
            return;
        }
        let Some(incarnation) = self.world.incarnation(node) else { return };
        let key = Key::link(at, node, peer, session, up);
        self.schedule(key, Pending::Link { incarnation, session, up });
    }

    /// Is news of a session still news to the node?
    pub(super) fn is_news(&mut self, key: &Key, incarnation: u32, session: u32, up: bool) -> bool {
        let (node, peer) = (key.to(), key.from());
        let is_same_life = self.world.incarnation(node) == Some(incarnation);
        let sessions = self.transit.traffic.sessions.as_mut();
        is_same_life && sessions.is_some_and(|sessions| sessions.tell(node, peer, session, up))
    }

    /// A node learns of a session.
    pub(super) fn hear_of_link(&mut self, node: NodeId, peer: NodeId, up: bool) {
        self.watch.event = Cause::Link;
        self.record(&RawEvent::Link { node, peer, up });
        self.step(node, Input::Link { peer, up }, None);
    }

    fn is_cut(&self, pair: Pair) -> bool {
        let Self { transit, .. } = self;
        let is_cut = |link: &Link| transit.traffic.cuts.cut(*link, transit.calm.protects(*link));
        pair.links().iter().any(is_cut)
    }

    fn number_of(&self, pair: Pair) -> u32 {
        self.transit.traffic.sessions.as_ref().map_or(0, |sessions| sessions.number(pair))
    }
}
