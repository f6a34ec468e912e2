//! Sessions begin and end, lose what was under way, and are told to machines.

use std::collections::BTreeSet;

use rehearsal_machine::{Input, Machine, NodeId, Time};

use super::pending::{Cause, Pending};
use super::run::Run;
use crate::network::{Link, Lost, Pair};
use crate::protocol::{MessageOf, Protocol};
use crate::queue::Key;
use crate::trace::{Ended, RawEvent};

impl<P: Protocol> Run<'_, P> {
    /// The node has started: the setup of its sessions begins.
    pub(super) fn set_up_sessions_of(&mut self, node: NodeId) {
        if let Some(sessions) = &self.transit.traffic.sessions {
            let pairs = sessions.pairs_of(node);
            self.set_up(&pairs);
        }
    }

    /// The node has crashed: its sessions end. What waits at the beginning of a link from it is
    /// lost, and what is under way to it. What is under way from it still arrives, and its peers
    /// learn of the end after that.
    pub(super) fn end_sessions_of(&mut self, node: NodeId) {
        let Some(sessions) = &mut self.transit.traffic.sessions else { return };
        sessions.forget(node);
        let pairs = sessions.pairs_of(node);
        let ended = self.end(&pairs, Ended::Crash);
        let (from_it, to_it): (BTreeSet<_>, BTreeSet<_>) =
            pairs.iter().flat_map(|pair| pair.links()).partition(|link| link.from == node);
        for link in from_it {
            self.lose_waiting(link);
        }
        // An end before may have left messages on their way to the node.
        self.lose_under_way(&to_it);
        for pair in ended {
            let number = self.number_of(pair);
            for link in pair.links().into_iter().filter(|link| link.from == node) {
                let traffic = &mut self.transit.traffic;
                let at = traffic.farewell(link, self.world.now);
                if let Some(sessions) = &mut traffic.sessions {
                    sessions.await_farewell(link, number);
                }
                self.tell(at, link.to, link.from, number, false);
            }
        }
    }

    /// Cuts have begun or ended, whichever they were: so do the sessions across them.
    pub(super) fn review_sessions(&mut self) {
        let Some(sessions) = &self.transit.traffic.sessions else { return };
        let pairs: Vec<_> = sessions.pairs().iter().collect();
        self.review(pairs);
    }

    /// The same of cuts on these links alone.
    pub(super) fn review_sessions_on(&mut self, links: impl Iterator<Item = Link>) {
        let Some(sessions) = &self.transit.traffic.sessions else { return };
        let links = links.filter(|link| sessions.pairs().has(*link));
        let pairs: BTreeSet<_> = links.map(|link| Pair::new(link.from, link.to)).collect();
        self.review(pairs.into_iter().collect());
    }

    /// The same of cuts between these sides, and the nodes that are on none of them.
    pub(super) fn review_sessions_between(&mut self, sides: &[Vec<NodeId>]) {
        let Some(sessions) = &self.transit.traffic.sessions else { return };
        let named: BTreeSet<_> = sides.iter().flatten().copied().collect();
        let others: Vec<_> = self.world.nodes().filter(|node| !named.contains(node)).collect();
        let mut sides: Vec<_> = sides.iter().chain([&others]).collect();
        // Of a session across sides one node at least is not on the largest.
        sides.sort_by_key(|side| side.len());
        sides.pop();
        let pairs = sides.into_iter().flatten().flat_map(|node| sessions.pairs_of(*node));
        let pairs: BTreeSet<_> = pairs.collect();
        self.review(pairs.into_iter().collect());
    }

    fn review(&mut self, pairs: Vec<Pair>) {
        let (open, cut): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| !self.is_cut(*pair));
        self.break_off(&cut, Ended::Cut);
        self.set_up(&open);
    }

    /// Breaks those of these sessions that are up and that a fault can reach.
    pub(super) fn break_sessions(&mut self, pairs: &[(NodeId, NodeId)], is_lasting: bool) {
        let pairs: BTreeSet<_> = self.breakable(pairs, is_lasting).collect();
        let pairs: Vec<_> = pairs.into_iter().collect();
        self.break_off(&pairs, Ended::Break);
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
        self.watch.event = Cause::Sessions;
        let now = self.world.now;
        let Some(sessions) = &mut self.transit.traffic.sessions else { return };
        let since = sessions.begun_before(now);
        let pairs = sessions.begin(now);
        let links = pairs.iter().flat_map(|pair| pair.links());
        let hurried = links.filter_map(|link| Some((link, sessions.hurry_farewell(link)?)));
        let hurried: Vec<_> = hurried.collect();
        self.record(&RawEvent::Connect { pairs: &pairs, since });
        self.lose_under_way(&hurried.iter().map(|(link, _)| *link).collect());
        for (link, number) in hurried {
            self.tell(now, link.to, link.from, number, false);
        }
        for pair in pairs {
            let number = self.number_of(pair);
            for Link { from, to } in pair.links() {
                self.tell(now, from, to, number, true);
            }
        }
    }

    /// These sessions end for both nodes at once: what is under way is lost in both directions.
    fn break_off(&mut self, pairs: &[Pair], why: Ended) {
        let ended = self.end(pairs, why);
        self.lose_under_way(&ended.iter().flat_map(|pair| pair.links()).collect());
        for pair in ended {
            let number = self.number_of(pair);
            for link in pair.links() {
                self.tell(self.world.now, link.to, link.from, number, false);
            }
        }
    }

    /// These sessions end, or their setup does; gives those that were up.
    fn end(&mut self, pairs: &[Pair], why: Ended) -> Vec<Pair> {
        let Some(sessions) = &mut self.transit.traffic.sessions else { return Vec::new() };
        let mut ended = Vec::new();
        for pair in pairs {
            if sessions.is_up(*pair) {
                ended.push(*pair);
            }
            sessions.end(*pair);
        }
        if !ended.is_empty() {
            self.record(&RawEvent::Disconnect { pairs: &ended, why });
        }
        ended
    }

    /// All that was sent on these links and has not been handled is lost.
    fn lose_under_way(&mut self, links: &BTreeSet<Link>) {
        if links.is_empty() {
            return;
        }
        let is_lost = |key: &Key, pending: &Pending<_>| {
            matches!(pending, Pending::Message(_))
                && links.contains(&Link::new(key.from(), key.to()))
        };
        let queued = self.queue.iter_mut().filter(|(key, pending)| is_lost(key, pending));
        let queued = queued.map(|(key, pending)| (*key, std::mem::replace(pending, Pending::Lost)));
        let mut lost: Vec<_> = queued.collect();
        lost.extend(self.lives.pauses.take_out(is_lost));
        lost.sort_unstable_by_key(|(key, _)| (key.from(), key.to(), key.count_and_copy()));
        for (key, pending) in lost {
            let Pending::Message(message) = pending else { continue };
            let (count, copy) = key.count_and_copy();
            self.lose_in_session(Link::new(key.from(), key.to()), count, copy, &message);
        }
        for link in links {
            self.transit.traffic.forget_sent(*link, self.world.now);
            self.lose_waiting(*link);
        }
    }

    fn lose_waiting(&mut self, link: Link) {
        for (count, message) in self.transit.take_waiting(link) {
            self.lose_in_session(link, count, 0, &message);
        }
    }

    /// A message is lost since the session that carried it has ended.
    fn lose_in_session(&mut self, link: Link, count: u32, copy: u8, message: &MessageOf<P>) {
        let Link { from, to } = link;
        self.watch.tally.lose(Lost::NoSession);
        self.record(&RawEvent::Strand { node: to, from, count, copy, message });
    }

    /// Lets a node know of a session then, if its machine wants to. However many sessions begin
    /// at once, that is one event which makes others: it does not keep time from advancing.
    fn tell(&mut self, at: Time, node: NodeId, peer: NodeId, session: u32, up: bool) {
        if !P::Machine::HEARS_LINKS {
            return;
        }
        let Some(incarnation) = self.world.incarnation(node) else { return };
        let key = Key::link(at, node, peer, session, up);
        self.queue.push(key, Pending::Link { incarnation, session, up });
    }

    /// Is news of a session still news to the node?
    pub(super) fn is_news(&mut self, key: &Key, incarnation: u32, session: u32, up: bool) -> bool {
        let (node, peer) = (key.to(), key.from());
        let is_same_life = self.world.incarnation(node) == Some(incarnation);
        let sessions = self.transit.traffic.sessions.as_mut();
        is_same_life && sessions.is_some_and(|sessions| sessions.tell(node, peer, session, up))
    }

    /// A node learns of a session.
    pub(super) fn hear_of_link(&mut self, node: NodeId, peer: NodeId, session: u32, up: bool) {
        self.watch.event = Cause::Link { peer, up };
        self.record(&RawEvent::Link { node, peer, session, up });
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
