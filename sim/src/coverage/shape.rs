use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// What one run has covered: what its steps were like, and which marks its
/// machines came to. Collected where [`Options::coverage`] asks for it.
///
/// It is the same for the same run, on any thread and in any build: numbers of
/// nodes, times, contents and counts are no part of it, so that two runs which do
/// the same things at other nodes and times cover the same.
///
/// [`Options::coverage`]: crate::Options::coverage
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// The different steps. There are seldom more than some hundred, however long
    /// the run.
    pub steps: BTreeSet<StepShape>,
    /// The names that machines gave to [`Context::mark`].
    ///
    /// [`Context::mark`]: rehearsal_machine::Context::mark
    pub marks: BTreeSet<&'static str>,
}

/// What a step was like: `F + election -> send answer, arm -> C`.
///
/// That is the role of the node before, the kind of input, the kinds of effects
/// that the machine asked for, and the role afterwards. Roles are the letters of
/// [`Look::lane`](crate::Look::lane); a start comes from the role of a node that
/// is down, `x`. How many effects of a kind there were, and in which order, is no
/// part of it, nor whether a fault has kept them from taking place. A step in which
/// the machine panics has no shape.
///
/// Shapes are ordered by their parts. A clone costs a count of references.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepShape {
    parts: Arc<Parts>,
    /// Follows from the parts.
    id: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Parts {
    before: char,
    input: InputKind,
    effects: BTreeSet<EffectKind>,
    after: char,
}

/// The kind of an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum InputKind {
    /// A start, the first one or a later one.
    Start,
    /// A command, whichever it is.
    Command,
    /// A message of this kind.
    Message(&'static str),
    /// A timer, by its name in traces with `_` for each number and each node:
    /// `resend(_)` for `Resend(3)`.
    Timer(Box<str>),
    /// A session with a peer begins.
    LinkUp,
    /// A session with a peer ends.
    LinkDown,
}

/// The kind of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum EffectKind {
    /// A message of this kind is sent, to whichever node.
    Send(&'static str),
    /// A timer is armed.
    Arm,
    /// A timer is disarmed.
    Disarm,
    /// A durable cell is written or erased.
    Save,
    /// The owner is told something.
    Emit,
}

impl StepShape {
    pub(crate) fn new(
        before: char,
        input: InputKind,
        effects: BTreeSet<EffectKind>,
        after: char,
    ) -> Self {
        let parts = Parts { before, input, effects, after };
        let id = id_of(&parts);
        Self { parts: Arc::new(parts), id }
    }

    /// The role of the node before the step.
    #[must_use]
    pub fn before(&self) -> char {
        self.parts.before
    }

    /// What the machine was given.
    #[must_use]
    pub fn input(&self) -> &InputKind {
        &self.parts.input
    }

    /// What the machine asked for.
    #[must_use]
    pub fn effects(&self) -> &BTreeSet<EffectKind> {
        &self.parts.effects
    }

    /// The role of the node after the step.
    #[must_use]
    pub fn after(&self) -> char {
        self.parts.after
    }

    /// A number for the shape: a hash of its parts and of nothing else, so that it
    /// is the same in every run, process and build. Different shapes may share one,
    /// with a probability that does not count below some hundred million of them.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }
}

/// The first bytes of the BLAKE3 hash of the parts' postcard form.
fn id_of(parts: &Parts) -> u64 {
    // Letters, texts and lists can always be written.
    let bytes = postcard::to_stdvec(parts).expect("parts of a shape can be serialized");
    let mut id = [0; 8];
    id.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..8]);
    u64::from_le_bytes(id)
}

impl fmt::Display for StepShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { before, input, effects, after } = &*self.parts;
        write!(f, "{before} + {input} -> ")?;
        for (place, effect) in effects.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            effect.fmt(f)?;
        }
        f.write_str(if effects.is_empty() { "" } else { " -> " })?;
        write!(f, "{after}")
    }
}

/// As [`Display`](fmt::Display).
impl fmt::Debug for StepShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Command => f.write_str("command"),
            Self::Message(kind) => f.write_str(kind),
            Self::Timer(name) => write!(f, "timer {name}"),
            Self::LinkUp => f.write_str("link up"),
            Self::LinkDown => f.write_str("link down"),
        }
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(kind) => write!(f, "send {kind}"),
            Self::Arm => f.write_str("arm"),
            Self::Disarm => f.write_str("disarm"),
            Self::Save => f.write_str("save"),
            Self::Emit => f.write_str("emit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(input: InputKind, effects: &[EffectKind]) -> StepShape {
        StepShape::new('F', input, effects.iter().copied().collect(), 'C')
    }

    #[test]
    fn a_shape_reads_like_the_step() {
        let effects = [EffectKind::Emit, EffectKind::Arm, EffectKind::Send("answer")];
        let told = [
            shape(InputKind::Message("election"), &effects),
            shape(InputKind::Timer("resend(_)".into()), &[EffectKind::Save, EffectKind::Disarm]),
            shape(InputKind::Command, &[]),
        ];
        let texts = [
            "F + election -> send answer, arm, emit -> C",
            "F + timer resend(_) -> disarm, save -> C",
            "F + command -> C",
        ];
        assert_eq!(told.map(|shape| shape.to_string()), texts);
    }

    #[test]
    fn the_id_is_that_of_the_parts_not_of_the_text() {
        let start = shape(InputKind::Start, &[]);
        let message = shape(InputKind::Message("start"), &[]);
        assert_eq!(start.to_string(), message.to_string());
        assert!(start != message && start.id() != message.id());
        // What it was when this was written.
        assert_eq!(start.id(), 1_901_575_797_291_711_815);
        let leaked: &'static str = Box::leak(Box::from("start"));
        assert_eq!(shape(InputKind::Message(leaked), &[]).id(), message.id());
    }
}
