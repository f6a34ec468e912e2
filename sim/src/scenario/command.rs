use std::fmt;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use crate::fault::{Trigger, Window};
use crate::protocol::{CommandOf, Protocol};
use crate::source::TimeSpan;

/// One line of a scenario's `commands`.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "Line<P>", into = "Line<P>", bound = "")]
pub(crate) struct CommandAt<P: Protocol> {
    pub(crate) moment: Moment,
    pub(crate) to: NodeId,
    pub(crate) command: CommandOf<P>,
}

/// When a node's owner gives a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At this instant.
    At(TimeSpan),
    /// Right after this event, within the window.
    On(Box<Event>),
}

/// What an event has to be to bring a command about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) trigger: Trigger,
    pub(crate) window: Window,
}

impl Moment {
    /// The instant, if one is named.
    pub(crate) fn instant(&self) -> Option<TimeSpan> {
        match self {
            Self::At(at) => Some(*at),
            Self::On(_) => None,
        }
    }

    /// The event, if it is one.
    pub(crate) fn event(&self) -> Option<&Event> {
        match self {
            Self::At(_) => None,
            Self::On(event) => Some(event),
        }
    }
}

/// In a few words: `at 10ms`, `after n1 becomes 'L' #1`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "at {at}"),
            Self::On(event) => write!(f, "after {}{}", event.trigger, event.window),
        }
    }
}

impl<P: Protocol> Clone for CommandAt<P> {
    fn clone(&self) -> Self {
        Self { moment: self.moment.clone(), to: self.to, command: self.command.clone() }
    }
}

/// A command as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Command", bound = "")]
struct Line<P: Protocol> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<Trigger>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<TimeSpan>,
    to: NodeId,
    command: CommandOf<P>,
}

impl<P: Protocol> TryFrom<Line<P>> for CommandAt<P> {
    type Error = &'static str;

    fn try_from(line: Line<P>) -> Result<Self, Self::Error> {
        let Line { at, when, after, from, before, until, to, command } = line;
        let window = Window { after, from, before, until, times: None };
        let moment = match (at, when) {
            (Some(at), None) if window.is_open() => Moment::At(at),
            (Some(_), None) => {
                return Err("a command at an instant waits for nothing else\n\
                    give `when` in place of `at`, or leave the other fields out");
            }
            (None, Some(trigger)) => Moment::On(Box::new(Event { trigger, window })),
            _ => {
                return Err("a command comes at a time or on an event\n\
                    give exactly one of `at` and `when`");
            }
        };
        Ok(Self { moment, to, command })
    }
}

impl<P: Protocol> From<CommandAt<P>> for Line<P> {
    fn from(CommandAt { moment, to, command }: CommandAt<P>) -> Self {
        let (at, when, window) = match moment {
            Moment::At(at) => (Some(at), None, Window::default()),
            Moment::On(event) => (None, Some(event.trigger), event.window),
        };
        let Window { after, from, before, until, times: _ } = window;
        Self { at, when, after, from, before, until, to, command }
    }
}
