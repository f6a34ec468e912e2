//! What a scenario expects, and the verdict.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::source::TimeSpan;
use rehearsal_protocol::Time;

/// One line of a scenario's `expect`: a fact of the protocol's, and when it
/// shall hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Expect<F> {
    /// After every event.
    Always(F),
    /// From some instant not later than calm and `within` on, until the end.
    Eventually {
        /// The fact.
        what: F,
        /// Counted from the calm.
        within: TimeSpan,
    },
}

impl<F: fmt::Debug> fmt::Display for Expect<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(what) => write!(f, "Always({what:?})"),
            Self::Eventually { what, .. } => write!(f, "Eventually({what:?})"),
        }
    }
}

/// Why a fact does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// In words without nodes, times or counts: two runs that fail for the
    /// same reason say the same.
    pub reason: &'static str,
    /// The same with them, for a person.
    pub detail: String,
}

impl Violation {
    /// A violation for this reason, with details.
    pub fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// A check that was violated in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What was expected: `Always(NothingTwice)`, `no_panic`, `progress`.
    pub check: String,
    /// Why it did not hold, without nodes, times or counts.
    pub reason: String,
    /// When it first failed, in virtual time.
    #[serde(rename = "at_ns")]
    pub at: Time,
    /// Why it did not hold, for a person; a line for each node concerned.
    pub detail: String,
    /// The kind of event at which it failed, or `deadline`.
    #[serde(skip)]
    pub event: String,
}

impl Failure {
    /// What this failure has in common with others of the same cause.
    #[must_use]
    pub fn fingerprint(&self, protocol: &str) -> Fingerprint {
        Fingerprint {
            protocol: protocol.to_owned(),
            check: self.check.clone(),
            reason: self.reason.clone(),
            event: self.event.clone(),
        }
    }
}

/// Two runs with equal fingerprints failed alike: the same check, for the same
/// reason, at the same kind of event. A panic's reason is its file and line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// The protocol's name.
    pub protocol: String,
    /// The check that failed.
    pub check: String,
    /// Its reason.
    pub reason: String,
    /// The kind of event at which it first failed, or `deadline`.
    pub event: String,
}
