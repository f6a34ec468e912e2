use std::collections::BTreeMap;

use rehearsal_machine::NodeId;

use crate::fault::Sides;
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
    /// it may be called by its place.
    pub(super) fn of(events: &[Event], begins: usize) -> Vec<Name> {
        let mut names = Self::default();
        let number = |place: usize| events.get(place).map_or(0, |event| event.number);
        let from = Beginning { kept: number(0), named: number(begins) };
        for event in &events[begins..] {
            let name = names.name(event, from);
            let times = names.met.entry(name.clone()).or_default();
            *times += 1;
            names.names.push((name, *times));
        }
        names.names
    }

    fn name(&self, event: &Event, from: Beginning) -> String {
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
            EventKind::Emit { node, text, .. } => self.of_step(event, from, "emit", node, text),
            EventKind::Save { node, cell, .. } => self.of_step(event, from, "save", node, cell),
            EventKind::Disarm { node, timer } => self.of_step(event, from, "disarm", node, timer),
            EventKind::Role { node, .. } => self.of_step(event, from, "role", node, &""),
            EventKind::Clock { node, .. } => format!("clock {node}"),
            EventKind::Crash { node } => format!("crash {node}"),
            EventKind::Pause { node } => format!("pause {node}"),
            EventKind::Resume { node } => format!("resume {node}"),
            EventKind::Disk { node, .. } => format!("disk {node}"),
            EventKind::Upgrade { node } => format!("upgrade {node}"),
            EventKind::Partition { sides } => format!("partition {}", Sides(sides)),
            EventKind::Mend { sides } => format!("mend {}", Sides(sides)),
            EventKind::Cut { links } => pairs("cut", links),
            EventKind::LetGo { links } => pairs("let go", links),
            EventKind::Hold { from, to } => format!("hold {from} {to}"),
            EventKind::Release { from, to } => format!("release {from} {to}"),
            EventKind::Heal => "heal".to_owned(),
            EventKind::Calm => "calm".to_owned(),
            EventKind::Connect { pairs: of, .. } => pairs("connect", of),
            EventKind::Disconnect { pairs: of, .. } => pairs("disconnect", of),
            EventKind::Link { node, peer, session, up } => {
                format!("link {node} {peer} {session} {up}")
            }
        }
    }

    /// The name of what has none of its own: by the input that led to it.
    fn of_step(
        &self,
        event: &Event,
        from: Beginning,
        verb: &str,
        node: &dyn std::fmt::Display,
        what: &dyn std::fmt::Display,
    ) -> String {
        let cause = match event.cause {
            None => "nothing".to_owned(),
            // Of what is not kept, the number says something in its own run alone.
            Some(cause) if cause < from.kept => "something earlier".to_owned(),
            Some(cause) if cause < from.named => format!("event {}", cause - from.kept),
            Some(cause) => {
                let (name, times) = &self.names[(cause - from.named) as usize];
                format!("{name} #{times}")
            }
        };
        format!("{verb} {node} {what} of {cause}")
    }
}

/// Where a run that is compared begins.
#[derive(Clone, Copy)]
struct Beginning {
    /// The number of the first event that is compared.
    kept: u64,
    /// The number of the first event that is named.
    named: u64,
}

fn pairs(verb: &str, pairs: &[(NodeId, NodeId)]) -> String {
    let pairs = pairs.iter().map(|(one, other)| format!(" {one}-{other}"));
    std::iter::once(verb.to_owned()).chain(pairs).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rehearsal_machine::Time;

    use super::*;

    #[test]
    fn an_effect_has_the_same_name_however_many_events_before_it_are_not_kept() {
        let save = |number: u64, cause: u64| Event {
            number,
            cause: Some(cause),
            at: Time::ZERO,
            what: EventKind::Save {
                node: NodeId::from_index(0),
                cell: "cell".to_owned(),
                text: None,
                value: None,
                erased: false,
            },
        };
        // Of what is not kept, what is kept and not named, and what is named.
        let run = |dropped: u64| {
            let causes = [(1, 0), (2, 1), (3, 1), (4, 2), (5, 3), (6, 0), (7, 0)];
            causes.map(|(number, cause)| save(dropped + number, dropped + cause))
        };
        for begins in 0..7 {
            assert_eq!(Names::of(&run(5), begins), Names::of(&run(900), begins), "{begins}");
        }
        let names: BTreeSet<_> = Names::of(&run(5), 2).into_iter().collect();
        assert_eq!(names.len(), 5, "{names:?}");
    }

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
