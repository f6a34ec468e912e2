use rehearsal_machine::Time;
use serde_json::Value;

use crate::engine::Outcome;
use crate::scenario::Synopsis;
use crate::story::what_held;

/// What a run is about, for the head of its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct About {
    /// The claim of the scenario; may be empty.
    pub claim: String,
    /// The protocol's name; may be empty.
    pub protocol: String,
    /// The protocol's configuration in a few words; may be empty.
    pub configuration: String,
    /// What the letters of roles mean; may be empty.
    pub legend: String,
}

impl From<&Synopsis> for About {
    fn from(synopsis: &Synopsis) -> Self {
        Self {
            claim: synopsis.claim.clone(),
            protocol: synopsis.protocol.to_owned(),
            configuration: synopsis.configuration.clone(),
            legend: synopsis.legend.to_owned(),
        }
    }
}

/// What came of a run, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Everything held: what did, a line each.
    Held(Vec<String>),
    /// A check was violated.
    Violated {
        /// What was expected.
        check: String,
        /// Why it did not hold.
        reason: String,
        /// When it failed.
        at: Time,
        /// Why, for a person; may have several lines.
        detail: String,
        /// Where the run stood, for a person, if it failed because something did not happen; may be
        /// empty.
        stuck: String,
        /// Did the last step fail it, rather than a deadline or the end?
        is_of_step: bool,
    },
    /// The trace does not tell.
    Unknown,
}

impl Verdict {
    /// The verdict on a run of this scenario.
    #[must_use]
    pub fn of_outcome(synopsis: &Synopsis, outcome: &Outcome) -> Self {
        let Some(failure) = &outcome.failure else {
            return Self::Held(what_held(synopsis, outcome));
        };
        Self::Violated {
            check: failure.check.to_string(),
            reason: failure.reason.clone(),
            at: failure.at,
            detail: failure.detail.clone(),
            stuck: outcome.stuck.as_ref().map_or(String::new(), ToString::to_string),
            is_of_step: !matches!(failure.event.as_str(), "deadline" | "end"),
        }
    }

    /// The verdict that the end of a trace has, as `run --json` prints it.
    #[must_use]
    pub fn of_trace(verdict: &Value, end: Time) -> Self {
        let text =
            |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
        if text(verdict, "outcome") == "held" {
            return Self::Held(Vec::new());
        }
        let Some(failure) = verdict["violations"].get(0) else { return Self::Unknown };
        let at = Time::from_nanos(failure["at_ns"].as_u64().unwrap_or(end.as_nanos()));
        Self::Violated {
            check: text(failure, "check"),
            reason: text(failure, "reason"),
            at,
            detail: text(failure, "detail"),
            stuck: String::new(),
            is_of_step: at == end && !is_of_absence(&text(failure, "check")),
        }
    }
}

/// Does a check of this name fail because something did not happen? Then no step broke it.
fn is_of_absence(check: &str) -> bool {
    let is = |name: &str| check.strip_prefix(name).is_some_and(|rest| rest.starts_with('('));
    ["Eventually", "LeadsTo", "Reaches", "AtEnd"].into_iter().any(is) || check == "tested"
}
