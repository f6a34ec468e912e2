use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::NodeId;

use crate::trace::{Event, EventKind};

/// What became of every message on arrival: the text looks ahead.
pub(super) struct Fates {
    arrivals: BTreeMap<(NodeId, NodeId, u32), Arrivals>,
    is_any_link_held: bool,
}

#[derive(Default)]
struct Arrivals {
    delivered: usize,
    missed: usize,
    /// Missed because the node had not joined.
    absent: usize,
}

impl Fates {
    pub(super) fn of(events: &[Event]) -> Self {
        let mut fates: BTreeMap<_, Arrivals> = BTreeMap::new();
        let mut met = BTreeSet::new();
        for event in events {
            match &event.what {
                EventKind::Start { node, .. } | EventKind::Crash { node } => {
                    met.insert(*node);
                }
                EventKind::Deliver { node, message } => {
                    fates.entry((message.from, *node, message.count)).or_default().delivered += 1;
                }
                EventKind::Miss { node, message } => {
                    let arrivals = fates.entry((message.from, *node, message.count)).or_default();
                    arrivals.missed += 1;
                    arrivals.absent += usize::from(!met.contains(node));
                }
                _ => {}
            }
        }
        let is_hold = |event: &Event| matches!(event.what, EventKind::Hold { .. });
        Self { arrivals: fates, is_any_link_held: events.iter().any(is_hold) }
    }

    /// The same of a message that has no time of arrival.
    pub(super) fn tell_of_none(&self) -> (&'static str, String) {
        if self.is_any_link_held {
            ("-|", "held".to_owned())
        } else {
            ("-x", "never arrived".to_owned())
        }
    }

    /// An arrow and what is to be said after the message.
    pub(super) fn tell(
        &self,
        from: NodeId,
        to: NodeId,
        count: u32,
        copies: usize,
    ) -> (&'static str, String) {
        let none = Arrivals::default();
        let arrivals = self.arrivals.get(&(from, to, count)).unwrap_or(&none);
        let Arrivals { delivered, missed, absent } = arrivals;
        match (copies, delivered, missed) {
            (1, 1, _) => ("->", String::new()),
            (_, 0, 0) => ("->", "still on its way".to_owned()),
            (_, 0, missed) if missed == absent => ("-x", "absent".to_owned()),
            (_, 0, _) => ("-x", "down".to_owned()),
            (_, all, _) if *all == copies => ("->", format!("{copies} times")),
            (_, some, _) => ("->", format!("{some} of {copies} times")),
        }
    }
}
