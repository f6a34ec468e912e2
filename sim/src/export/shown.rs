use std::collections::BTreeSet;

use crate::plan::DecisionKey;
use crate::story::{Told, View, is_called};
use crate::trace::{Event, EventKind};

/// Which events of a run an export has: those of the nodes and the kinds that a view shows.
///
/// A hidden message or timer takes its step along, and so what the step armed, disarmed or saved,
/// unless the step has other effects: then a reader needs to see where they come from.
pub(super) struct Shown<'a> {
    view: &'a View,
    /// The inputs of hidden steps.
    hidden: BTreeSet<u64>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(told: Told<'_>, view: &'a View) -> Self {
        let mut shown = Self { view, hidden: BTreeSet::new() };
        if view.hidden.is_empty() {
            return shown;
        }
        for event in told.events.iter() {
            let is_input =
                matches!(event.what, EventKind::Deliver { .. } | EventKind::Timer { .. });
            if is_input && shown.has_hidden_name(&event.what) {
                shown.hidden.insert(event.number);
            } else if says_something(&event.what) && !shown.has_hidden_name(&event.what) {
                event.cause.map(|cause| shown.hidden.remove(&cause));
            }
        }
        shown
    }

    /// Is this event a part of the export?
    pub(super) fn has(&self, event: &Event) -> bool {
        self.has_node_of(event) && !self.is_hidden(event)
    }

    /// The same of an arrow, which belongs to both of its ends.
    pub(super) fn has_arrow(&self, event: &Event) -> bool {
        let Some(DecisionKey::Message(message)) = event.what.key() else { return self.has(event) };
        let only = &self.view.only;
        let is_of_them =
            only.is_empty() || [message.from, message.to].iter().any(|it| only.contains(it));
        is_of_them && !self.is_hidden(event)
    }

    fn has_node_of(&self, event: &Event) -> bool {
        let only = &self.view.only;
        only.is_empty() || event.what.node().is_none_or(|node| only.contains(&node))
    }

    fn is_hidden(&self, event: &Event) -> bool {
        if self.view.hidden.is_empty() {
            return false;
        }
        match event.what {
            EventKind::Deliver { .. } | EventKind::Timer { .. } => {
                self.hidden.contains(&event.number)
            }
            _ => self.has_hidden_name(&event.what) || self.is_of_hidden_step(event),
        }
    }

    fn is_of_hidden_step(&self, event: &Event) -> bool {
        let is_effect = matches!(
            event.what,
            EventKind::Arm { .. } | EventKind::Disarm { .. } | EventKind::Save { .. }
        );
        is_effect && event.cause.is_some_and(|cause| self.hidden.contains(&cause))
    }

    fn has_hidden_name(&self, what: &EventKind) -> bool {
        let is_hidden = |name: &String| match what {
            EventKind::Disarm { timer, .. } => {
                timer == name || timer.split(['(', ' ']).next() == Some(name)
            }
            _ => what.key().is_some_and(|key| is_called(&key, name)),
        };
        self.view.hidden.iter().any(is_hidden)
    }
}

/// Is this an effect that stands in a story, and not only a timer or a save?
fn says_something(what: &EventKind) -> bool {
    matches!(what, EventKind::Send { .. } | EventKind::Emit { .. } | EventKind::Role { .. })
}
