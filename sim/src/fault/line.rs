use serde::{Deserialize, Serialize};

use super::{Action, Fault, Trigger, When};
use crate::network::Distribution;
use crate::source::TimeSpan;

/// A fault as it stands in a file, where nothing keeps a line from having two
/// answers to when it strikes, or none.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Fault")]
pub(super) struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<TimeSpan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<Trigger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<Distribution>,
    #[serde(rename = "do")]
    action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl TryFrom<Line> for Fault {
    type Error = &'static str;

    fn try_from(Line { name, at, when, every, action }: Line) -> Result<Self, Self::Error> {
        let when = match (at, when, every) {
            (Some(at), None, None) => When::At(at),
            (None, Some(trigger), None) => When::On(trigger),
            (None, None, Some(gap)) => When::Every(gap),
            _ => {
                return Err("a fault strikes at a time, on an event, or again and again\n\
                    give exactly one of `at`, `when` and `every`");
            }
        };
        Ok(Self { name, when, action })
    }
}

impl From<Fault> for Line {
    fn from(Fault { name, when, action }: Fault) -> Self {
        let line = Self { name, at: None, when: None, every: None, action };
        match when {
            When::At(at) => Self { at: Some(at), ..line },
            When::On(trigger) => Self { when: Some(trigger), ..line },
            When::Every(gap) => Self { every: Some(gap), ..line },
        }
    }
}
