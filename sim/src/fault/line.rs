use std::fmt;
use std::num::NonZeroU32;

use serde::de::value::EnumAccessDeserializer;
use serde::de::{EnumAccess, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Action, Fault, Trigger, When, Window};
use crate::network::Distribution;
use crate::source::{Path, TEXT_OR_VARIANT, TimeSpan};

/// One line of a scenario's `faults`, which may do several things at once: then it
/// is as many faults, one for each.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub(crate) struct Line {
    name: Option<String>,
    when: When,
    window: Window,
    lasting: bool,
    actions: Actions,
}

impl Line {
    /// The faults of these lines, each with the place of what it does.
    pub(crate) fn faults(lines: Vec<Self>) -> Vec<(Fault, Place)> {
        let faults = |(line, written): (usize, Self)| {
            let Self { name, when, window, lasting, actions } = written;
            let is_list = actions.is_list;
            actions.all.into_iter().enumerate().map(move |(turn, action)| {
                let name = name.as_ref().map(|name| match turn {
                    0 => name.clone(),
                    _ => format!("{name} ({})", turn + 1),
                });
                let (when, window) = (when.clone(), window.clone());
                let fault = Fault { name, when, window, lasting, action };
                (fault, Place { line, action: is_list.then_some(turn) })
            })
        };
        lines.into_iter().enumerate().flat_map(faults).collect()
    }
}

impl From<Fault> for Line {
    fn from(fault: Fault) -> Self {
        let Fault { name, when, window, lasting, action } = fault;
        Self { name, when, window, lasting, actions: Actions { all: vec![action], is_list: false } }
    }
}

impl TryFrom<Line> for Fault {
    type Error = &'static str;

    fn try_from(line: Line) -> Result<Self, Self::Error> {
        let mut faults = Line::faults(vec![line]).into_iter();
        match (faults.next(), faults.next()) {
            (Some((fault, _)), None) => Ok(fault),
            _ => Err("one fault does one thing\ngive one action"),
        }
    }
}

/// Where a fault stands in a scenario.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    line: usize,
    /// Which action of the line's list, where it has one.
    action: Option<usize>,
}

impl Place {
    /// Of a fault that is a line of its own.
    pub(crate) fn of_line(line: usize) -> Self {
        Self { line, action: None }
    }

    /// The path of the line.
    pub(crate) fn line(self) -> Path {
        Path::root().field("faults").index(self.line)
    }

    /// The path of what the fault does.
    pub(crate) fn action(self) -> Path {
        let path = self.line().field("do");
        self.action.map_or_else(|| path.clone(), |place| path.index(place))
    }
}

/// A line as it stands in a file, where nothing keeps it from having two answers to
/// when it strikes, or none.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Fault")]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<At>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    each: Option<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<Distribution>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    after: Vec<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<NonZeroU32>,
    #[serde(rename = "do")]
    actions: Actions,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lasting: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl TryFrom<Written> for Line {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { at, when, each, every, .. } = &written;
        let when = match (at, when, each, every) {
            (Some(At::Instant(at)), None, None, None) => When::At(*at),
            (Some(At::Uniform(least, most)), None, None, None) => When::Within(*least, *most),
            (None, Some(trigger), None, None) => When::On(trigger.clone()),
            (None, None, Some(trigger), None) => When::Each(trigger.clone()),
            (None, None, None, Some(gap)) => When::Every(*gap),
            _ => {
                return Err("a fault strikes at a time, on an event, or again and again\n\
                    give exactly one of `at`, `when`, `each` and `every`");
            }
        };
        let Written { name, after, from, before, until, times, lasting, actions, .. } = written;
        let is_random = match &when {
            When::Within(..) => true,
            When::Every(gap) => !matches!(gap, Distribution::Fixed(_)),
            When::At(_) | When::On(_) | When::Each(_) => false,
        };
        if is_random && actions.all.len() > 1 {
            return Err("at random times each action would come at a time of its own\n\
                give each a line, or let them follow an event: `when`, `each`");
        }
        Ok(Self {
            name,
            when,
            window: Window { after, from, before, until, times },
            lasting,
            actions,
        })
    }
}

impl From<Line> for Written {
    fn from(line: Line) -> Self {
        let Line { name, when, window, lasting, actions } = line;
        let Window { after, from, before, until, times } = window;
        let (at, when, each, every) = match when {
            When::At(at) => (Some(At::Instant(at)), None, None, None),
            When::Within(least, most) => (Some(At::Uniform(least, most)), None, None, None),
            When::On(trigger) => (None, Some(trigger), None, None),
            When::Each(trigger) => (None, None, Some(trigger), None),
            When::Every(gap) => (None, None, None, Some(gap)),
        };
        Self { at, when, each, every, after, from, before, until, times, actions, lasting, name }
    }
}

/// `"100ms"`, or `Uniform("100ms", "200ms")`.
#[derive(Clone, Copy)]
enum At {
    Instant(TimeSpan),
    Uniform(TimeSpan, TimeSpan),
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Instant(at) => at.serialize(serializer),
            Self::Uniform(least, most) => {
                Distribution::Uniform(*least, *most).serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtVisitor;
        impl<'de> Visitor<'de> for AtVisitor {
            type Value = At;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instant, such as \"10ms\", or `Uniform(\"10ms\", \"20ms\")`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<At, E> {
                text.parse().map(At::Instant).map_err(E::custom)
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<At, E> {
                Err(E::custom(TimeSpan::refuse_number(false)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<At, E> {
                Err(E::custom(TimeSpan::refuse_number(number < 0)))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<At, E> {
                Err(E::custom(TimeSpan::refuse_number(number < 0.0)))
            }

            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<At, A::Error> {
                match Distribution::deserialize(EnumAccessDeserializer::new(data))? {
                    Distribution::Uniform(least, most) => Ok(At::Uniform(least, most)),
                    _ => Err(A::Error::custom(
                        "an instant is drawn from a range\nwrite `Uniform(\"10ms\", \"20ms\")`",
                    )),
                }
            }
        }
        deserializer.deserialize_enum(TEXT_OR_VARIANT, &[], AtVisitor)
    }
}

/// `Crash(3)`, or a list of such.
#[derive(Clone)]
struct Actions {
    all: Vec<Action>,
    is_list: bool,
}

impl Serialize for Actions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.all.as_slice() {
            [action] if !self.is_list => action.serialize(serializer),
            actions => actions.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Actions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ActionsVisitor;
        impl<'de> Visitor<'de> for ActionsVisitor {
            type Value = Actions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an action, such as `Crash(3)`, or a list of actions")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Actions, A::Error> {
                let action = Action::deserialize(EnumAccessDeserializer::new(data))?;
                Ok(Actions { all: vec![action], is_list: false })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Actions, A::Error> {
                let mut all = Vec::new();
                while let Some(action) = list.next_element()? {
                    all.push(action);
                }
                if all.is_empty() {
                    return Err(A::Error::custom("a fault that does nothing\nlist an action"));
                }
                Ok(Actions { all, is_list: true })
            }
        }
        deserializer.deserialize_enum(TEXT_OR_VARIANT, &[], ActionsVisitor)
    }
}
