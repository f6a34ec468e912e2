//! What a scenario expects, and the verdict.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::predicate::Predicate;
use crate::source::TimeSpan;
use rehearsal_machine::{NodeId, Time};

/// One line of a scenario's `expect`: a property of the protocol's or a
/// [combination](Predicate), and when it has to hold.
///
/// Liveness (`Eventually`, `LeadsTo`, `AtEnd`) is not judged in a run that went beyond
/// what the protocol was promised: over the fault budget, or with a disk that
/// lies. With a calm for a core only, a property of every node is then asked of
/// the core's nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub enum Expect<T> {
    /// After every event, of the nodes that it changed: a node is asked about
    /// from its start on.
    Always(Predicate<T>),
    /// From some instant not later than calm and `within` on, until the end.
    Eventually {
        /// What has to hold.
        what: Predicate<T>,
        /// Counted from the calm.
        within: TimeSpan,
        /// The nodes that are asked, of what is said of every node or counts nodes; all that
        /// the calm is for if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Vec<NodeId>>,
    },
    /// Whenever the one property holds, the other one holds soon: at that
    /// instant, or within a span of it. Counted from the calm, if there is one and it is
    /// yet to come. What is due at the end of the run or later is left open.
    LeadsTo {
        /// The cause.
        from: Predicate<T>,
        /// What it leads to.
        to: Predicate<T>,
        /// How soon.
        within: TimeSpan,
        /// The nodes that are asked, of what is said of every node or counts nodes; all that
        /// the calm is for if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Vec<NodeId>>,
    },
    /// At some instant of this very run; otherwise the run has failed, at its
    /// end. It says of the scenario that it shows something, rather than of the
    /// protocol that it keeps a promise: so it is judged in every run, in one that
    /// is judged on safety alone, too.
    Reaches(Predicate<T>),
    /// At some instant of some run: a sweep in which it never holds has shown
    /// nothing.
    Sometimes(Predicate<T>),
    /// When the run ends, because nothing is pending or at its `until`.
    AtEnd(Predicate<T>),
}

impl<T> Expect<T> {
    /// See [`Expect::Always`].
    pub fn always(what: impl Into<Predicate<T>>) -> Self {
        Self::Always(what.into())
    }

    /// See [`Expect::Eventually`].
    pub fn eventually(what: impl Into<Predicate<T>>, within: impl Into<TimeSpan>) -> Self {
        Self::Eventually { what: what.into(), within: within.into(), of: None }
    }

    /// See [`Expect::LeadsTo`].
    pub fn leads_to(
        from: impl Into<Predicate<T>>,
        to: impl Into<Predicate<T>>,
        within: impl Into<TimeSpan>,
    ) -> Self {
        Self::LeadsTo { from: from.into(), to: to.into(), within: within.into(), of: None }
    }

    /// See [`Expect::Reaches`].
    pub fn reaches(what: impl Into<Predicate<T>>) -> Self {
        Self::Reaches(what.into())
    }

    /// See [`Expect::Sometimes`].
    pub fn sometimes(what: impl Into<Predicate<T>>) -> Self {
        Self::Sometimes(what.into())
    }

    /// See [`Expect::AtEnd`].
    pub fn at_end(what: impl Into<Predicate<T>>) -> Self {
        Self::AtEnd(what.into())
    }

    /// An `Eventually` or a `LeadsTo` that asks these nodes alone.
    ///
    /// # Panics
    /// If it is another expectation: those ask no nodes by name.
    #[must_use]
    pub fn of(mut self, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        let (Self::Eventually { of, .. } | Self::LeadsTo { of, .. }) = &mut self else {
            panic!("only an `Eventually` and a `LeadsTo` ask some nodes alone");
        };
        *of = Some(nodes.into_iter().collect());
        self
    }

    /// The nodes that it asks, if it names them.
    #[must_use]
    pub fn asked(&self) -> Option<&[NodeId]> {
        match self {
            Self::Eventually { of, .. } | Self::LeadsTo { of, .. } => of.as_deref(),
            Self::Always(_) | Self::Reaches(_) | Self::Sometimes(_) | Self::AtEnd(_) => None,
        }
    }

    /// Does it ask this node, as far as it names nodes?
    pub(crate) fn asks(&self, node: NodeId) -> bool {
        self.asked().is_none_or(|of| of.contains(&node))
    }

    /// What has to hold; of a `LeadsTo`, its effect.
    #[must_use]
    pub fn what(&self) -> &Predicate<T> {
        match self {
            Self::Always(what)
            | Self::Eventually { what, .. }
            | Self::LeadsTo { to: what, .. }
            | Self::Reaches(what)
            | Self::Sometimes(what)
            | Self::AtEnd(what) => what,
        }
    }

    /// Does it ask which messages are on their way?
    pub(crate) fn asks_about_messages(&self) -> bool {
        self.predicates().any(Predicate::asks_about_messages)
    }

    /// Is it asked only once all nodes have started? Nodes start one after the
    /// other, and a count or an opposite means nothing before.
    pub(crate) fn waits_for_all(&self) -> bool {
        self.predicates().any(|predicate| predicate.as_properties().is_none())
    }

    pub(crate) fn predicates(&self) -> impl Iterator<Item = &Predicate<T>> {
        let cause = match self {
            Self::LeadsTo { from, .. } => Some(from),
            _ => None,
        };
        [Some(self.what()), cause].into_iter().flatten()
    }

    /// Does it say that something good happens, rather than that nothing bad does?
    pub(crate) fn is_liveness(&self) -> bool {
        matches!(self, Self::Eventually { .. } | Self::LeadsTo { .. } | Self::AtEnd(_))
    }
}

impl<T: fmt::Debug> fmt::Display for Expect<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(what) => write!(f, "Always({what:?})"),
            Self::Eventually { what, of, .. } => write!(f, "Eventually({what:?}{})", Of(of)),
            Self::LeadsTo { from, to, of, .. } => {
                write!(f, "LeadsTo({from:?}, {to:?}{})", Of(of))
            }
            Self::Reaches(what) => write!(f, "Reaches({what:?})"),
            Self::Sometimes(what) => write!(f, "Sometimes({what:?})"),
            Self::AtEnd(what) => write!(f, "AtEnd({what:?})"),
        }
    }
}

/// The nodes that are asked: ` of n1 n3`.
struct Of<'a>(&'a Option<Vec<NodeId>>);

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(nodes) = self.0 else { return Ok(()) };
        f.write_str(" of")?;
        nodes.iter().try_for_each(|node| write!(f, " {node}"))
    }
}

/// What a run is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// Built in: no machine panics.
    NoPanic,
    /// Built in: a run ends, and time advances in it.
    Progress,
    /// Built in: every step ends, within a span of the computer's own time.
    Hangs,
    /// Built in: a run puts something to the test. A node is up at some time,
    /// and one line of `expect` at least is [tested](Untested).
    Tested,
    /// That nothing bad happens, as the scenario has it: `Always(NothingTwice)`.
    Safety(String),
    /// That something good happens in time: `Eventually(AllDelivered)`.
    Liveness(String),
    /// That the run shows what the scenario is about: `Reaches(TwoLeaders)`.
    Reach(String),
}

/// Why a line of `expect` says nothing about a run that held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Untested {
    /// The cause of a `LeadsTo` never held.
    NoCause,
    /// The cause of a `LeadsTo` held, and the run ended before the effect came or was due.
    NotDue,
    /// No node was up that an `Eventually` or an `AtEnd` could have been asked about.
    NobodyUp,
}

impl fmt::Display for Untested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCause => "its cause never held",
            Self::NotDue => "the run ended before its effect was due",
            Self::NobodyUp => "no node was up that it asks about",
        })
    }
}

impl Check {
    pub(crate) fn of<T: fmt::Debug>(expect: &Expect<T>) -> Self {
        let text = expect.to_string();
        match expect {
            Expect::Eventually { .. } | Expect::LeadsTo { .. } | Expect::AtEnd(_) => {
                Self::Liveness(text)
            }
            Expect::Reaches(_) => Self::Reach(text),
            Expect::Always(_) | Expect::Sometimes(_) => Self::Safety(text),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPanic => "no_panic",
            Self::Progress => "progress",
            Self::Hangs => "hangs",
            Self::Tested => "tested",
            Self::Safety(text) | Self::Liveness(text) | Self::Reach(text) => text,
        })
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A check that was violated in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// What was expected.
    pub check: Check,
    /// Why it did not hold, without nodes, times or counts.
    pub reason: String,
    /// When it first failed, in virtual time.
    #[serde(rename = "at_ns")]
    pub at: Time,
    /// Why it did not hold, for a person; a line for each node concerned.
    pub detail: String,
    /// The kind of event at which it failed; `deadline`; or `end` of the run.
    #[serde(skip)]
    pub event: String,
}

impl Failure {
    /// What this failure has in common with others of the same cause.
    #[must_use]
    pub fn fingerprint(&self, protocol: &str) -> Fingerprint {
        Fingerprint {
            protocol: protocol.to_owned(),
            check: self.check.to_string(),
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
    /// The kind of event at which it first failed; `deadline`; or `end` of the run.
    pub event: String,
}
