use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use rehearsal_machine::NodeId;

use crate::plan::DecisionKey;

/// What stands in the right margin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Margin {
    /// Nothing.
    #[default]
    Empty,
    /// The key of each message and timer, ready to be copied into a plan. Lines
    /// with a key may be longer than [`WIDTH`](super::WIDTH).
    Keys,
}

/// What of a run a story tells, and how. Nothing of it changes a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct View {
    /// What stands in the margin.
    pub margin: Margin,
    /// Which part of the run.
    pub extent: Extent,
    /// Only what happens to these nodes and in the network; of all nodes if it is empty.
    pub only: BTreeSet<NodeId>,
    /// Kinds of messages, and names of timers, that are left out. A step that such a message or
    /// timer leads to stays if it has other effects.
    pub hidden: BTreeSet<String>,
    /// Steps that are about one of these decisions are never folded or left out: those that a plan
    /// lists.
    pub marked: BTreeSet<DecisionKey>,
    /// The numbers of events that decided how the run ended: they have a `!` before them, and
    /// are never folded or left out.
    pub decisive: BTreeSet<u64>,
}

/// Which part of a run a story tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of a run that held, with repetitions folded; of a run that failed what leads to the
    /// failure, and what disturbed the run, unless all of it is short.
    #[default]
    Usual,
    /// All of it, with repetitions folded.
    Folded,
    /// All of it, step by step.
    Whole,
    /// What happened around a moment, step by step, and the causes that led to it.
    Around {
        /// The moment.
        what: Moment,
        /// So many steps before it, and as many after it.
        context: usize,
    },
}

/// A moment of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The last step, with which a run that fails ends.
    Failure,
    /// The event of this number, from 1, as the trace as data has it.
    Event(u64),
    /// The first event that is about this message or timer.
    Key(DecisionKey),
}

impl FromStr for Moment {
    type Err = NotAMoment;

    /// `failure`, `1250` or `n2->n3:answer#1`.
    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        if text == "failure" {
            return Ok(Self::Failure);
        }
        if let Ok(number) = text.parse() {
            return Ok(Self::Event(number));
        }
        let key = text.parse().ok();
        let key = key.filter(|key| matches!(key, DecisionKey::Message(_) | DecisionKey::Timer(_)));
        key.map(Self::Key).ok_or_else(|| NotAMoment(text.to_owned()))
    }
}

/// Is this the key of a message of this kind, or of a timer of this name? What stands in brackets
/// after a timer's name need not be given.
#[must_use]
pub fn is_called(key: &DecisionKey, name: &str) -> bool {
    match key {
        DecisionKey::Message(message) => message.kind == name,
        DecisionKey::Timer(timer) => {
            let short = timer.timer.split(['(', ' ']).next();
            timer.timer == name || short == Some(name)
        }
        DecisionKey::Draw { .. } | DecisionKey::Command { .. } | DecisionKey::Fault { .. } => false,
    }
}

/// The text names no moment of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAMoment(String);

impl fmt::Display for NotAMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` names no moment of a run: write `failure`, the number of an event as in a trace, \
             or the key of a message or timer such as `n2->n3:answer#1`",
            self.0
        )
    }
}

impl std::error::Error for NotAMoment {}
