use std::fmt;

use crate::engine::Outcome;
use crate::trace::{Event, EventKind};

/// The first difference between two runs of one seed: the protocol has read something that is not
/// part of the run, such as a clock, the order of a hash table, an address or a
/// static variable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The first event that differs, in the first run; none if that has ended before.
    pub first: Option<Event>,
    /// The event in its place in the second run.
    pub second: Option<Event>,
    /// The input in whose step it happened: what the machine was given that then
    /// behaved in two ways.
    pub step: Option<Event>,
}

impl Difference {
    /// None if both runs are alike, in every event and in what came of them. Both kept
    /// their events.
    pub(super) fn between(first: &Outcome, second: &Outcome) -> Option<Self> {
        if first == second {
            return None;
        }
        let (Some(one), Some(other)) = (&first.events, &second.events) else {
            return Some(Self { first: None, second: None, step: None });
        };
        let (mut one, mut other) = (one.iter(), other.iter());
        let mut step = None;
        loop {
            match (one.next(), other.next()) {
                (Some(first), Some(second)) if first == second => {
                    if is_input(&first.what) {
                        step = Some(first);
                    }
                }
                (None, None) => return Some(Self { first: None, second: None, step }),
                (first, second) => {
                    let node =
                        [&first, &second].into_iter().flatten().find_map(|it| it.what.node());
                    let is_of_it = |step: &Event| step.what.node() == node;
                    return Some(Self { first, second, step: step.filter(is_of_it) });
                }
            }
        }
    }
}

/// Is it something that a machine was given?
fn is_input(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Start { .. }
            | EventKind::Command { .. }
            | EventKind::Deliver { .. }
            | EventKind::Timer { .. }
    )
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |event: &Option<Event>| match event {
            Some(event) => format!("{}ms {}", event.at, line(&event.what)),
            None => "nothing, the run has ended".to_owned(),
        };
        if (&self.first, &self.second) == (&None, &None) {
            return f.write_str(
                "both runs have the same events, and not the same verdict, roles or windows",
            );
        }
        if let Some(step) = &self.step {
            writeln!(f, "step    {}ms {}", step.at, line(&step.what))?;
        }
        writeln!(f, "first   {}", told(&self.first))?;
        write!(f, "second  {}", told(&self.second))
    }
}

/// The event in a line.
fn line(what: &EventKind) -> String {
    let node = what.node().map_or_else(String::new, |node| format!("{node} "));
    match what {
        EventKind::Start { incarnation, .. } => format!("{node}start, incarnation {incarnation}"),
        EventKind::Command { text, .. } => format!("{node}command {text}"),
        EventKind::Deliver { message, text, .. } => format!("{node}<- {}  {text}", message.from),
        EventKind::Send { message, text, .. } => format!("{node}-> {}  {text}", message.to),
        EventKind::Timer { timer } => format!("{node}timer {}", timer.timer),
        EventKind::Arm { timer, deadline } => {
            format!("{node}arms {} for {deadline}ms", timer.timer)
        }
        EventKind::Disarm { timer, .. } => format!("{node}disarms {timer}"),
        EventKind::Save { cell, value, .. } => match value {
            Some(value) => format!("{node}saves {cell} {value:?}"),
            None => format!("{node}saves {cell}"),
        },
        EventKind::Emit { text, .. } => format!("{node}says {text}"),
        other => format!("{other:?}"),
    }
}
