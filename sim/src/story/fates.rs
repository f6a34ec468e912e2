use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{NodeId, Time, nanos};

use crate::network::{Link, Lost, Network};
use crate::plan::MessageKey;
use crate::trace::{Event, EventKind, Trace};

/// What became of every message: the text looks ahead where it is sent, and back
/// where it arrives.
#[derive(Default)]
pub(super) struct Fates<'a> {
    /// By the number of the event with which the message set off.
    arrivals: BTreeMap<u64, Arrivals>,
    /// When a message was sent that came late, by the number of its arrival, and whether the
    /// network's own chance can have made it late: another one has only overtaken it.
    late: BTreeMap<u64, (Time, bool)>,
    network: Option<&'a Network>,
    is_any_link_held: bool,
    pub(super) is_any_node_down: bool,
}

/// The numbers of the events with which messages set off that take longer than this network alone
/// can make them.
pub(crate) fn delayed<'a>(
    events: impl Iterator<Item = &'a Event>,
    network: &Network,
) -> BTreeSet<u64> {
    let fates = Fates { network: Some(network), ..Fates::default() };
    let is_delayed = |event: &&Event| match &event.what {
        EventKind::Send { message, arrives, .. } | EventKind::Leave { message, arrives, .. } => {
            let link = Link::new(message.from, message.to);
            arrives.first().is_some_and(|first| fates.is_beyond(link, event.at, *first))
        }
        _ => false,
    };
    events.filter(is_delayed).map(|event| event.number).collect()
}

/// What is said of a message that arrives after the end of the run.
pub(super) const STILL_ON_ITS_WAY: &str = "still on its way";

#[derive(Default)]
struct Arrivals {
    delivered: usize,
    missed: usize,
    /// Missed because the node had not joined.
    absent: usize,
    /// Lost with the session that carried it.
    stranded: usize,
}

/// A message on its way.
#[derive(Clone, Copy)]
struct Sent {
    number: u64,
    at: Time,
    was_held: bool,
}

impl<'a> Fates<'a> {
    /// Of a run on this network, if it is known.
    pub(super) fn of(trace: &Trace, network: Option<&'a Network>) -> Self {
        // Of a trace whose beginning is not kept it is not known which nodes were absent in it.
        let knows_all = trace.dropped() == 0;
        // Only a simulated run has such a trace, or a network. A message of it that has no time of
        // arrival is held, with its link or by a fault.
        let is_any_link_held = !knows_all || network.is_some();
        let mut fates = Self { network, is_any_link_held, ..Self::default() };
        let mut met = BTreeSet::new();
        let mut on_the_way = OnTheWay::default();
        for event in trace.iter() {
            if let Some(sent) = on_the_way.see(&event) {
                let is_odd = sent.was_held || fates.is_beyond(sent.link, sent.at, event.at);
                if is_odd || sent.is_overtaken {
                    fates.late.insert(event.number, (sent.at, !is_odd));
                }
            }
            match (&event.what, event.cause) {
                (EventKind::Start { node, .. }, _) => {
                    met.insert(*node);
                }
                (EventKind::Crash { node }, _) => {
                    met.insert(*node);
                    fates.is_any_node_down = true;
                }
                (EventKind::Deliver { .. }, Some(cause)) => {
                    fates.arrivals.entry(cause).or_default().delivered += 1;
                }
                (EventKind::Miss { message, .. }, Some(cause)) => {
                    let arrivals = fates.arrivals.entry(cause).or_default();
                    arrivals.missed += 1;
                    arrivals.absent += usize::from(knows_all && !met.contains(&message.to));
                }
                (EventKind::Strand { .. }, Some(cause)) => {
                    fates.arrivals.entry(cause).or_default().stranded += 1;
                }
                (EventKind::Hold { .. }, _) => fates.is_any_link_held = true,
                _ => {}
            }
        }
        fates
    }

    /// An arrow, and what is to be said after the message of this event, which set off with it.
    pub(super) fn of_send(
        &self,
        event: &Event,
        (from, to): (NodeId, NodeId),
        lost: Option<Lost>,
        arrives: &[Time],
    ) -> (&'static str, String) {
        let (arrow, mut fate) = match lost {
            Some(Lost::Loss) => ("-x", "lost".to_owned()),
            Some(Lost::TooLarge) => ("-x", "too large".to_owned()),
            Some(Lost::NoSession) => ("-x", "no session".to_owned()),
            Some(reason) => ("-x", reason.to_string()),
            None if arrives.is_empty() && !self.is_stranded(event.number) => self.tell_of_none(),
            None => self.tell(event.number, arrives.len()),
        };
        if let Some(first) = arrives.first()
            && self.is_beyond(Link::new(from, to), event.at, *first)
        {
            let but = if fate.is_empty() { "" } else { ", " };
            fate += &format!("{but}delayed to {first}ms");
        }
        (arrow, fate)
    }

    /// What is to be said after the message of this arrival, and whether it is nothing unusual.
    pub(super) fn of_arrival(&self, number: u64, copy: u8) -> (String, bool) {
        let late = self.late.get(&number);
        let again = (copy > 0).then(|| "again".to_owned());
        let sent = late.map(|(at, _)| format!("sent at {at}ms"));
        let fate = again.into_iter().chain(sent).collect::<Vec<_>>().join(", ");
        (fate, copy == 0 && late.is_none_or(|(_, is_ordinary)| *is_ordinary))
    }

    fn tell(&self, number: u64, copies: usize) -> (&'static str, String) {
        let none = Arrivals::default();
        let Arrivals { delivered, missed, absent, stranded } =
            self.arrivals.get(&number).unwrap_or(&none);
        if *stranded > 0 {
            return ("-x", "session ended".to_owned());
        }
        match (copies, delivered, missed) {
            (1, 1, _) => ("->", String::new()),
            (_, 0, 0) => ("->", STILL_ON_ITS_WAY.to_owned()),
            (_, 0, missed) if missed == absent => ("-x", "absent".to_owned()),
            (_, 0, _) => ("-x", "down".to_owned()),
            (_, all, _) if *all == copies => ("->", format!("{copies} times")),
            (_, some, _) => ("->", format!("{some} of {copies} times")),
        }
    }

    fn is_stranded(&self, number: u64) -> bool {
        self.arrivals.get(&number).is_some_and(|arrivals| arrivals.stranded > 0)
    }

    /// The same for a message that has no time of arrival.
    fn tell_of_none(&self) -> (&'static str, String) {
        if self.is_any_link_held {
            ("-|", "held".to_owned())
        } else {
            ("-x", "never arrived".to_owned())
        }
    }

    /// Does a message take longer than the network alone can make it? Where messages wait for
    /// bandwidth there is no such bound.
    fn is_beyond(&self, link: Link, sent: Time, arrives: Time) -> bool {
        let Some(network) = self.network.filter(|network| network.bandwidth.is_none()) else {
            return false;
        };
        let held_back = network.reorder.map_or(0, |reorder| reorder.by.as_nanos());
        let most = network.most(link).saturating_add(held_back);
        link.from != link.to && nanos(arrives.since(sent)) > most
    }
}

/// The messages that were sent, for their arrivals.
#[derive(Default)]
struct OnTheWay {
    /// By the number of the event with which the message set off.
    sent: BTreeMap<u64, Sent>,
    held: BTreeMap<MessageKey, Sent>,
    /// Of what has arrived on a link, the one that was sent last.
    newest: BTreeMap<Link, u64>,
}

/// A message that arrives.
struct Arriving {
    link: Link,
    at: Time,
    was_held: bool,
    /// Has one arrived on its link that was sent after it?
    is_overtaken: bool,
}

impl OnTheWay {
    /// Takes the next event in; of an arrival, what is known of its message.
    fn see(&mut self, event: &Event) -> Option<Arriving> {
        let number = event.number;
        match &event.what {
            EventKind::Send { message, lost: None, arrives, .. } => {
                let sent = Sent { number, at: event.at, was_held: false };
                if arrives.is_empty() {
                    self.held.insert(message.clone(), Sent { was_held: true, ..sent });
                } else {
                    self.sent.insert(number, sent);
                }
                None
            }
            EventKind::Leave { message, .. } => {
                self.sent.extend(self.held.remove(message).map(|sent| (number, sent)));
                None
            }
            EventKind::Deliver { message, .. } => {
                let Sent { number, at, was_held } = *self.sent.get(&event.cause?)?;
                let link = Link::new(message.from, message.to);
                let newest = self.newest.entry(link).or_default();
                let is_overtaken = number < *newest;
                *newest = number.max(*newest);
                Some(Arriving { link, at, was_held, is_overtaken })
            }
            _ => None,
        }
    }
}
