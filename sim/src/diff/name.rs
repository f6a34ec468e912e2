use std::collections::BTreeMap;

use crate::trace::{Event, EventKind};

/// Names the events of a run so that the same event of another run has the same name. No two
/// events of a run have one name.
#[derive(Default)]
pub(super) struct Names {
    /// How many events were called so, so far.
    met: BTreeMap<String, u32>,
    names: Vec<Name>,
}

/// What an event is called, and which of those that are called so it is, from 1.
pub(super) type Name = (String, u32);

impl Names {
    /// The names of all events from the place `begins` on. What stands before is in both runs, so
    /// it may be called by its number.
    pub(super) fn of(events: &[Event], begins: usize) -> Vec<Name> {
        let mut names = Self::default();
        let first = events.get(begins).map_or(0, |event| event.number);
        for event in &events[begins..] {
            let name = names.name(event, first);
            let times = names.met.entry(name.clone()).or_default();
            *times += 1;
            names.names.push((name, *times));
        }
        names.names
    }

    fn name(&self, event: &Event, first: u64) -> String {
        match &event.what {
            EventKind::Send { message, .. } => format!("send {message}"),
            EventKind::Leave { message, .. } => format!("leave {message}"),
            EventKind::Deliver { message, copy, .. }
            | EventKind::Miss { message, copy, .. }
            | EventKind::Strand { message, copy, .. } => format!("arrive {message} {copy}"),
            EventKind::Arm { timer, .. } => format!("arm {timer}"),
            EventKind::Timer { timer } => format!("fire {timer}"),
            EventKind::Move { timer, .. } => format!("move {timer}"),
            EventKind::Start { node, incarnation } => format!("start {node} {incarnation}"),
            EventKind::Command { node, text, .. } => format!("command {node} {text}"),
            EventKind::Emit { node, text, .. } => self.of_step(event, first, "emit", node, text),
            EventKind::Save { node, cell, .. } => self.of_step(event, first, "save", node, cell),
            EventKind::Disarm { node, timer } => self.of_step(event, first, "disarm", node, timer),
            EventKind::Role { node, .. } => self.of_step(event, first, "role", node, &""),
            EventKind::Clock { node, .. } => format!("clock {node}"),
            fault => format!("{fault:?}"),
        }
    }

    /// The name of what has none of its own: by the input that led to it.
    fn of_step(
        &self,
        event: &Event,
        first: u64,
        verb: &str,
        node: &dyn std::fmt::Display,
        what: &dyn std::fmt::Display,
    ) -> String {
        let cause = match event.cause {
            None => "nothing".to_owned(),
            Some(cause) if cause < first => format!("event {cause}"),
            Some(cause) => {
                let (name, times) = &self.names[(cause - first) as usize];
                format!("{name} #{times}")
            }
        };
        format!("{verb} {node} {what} of {cause}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rehearsal_machine::{NodeId, Time};

    use super::*;

    #[test]
    fn no_two_events_have_one_name_whatever_their_texts_say() {
        let command = |(text, number): (&str, u64)| Event {
            number,
            cause: None,
            at: Time::ZERO,
            what: EventKind::Command {
                node: NodeId::from_index(0),
                text: text.to_owned(),
                value: None,
                is_heard: true,
            },
        };
        let texts = ["a", "a", "a (2)", "a #2", "a #2"];
        let events: Vec<_> = texts.into_iter().zip(1..).map(command).collect();
        let names: BTreeSet<_> = Names::of(&events, 0).into_iter().collect();
        assert_eq!(names.len(), texts.len(), "{names:?}");
    }
}
