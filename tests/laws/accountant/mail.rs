//! What was sent, what became of it, and that nothing else arrives.

use std::collections::{BTreeMap, VecDeque};

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::network::Lost;
use rehearsal::sim::plan::MessageKey;
use rehearsal::sim::trace::{Event, EventKind};

use super::cuts::Cuts;
use super::nodes::Nodes;
use super::sessions::Sessions;
use super::{Account, Audit, Circumstances, is, links};

pub(super) struct Mail<'a> {
    of: &'a Circumstances,
    links: BTreeMap<(NodeId, NodeId), Link>,
    /// With which event each message was sent.
    numbers: BTreeMap<MessageKey, u64>,
    pub(super) account: Account,
}

#[derive(Default)]
struct Link {
    /// How many of each kind were sent.
    kinds: BTreeMap<String, u32>,
    /// In the order in which they were sent.
    sent: Vec<MessageKey>,
    is_held: bool,
    waiting: VecDeque<(MessageKey, String)>,
    /// By a fault, though the link is free.
    withheld: BTreeMap<MessageKey, String>,
    /// By key and copy: when it arrives, and what it says.
    on_the_way: BTreeMap<(MessageKey, u8), (Time, String)>,
    free_at: Time,
    last_arrival: Time,
    /// Its place among those that were sent, from 1, and its copy.
    last_came: (usize, u8),
}

/// What is announced of a message that sets off.
struct Fate<'e> {
    at: Time,
    message: &'e MessageKey,
    text: &'e str,
    lost: Option<Lost>,
    arrives: &'e [Time],
    is_protected: bool,
}

impl<'a> Mail<'a> {
    pub(super) fn new(of: &'a Circumstances) -> Self {
        Self { of, links: BTreeMap::new(), numbers: BTreeMap::new(), account: Account::default() }
    }

    pub(super) fn see<'e>(
        &mut self,
        event: &'e Event,
        is_calm: bool,
        nodes: &Nodes<'_>,
        cuts: &Cuts<'_>,
        sessions: &Sessions<'_>,
    ) -> Audit {
        let of = self.of;
        let protected = |from, to| is_calm && of.are_core(from, to);
        let fate = |message: &'e MessageKey, text, lost, arrives| {
            let is_protected = protected(message.from, message.to);
            Fate { at: event.at, message, text, lost, arrives, is_protected }
        };
        match &event.what {
            EventKind::Send { message, text, lost, arrives, .. } => {
                is(text.starts_with(message.kind.as_ref()), "of another kind than it says")?;
                let is_up = sessions.is_up(message.from, message.to);
                self.numbers.insert(message.clone(), event.number);
                self.send(&fate(message, text, *lost, arrives), is_calm, cuts, is_up)
            }
            EventKind::Leave { message, text, lost, arrives } => {
                let fate = fate(message, text, *lost, arrives);
                let link = self.links.entry((message.from, message.to)).or_default();
                // Which holds outlive the calm is not known here.
                let is_known = !of.is_outlived(message.from) && !of.is_outlived(message.to);
                is(!link.is_held || !is_known, "it leaves a link that is held")?;
                if let Some(withheld) = link.withheld.remove(message) {
                    is(withheld == *text, "another one was withheld")?;
                } else {
                    let which = (message.clone(), text.clone());
                    let place = link.waiting.iter().position(|waiting| *waiting == which);
                    let place = place.ok_or("another one was to leave")?;
                    // What leaves later than one that was sent later must have been withheld, too.
                    self.account.withheld += place as u64;
                    link.withheld.extend(link.waiting.drain(..place));
                    link.waiting.pop_front();
                }
                // What waited for the calm has left by then, however narrow the line is.
                let is_free = of.calm_at == Some(event.at);
                self.set_off(&fate, is_free && is_calm && of.are_covered(message.from, message.to))
            }
            EventKind::Hold { from, to } => {
                is(!protected(*from, *to), "held in the calm")?;
                self.links.entry((*from, *to)).or_default().is_held = true;
                Ok(())
            }
            EventKind::Release { from, to } => {
                let link = self.links.entry((*from, *to)).or_default();
                is(std::mem::take(&mut link.is_held), "released without a hold")
            }
            EventKind::Calm => {
                for ((from, to), link) in &mut self.links {
                    link.is_held &= !self.of.are_core(*from, *to);
                    if self.of.are_covered(*from, *to) {
                        // What waits for the line has left by now.
                        link.free_at = link.free_at.min(event.at);
                    }
                }
                Ok(())
            }
            EventKind::Deliver { message, copy, text } => {
                self.account.delivered += 1;
                let is_lost = self.is_lost(message, sessions)?;
                is(!is_lost, "it arrives though its session has ended")?;
                self.come(event.at, (message, *copy), text, nodes)
            }
            EventKind::Miss { message, copy, text } => {
                self.lose(if nodes.is_absent(message.to) { Lost::Absent } else { Lost::Down });
                self.come(event.at, (message, *copy), text, nodes)
            }
            EventKind::Strand { message, copy, text } => {
                self.lose(Lost::NoSession);
                let is_lost = self.is_lost(message, sessions)?;
                let is_waiting = self.is_waiting(message) && !nodes.is_up(message.from);
                is(is_lost || is_waiting, "lost though its session has not ended")?;
                self.strand(event.at, (message, *copy), text, nodes)
            }
            _ => Ok(()),
        }
    }

    /// Has the end of a session lost the message?
    fn is_lost(&self, message: &MessageKey, sessions: &Sessions<'_>) -> Result<bool, String> {
        let number = self.numbers.get(message).ok_or("never sent")?;
        Ok(sessions.has_lost(message.from, message.to, *number))
    }

    /// Does the message wait at the beginning of its link?
    fn is_waiting(&self, message: &MessageKey) -> bool {
        self.links.get(&(message.from, message.to)).is_some_and(|link| {
            link.withheld.contains_key(message)
                || link.waiting.iter().any(|(waiting, _)| waiting == message)
        })
    }

    /// What is under way on this link is lost: its line is free, and nothing has to wait.
    pub(super) fn forget(&mut self, link: (NodeId, NodeId), now: Time) {
        let link = self.links.entry(link).or_default();
        link.last_arrival = Time::ZERO;
        link.free_at = link.free_at.min(now);
    }

    /// When the last of what is under way on this link arrives.
    pub(super) fn last_due(&self, link: (NodeId, NodeId)) -> Option<Time> {
        let link = self.links.get(&link)?;
        link.on_the_way.values().map(|(due, _)| *due).max()
    }

    /// A message is lost before it has arrived, or while it waits for its receiver to resume.
    fn strand(
        &mut self,
        now: Time,
        (message, copy): (&MessageKey, u8),
        says: &str,
        nodes: &Nodes<'_>,
    ) -> Audit {
        let link = self.links.get_mut(&(message.from, message.to)).ok_or("never sent")?;
        if link.withheld.remove(message).is_some() {
            return Ok(());
        }
        let before = link.waiting.len();
        link.waiting.retain(|(waiting, _)| waiting != message);
        if link.waiting.len() < before {
            return Ok(());
        }
        let (due, text) = link.on_the_way.remove(&(message.clone(), copy)).ok_or("never sent")?;
        is(text == says, "it says something else than when it was sent")?;
        let (to, is_to_come) = (message.to, due >= now);
        let has_waited = nodes.pauses(to) || nodes.may_come(to, due, now);
        is(is_to_come || has_waited, "lost after it was to arrive")
    }

    fn lose(&mut self, why: Lost) {
        *self.account.lost.entry(why).or_default() += 1;
    }

    /// `is_up` is whether the session of its nodes is, if they can have one.
    fn send(
        &mut self,
        fate: &Fate<'_>,
        is_calm: bool,
        cuts: &Cuts<'_>,
        is_up: Option<bool>,
    ) -> Audit {
        let Fate { message, text, lost, arrives, is_protected, .. } = *fate;
        let MessageKey { from, to, .. } = *message;
        self.account.sent += 1;
        if to.number() > self.of.nodes {
            self.lose(Lost::Down);
            return is(lost == Some(Lost::Down) && arrives.is_empty(), "nobody is there");
        }
        let link = self.links.entry((from, to)).or_default();
        let nth = link.kinds.entry(message.kind.to_string()).or_default();
        *nth += 1;
        is(message.nth == *nth, "counted wrong")?;
        link.sent.push(message.clone());
        if from == to {
            return self.set_off(fate, true);
        }
        let is_known = !is_calm || !self.of.is_outlived(from) && !self.of.is_outlived(to);
        let is_cut =
            if is_protected { Some(false) } else { cuts.cut(from, to).filter(|_| is_known) };
        let says_cut = lost == Some(Lost::Partition);
        is(is_cut.is_none_or(|is_cut| is_cut == says_cut), "cut off or not?")?;
        let is_without = is_up == Some(false) && !says_cut;
        is(is_without == (lost == Some(Lost::NoSession)), "a session or no session?")?;
        if is_without {
            self.lose(Lost::NoSession);
            return is(arrives.is_empty(), "lost, and arrives");
        }
        let is_too_large = links::bytes(text) > self.of.network.max_message && !says_cut;
        is(is_too_large == (lost == Some(Lost::TooLarge)), "too large or not?")?;
        if says_cut || is_too_large {
            self.lose(lost.expect("one of the two"));
            return is(arrives.is_empty(), "lost, and arrives");
        }
        let link = self.links.entry((from, to)).or_default();
        if arrives.is_empty() && lost.is_none() && !link.is_held {
            self.account.withheld += 1;
            link.withheld.insert(message.clone(), text.to_owned());
            return is(!is_protected, "withheld in the calm");
        }
        if link.is_held && lost.is_none() && (arrives.is_empty() || is_known) {
            link.waiting.push_back((message.clone(), text.to_owned()));
            return is(arrives.is_empty(), "it does not wait on a link that is held");
        }
        self.set_off(fate, false)
    }

    /// `is_free` of a message that takes no time on the line.
    fn set_off(&mut self, fate: &Fate<'_>, is_free: bool) -> Audit {
        let Fate { at, message, lost, arrives, is_protected, .. } = *fate;
        let MessageKey { from, to, .. } = *message;
        let network = &self.of.network;
        let is_to_self = from == to;
        let link = self.links.entry((from, to)).or_default();
        let mut left = at;
        if let Some(line) = network.bandwidth.as_ref().filter(|_| !is_free) {
            let carried = links::carried(line, link.free_at, at, links::bytes(fate.text));
            is(carried.is_none() == (lost == Some(Lost::Full)), "room or no room?")?;
            if let Some(free_at) = carried {
                (link.free_at, left) = (free_at, free_at);
            }
        }
        let is_session = links::is_session(network, from, to);
        if let Some(why) = lost {
            is(!is_session || why == Lost::Full, "lost on a session")?;
            let by_chance = matches!(why, Lost::Loss | Lost::Corrupt);
            is(by_chance || why == Lost::Full && network.bandwidth.is_some(), "lost, but why?")?;
            is(!(by_chance && (is_protected || is_to_self)), "lost in spite of the calm")?;
            self.lose(why);
            return is(arrives.is_empty(), "lost, and arrives");
        }
        is(!arrives.is_empty(), "neither lost nor arriving")?;
        is(!is_session || arrives.len() == 1, "doubled on a session")?;
        if is_protected || is_to_self {
            self.account.in_calm += u64::from(!is_to_self);
            is(arrives.len() == 1, "doubled in spite of the calm")?;
        }
        self.announce(fate, left)
    }

    /// It left the line at `left`: are the arrivals within the laws?
    fn announce(&mut self, fate: &Fate<'_>, left: Time) -> Audit {
        let Fate { message, text, arrives, is_protected, .. } = *fate;
        let MessageKey { from, to, .. } = *message;
        self.account.duplicates += arrives.len() as u64 - 1;
        let (network, is_to_self) = (&self.of.network, from == to);
        let link = self.links.entry((from, to)).or_default();
        let links::Bounds { least, most } = links::bounds(network, from, to);
        let after = |from: Time, nanos: u64| Time::from_nanos(from.as_nanos() + nanos);
        let of_calm = self.of.calm_at.filter(|_| self.of.are_covered(from, to));
        let is_promised = self.of.are_core(from, to);
        let mut disturbed =
            arrives.len().saturating_sub(if network.duplicate.is_never() { 1 } else { 2 });
        for (copy, arrival) in (0..).zip(arrives) {
            let mut earliest = after(left, least);
            let mut latest = after(left, *most.end());
            if let Some(calm_at) = of_calm.filter(|calm_at| *calm_at > fate.at) {
                // What was late when the calm came is as if sent then.
                let by_calm = after(calm_at, *most.end());
                is(*arrival <= by_calm || !is_promised, "later than the calm allows")?;
                earliest = earliest.min(after(calm_at, *most.start()));
            }
            if !is_protected && !is_to_self {
                latest = after(latest, links::held_back(network));
            }
            if links::is_fifo(network, from, to) {
                is(*arrival >= link.last_arrival, "it overtakes on a FIFO link")?;
                if !is_protected {
                    latest = latest.max(link.last_arrival);
                }
                link.last_arrival = *arrival;
            }
            let is_within = (earliest..=latest).contains(arrival);
            is(is_within || !is_protected && !is_to_self, "late or early in spite of the calm")?;
            disturbed += usize::from(!is_within);
            let before =
                link.on_the_way.insert((message.clone(), copy), (*arrival, text.to_owned()));
            is(before.is_none(), "set off twice")?;
        }
        self.account.disturbed += disturbed as u64;
        Ok(())
    }

    fn come(
        &mut self,
        now: Time,
        (message, copy): (&MessageKey, u8),
        says: &str,
        nodes: &Nodes<'_>,
    ) -> Audit {
        let link = self.links.get_mut(&(message.from, message.to)).ok_or("never sent")?;
        let which = (message.clone(), copy);
        let (due, text) = link.on_the_way.remove(&which).ok_or("never sent, or here before")?;
        is(text == says, "it says something else than when it was sent")?;
        is(nodes.may_come(message.to, due, now), "at another time than announced")?;
        let place = link.sent.iter().position(|sent| sent == message).ok_or("never sent")? + 1;
        if links::is_fifo(&self.of.network, message.from, message.to) {
            is((place, copy) > link.last_came, "it has overtaken on a FIFO link")?;
        }
        link.last_came = (place, copy);
        Ok(())
    }

    pub(super) fn end_of_instant(
        &mut self,
        is_calm: bool,
        nodes: &Nodes<'_>,
        sessions: &Sessions<'_>,
    ) -> Audit {
        for ((from, to), link) in &self.links {
            if sessions.is_up(*from, *to).is_none() {
                continue;
            }
            let is_lost = |message: &MessageKey| {
                self.numbers.get(message).is_some_and(|sent| sessions.has_lost(*from, *to, *sent))
            };
            let mut under_way = link.on_the_way.keys().map(|(message, _)| message);
            is(!under_way.any(is_lost), "under way though its session has ended")?;
            let waits = !link.waiting.is_empty() || !link.withheld.is_empty();
            is(!waits || nodes.is_up(*from), "it waits on a session of a node that is down")?;
        }
        for link in self.links.values_mut().filter(|link| !link.is_held) {
            // What did not leave with the others must have been withheld, too.
            self.account.withheld += link.waiting.len() as u64;
            link.withheld.extend(link.waiting.drain(..));
        }
        let mut protected =
            self.links.iter().filter(|((from, to), _)| is_calm && self.of.are_core(*from, *to));
        is(protected.all(|(_, link)| link.withheld.is_empty()), "withheld in spite of the calm")
    }

    pub(super) fn end(&mut self, nodes: &Nodes<'_>) -> Audit {
        let under_way =
            |link: &Link| (link.waiting.len() + link.withheld.len() + link.on_the_way.len()) as u64;
        self.account.under_way = self.links.values().map(under_way).sum();
        for ((_, to), link) in self.links.iter().filter(|((_, to), _)| !nodes.pauses(*to)) {
            let mut due = link.on_the_way.values().filter(|(due, _)| *due < self.of.until);
            if let Some((due, text)) = due.next() {
                return Err(format!("{text} was due at {to} at {due} and never came"));
            }
        }
        Ok(())
    }
}
