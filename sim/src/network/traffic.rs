use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};

use super::{
    Calm, Cuts, Delays, Fate, Link, LinkCounts, Lost, Network, Pair, Pipes, SessionStates,
};
use crate::chance::Chance;
use crate::source::TimeSpan;

/// The network at work in a run: what its links remember, and which of them
/// are cut or held. Every message's fate is settled here when it is sent.
pub(crate) struct Traffic<'a> {
    network: &'a Network,
    pub(crate) cuts: Cuts,
    pub(crate) sessions: Option<SessionStates>,
    counts: LinkCounts,
    pipes: Option<Pipes<'a>>,
    /// The links that are held, and whether they stay so in the calm.
    held: BTreeMap<Link, bool>,
    happened: Happened,
}

/// What the calm promises of a message that was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// It arrives within its longest delay after the calm has begun.
    Kept,
    /// Nothing: a fault that outlives the calm has delayed it.
    Void,
}

/// What faults on a message make of it beside its delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    /// Does it wait at the beginning of its link, though the link is free?
    pub(crate) is_withheld: bool,
    pub(crate) promise: Promise,
}

/// How often the network's own chance did something to a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Happened {
    /// It lost one.
    pub lost: u64,
    /// It damaged one.
    pub corrupted: u64,
    /// It let one arrive twice.
    pub duplicated: u64,
    /// It held one back.
    pub reordered: u64,
}

impl<'a> Traffic<'a> {
    pub(crate) fn new(network: &'a Network, nodes: usize) -> Self {
        let sessions = network.sessions.as_ref();
        Self {
            network,
            cuts: Cuts::default(),
            sessions: sessions.map(|sessions| SessionStates::new(sessions, nodes as u32)),
            counts: LinkCounts::new(nodes),
            pipes: Pipes::new(nodes, network),
            held: BTreeMap::new(),
            happened: Happened::default(),
        }
    }

    /// As new, but keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.cuts.heal();
        self.counts.clear();
        if let Some(sessions) = &mut self.sessions {
            sessions.clear();
        }
        if let Some(pipes) = &mut self.pipes {
            pipes.clear();
        }
        self.held.clear();
        self.happened = Happened::default();
    }

    pub(crate) fn happened(&self) -> Happened {
        self.happened
    }

    /// Counts one more message on the link, and tells which it is, from 1.
    #[inline]
    pub(crate) fn count(&mut self, link: Link) -> u32 {
        self.counts.next(link)
    }

    /// Reads what [`count`](Self::count) will read first of the link, which is
    /// at hand then; means nothing.
    #[inline]
    pub(crate) fn peek(&self, link: Link) -> u64 {
        self.counts.peek(link)
    }

    /// What chance makes of a message.
    #[inline]
    pub(crate) fn by_chance(
        &mut self,
        chance: &Chance,
        is_calm: bool,
        link: Link,
        count: u32,
    ) -> Delays {
        let is_shielded = is_calm || self.is_session(link);
        self.network.delays(chance, is_shielded, link, count, &mut self.happened)
    }

    /// When a message arrives to which nothing can happen but its delay.
    #[expect(
        clippy::inline_always,
        reason = "most of what a run does is this, and a call of it shows"
    )]
    #[inline(always)]
    pub(crate) fn undisturbed(&self, chance: &Chance, link: Link, count: u32, now: Time) -> Time {
        // What is sent before the calm can take the law's longest delay, which is what the calm
        // allows, and no more.
        now + TimeSpan::from_nanos(self.network.delay(chance, link, count))
    }

    /// The fate of a message that is sent now, `size` bytes long (0 where
    /// nobody asks); its delays, if it has to wait because its link is held.
    #[inline]
    pub(crate) fn route(
        &mut self,
        link: Link,
        size: u64,
        delays: Delays,
        now: Time,
        calm: &Calm,
        Wait { is_withheld, promise }: Wait,
    ) -> Result<Fate, Delays> {
        if link.from == link.to {
            return Ok(self.arrivals(link, delays, now, calm, promise));
        }
        if !self.cuts.is_empty() && self.cuts.cut(link, calm.protects(link)) {
            return Ok(Fate::Lost(Lost::Partition));
        }
        if let Some(sessions) = &self.sessions
            && sessions.pairs().has(link)
            && !sessions.is_up(Pair::new(link.from, link.to))
        {
            return Ok(Fate::Lost(Lost::NoSession));
        }
        if size > self.network.max_message {
            return Ok(Fate::Lost(Lost::TooLarge));
        }
        let has_to_wait = is_withheld || !self.held.is_empty() && self.is_held(link);
        match delays {
            Delays::After { .. } if has_to_wait => Err(delays),
            delays => Ok(self.depart(link, size, delays, now, calm, promise)),
        }
    }

    /// The same for one whose way is free.
    #[inline]
    pub(crate) fn depart(
        &mut self,
        link: Link,
        size: u64,
        delays: Delays,
        now: Time,
        calm: &Calm,
        promise: Promise,
    ) -> Fate {
        let left = match &mut self.pipes {
            Some(pipes) if link.from != link.to => match pipes.leave(link, size, now) {
                Ok(left) => left,
                Err(reason) => return Fate::Lost(reason),
            },
            _ => now,
        };
        self.arrivals(link, delays, left, calm, promise)
    }

    /// When the copies of a message arrive that left its sender at `left`.
    #[inline]
    pub(crate) fn arrivals(
        &mut self,
        link: Link,
        delays: Delays,
        left: Time,
        calm: &Calm,
        promise: Promise,
    ) -> Fate {
        let (first, copies) = match delays {
            Delays::Lost(reason) => return Fate::Lost(reason),
            Delays::After { first, copies } => (first, copies),
        };
        let network = self.network;
        let is_fifo = self.is_fifo(link);
        let latest = || calm.latest(link, || network.most(link));
        let mut arrival = |delay| {
            let mut at = left + TimeSpan::from_nanos(delay);
            if promise == Promise::Kept && calm.could_be_late(at) {
                at = at.min(latest());
            }
            match &mut self.pipes {
                Some(pipes) if is_fifo => pipes.arrive(link, at),
                _ => at,
            }
        };
        let first = arrival(first);
        Fate::Arrives { first, copies: copies.map(|delay| arrival(delay).as_nanos()) }
    }

    /// Is the link one direction of a session?
    #[inline]
    pub(crate) fn is_session(&self, link: Link) -> bool {
        self.sessions.as_ref().is_some_and(|sessions| sessions.pairs().has(link))
    }

    /// Do messages arrive in their order on this link?
    #[inline]
    pub(crate) fn is_fifo(&self, link: Link) -> bool {
        self.network.fifo.has(link) || self.is_session(link)
    }

    /// What was sent on the link so far is lost: nothing has to wait for it.
    pub(crate) fn forget_sent(&mut self, link: Link, now: Time) {
        if let Some(pipes) = &mut self.pipes {
            pipes.forget(link, now);
        }
    }

    /// When the receiver of a link learns that its sender is gone: after all messages that are
    /// under way, and not before one could have arrived.
    pub(crate) fn farewell(&mut self, link: Link, now: Time) -> Time {
        let least = now + TimeSpan::from_nanos(self.network.least(link));
        let pipes = self.pipes.as_mut();
        let arrival = pipes.map_or(Time::ZERO, |pipes| pipes.last_arrival(link));
        // Of one instant, news of a link would come before messages.
        let behind = if arrival >= now { arrival + TimeSpan::from_nanos(1) } else { now };
        least.max(behind)
    }

    /// Holds what is sent on the link from now on.
    pub(crate) fn hold(&mut self, link: Link, is_lasting: bool) {
        *self.held.entry(link).or_default() |= is_lasting;
    }

    pub(crate) fn is_held(&self, link: Link) -> bool {
        self.held.contains_key(&link)
    }

    /// Ends the hold of a link; false if there is none.
    pub(crate) fn release(&mut self, link: Link) -> bool {
        self.held.remove(&link).is_some()
    }

    /// What the calm makes of the network.
    pub(crate) fn calm(&mut self, now: Time, calm: &Calm) {
        if calm.is_for_all() {
            self.cuts.calm();
        }
        self.held.retain(|link, is_lasting| *is_lasting || !calm.protects(*link));
        if let Some(pipes) = &mut self.pipes {
            pipes.calm(now, |link| calm.protects(link));
        }
    }

    /// What a session leaves of delays that a plan may have decided: the message arrives once.
    pub(crate) fn on_session(&self, link: Link, delays: &Delays) -> Delays {
        match *delays {
            Delays::Lost(_) => self.network.usual(link),
            Delays::After { first, .. } => Delays::once(first),
        }
    }

    /// What the calm leaves of delays that a plan or a fault may have decided:
    /// the message arrives once, within its law's longest delay.
    pub(crate) fn calmed(&self, link: Link, delays: &Delays) -> Delays {
        match *delays {
            Delays::Lost(_) => self.network.usual(link),
            Delays::After { first, .. } => {
                Delays::once(first.clamp(self.network.least(link), self.network.most(link)))
            }
        }
    }
}

impl Link {
    #[inline]
    pub(crate) fn new(from: NodeId, to: NodeId) -> Self {
        Self { from, to }
    }

    /// Its place in a square of all links.
    pub(super) fn place(self, nodes: usize) -> usize {
        self.from.index() * nodes + self.to.index()
    }

    /// The link at this place in a square of all.
    pub(super) fn at(place: usize, nodes: usize) -> Self {
        Self::new(NodeId::from_index(place / nodes), NodeId::from_index(place % nodes))
    }
}
