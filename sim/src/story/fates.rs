use std::collections::{BTreeMap, BTreeSet};

use crate::trace::{EventKind, Trace};

/// What became of every message on arrival: the text looks ahead.
#[derive(Default)]
pub(super) struct Fates {
    /// By the number of the event with which the message set off.
    arrivals: BTreeMap<u64, Arrivals>,
    is_any_link_held: bool,
    pub(super) is_any_node_down: bool,
}

#[derive(Default)]
struct Arrivals {
    delivered: usize,
    missed: usize,
    /// Missed because the node had not joined.
    absent: usize,
}

impl Fates {
    pub(super) fn of(trace: &Trace) -> Self {
        // Of a trace whose beginning is not kept it is not known which nodes were absent in it, or
        // which links were held. Only a simulated run has such a trace: without a time of arrival,
        // its messages are held.
        let knows_all = trace.dropped() == 0;
        let mut fates = Self { is_any_link_held: !knows_all, ..Self::default() };
        let mut met = BTreeSet::new();
        for event in trace.iter() {
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
                (EventKind::Hold { .. }, _) => fates.is_any_link_held = true,
                _ => {}
            }
        }
        fates
    }

    /// An arrow and what is to be said after a message of so many copies, which
    /// set off with the event of this number.
    pub(super) fn tell(&self, number: u64, copies: usize) -> (&'static str, String) {
        let none = Arrivals::default();
        let Arrivals { delivered, missed, absent } = self.arrivals.get(&number).unwrap_or(&none);
        match (copies, delivered, missed) {
            (1, 1, _) => ("->", String::new()),
            (_, 0, 0) => ("->", "still on its way".to_owned()),
            (_, 0, missed) if missed == absent => ("-x", "absent".to_owned()),
            (_, 0, _) => ("-x", "down".to_owned()),
            (_, all, _) if *all == copies => ("->", format!("{copies} times")),
            (_, some, _) => ("->", format!("{some} of {copies} times")),
        }
    }

    /// The same for a message that has no time of arrival.
    pub(super) fn tell_of_none(&self) -> (&'static str, String) {
        if self.is_any_link_held {
            ("-|", "held".to_owned())
        } else {
            ("-x", "never arrived".to_owned())
        }
    }
}
