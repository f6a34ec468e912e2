use std::error::Error;
use std::fmt;
use std::time::Duration;

use rehearsal_machine::draws::{OtherDraw, Replayed};
use rehearsal_machine::{Effect, Input, Node, Time, nanos};

use super::format::{Hex, append_effect, describe_effect};
use super::{Drawn, Life, Outcome, RecordedEffect, Step};
use crate::RealMachine;

/// The first difference between a machine and the recording that it replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The step of the life, counted from 1.
    pub step: usize,
    /// The recorded time of the step.
    pub at: Time,
    /// The step's input, as text.
    pub input: String,
    /// How the machine differs.
    pub what: Mismatch,
}

/// How a machine differs from a recorded step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The recorded input cannot be decoded as an input of this machine.
    Input,
    /// The recorded deadline is not armed (`None`), or is armed for this later time.
    Deadline(Option<Time>),
    /// The machine draws from another range, or more or fewer numbers.
    Draw {
        /// The draw's position in the step, from 1.
        number: usize,
        /// The recorded draw, if there is one at this position.
        recorded: Option<Drawn>,
        /// The range that the machine asks for now, if it draws.
        asked: Option<(u64, u64)>,
    },
    /// The machine asks for another effect, or for more or fewer effects.
    Effect {
        /// Which effect of the step, counted from 1.
        number: usize,
        /// The recorded effect as text, if there is one at this position.
        recorded: Option<String>,
        /// The effect that the machine asks for now, if there is one.
        got: Option<String>,
    },
    /// The recorded outcome is impossible for the effect, such as a span outside its range.
    Outcome {
        /// Which effect of the step, counted from 1.
        number: usize,
        /// The effect, as text.
        effect: String,
        /// The recorded outcome.
        outcome: Outcome,
    },
}

/// Feeds the inputs of a recorded life to a new machine, and compares its effects with the recorded
/// ones, up to the first difference.
///
/// # Panics
///
/// If the machine panics.
pub fn replay<M: RealMachine>(life: &Life, machine: M) -> Result<(), Difference> {
    replay_with(life, machine, |_, _| {})
}

/// Like [`replay`], and calls `watch` with the node after each step that equals the recording.
///
/// # Panics
///
/// If the machine panics.
pub fn replay_with<M: RealMachine>(
    life: &Life,
    machine: M,
    mut watch: impl FnMut(&Node<M>, &Step),
) -> Result<(), Difference> {
    let mut node = Node::new(life.header.node, life.header.incarnation, machine);
    let (mut effects, mut scratch) = (Vec::new(), Vec::new());
    for (number, step) in (1..).zip(&life.steps) {
        take(&mut node, step, &mut effects, &mut scratch).map_err(|what| Difference {
            step: number,
            at: step.at,
            input: step.input.describe::<M>(),
            what,
        })?;
        watch(&node, step);
    }
    Ok(())
}

/// Lets a node replay one recorded step. This allows to replay several nodes side by side.
///
/// The step's effects replace the content of `effects`. The node's deadlines are armed as recorded.
///
/// # Panics
///
/// If the machine panics.
pub fn replay_step<M: RealMachine>(
    node: &mut Node<M>,
    step: &Step,
    effects: &mut Vec<Effect<M>>,
) -> Result<(), Mismatch> {
    take(node, step, effects, &mut Vec::new())
}

fn take<M: RealMachine>(
    node: &mut Node<M>,
    step: &Step,
    effects: &mut Vec<Effect<M>>,
    scratch: &mut Vec<u8>,
) -> Result<(), Mismatch> {
    let input = step.input.input().ok_or(Mismatch::Input)?;
    if let Input::Timer(timer) = &input {
        let armed = node.deadlines().find(|(name, _)| *name == timer).map(|(_, at)| at);
        if armed.is_none_or(|at| at > step.at) {
            return Err(Mismatch::Deadline(armed));
        }
        node.disarm(timer);
    }
    effects.clear();
    let mut draws = Replayed::new(&step.draws);
    node.handle(input, step.at, &mut draws, effects);
    draws.finish()?;
    compare(effects, &step.effects, scratch)?;
    for (effect, done) in effects.iter().zip(&step.effects) {
        match (effect, done.outcome) {
            (Effect::Arm { timer, .. }, Outcome::Armed { after }) => {
                node.arm(timer.clone(), step.at + Duration::from_nanos(after));
            }
            (Effect::Disarm(timer), _) => node.disarm(timer),
            _ => {}
        }
    }
    Ok(())
}

fn compare<M: RealMachine>(
    effects: &[Effect<M>],
    recorded: &[RecordedEffect],
    scratch: &mut Vec<u8>,
) -> Result<(), Mismatch> {
    for number in 1..=effects.len().max(recorded.len()) {
        let (got, done) = (effects.get(number - 1), recorded.get(number - 1));
        scratch.clear();
        // An effect that cannot be serialized was not recorded either, so it differs.
        let is_serialized = got.is_none_or(|effect| append_effect(scratch, effect).is_ok());
        let (Some(effect), Some(done)) = (got, done) else {
            return Err(differs(number, got, done, scratch));
        };
        if !is_serialized || done.effect != *scratch {
            return Err(differs(number, got, Some(done), scratch));
        }
        if !is_possible(effect, done.outcome) {
            return Err(Mismatch::Outcome {
                number,
                effect: describe_effect::<M>(scratch),
                outcome: done.outcome,
            });
        }
    }
    Ok(())
}

fn differs<M: RealMachine>(
    number: usize,
    got: Option<&Effect<M>>,
    recorded: Option<&RecordedEffect>,
    bytes: &[u8],
) -> Mismatch {
    let with_bytes = |words: String, bytes: &[u8]| format!("{words}, that is {:?}", Hex(bytes));
    let mut got = got.map(|effect| match effect {
        Effect::Emit(output) => with_bytes(format!("Emit({output:?})"), bytes),
        _ => describe_effect::<M>(bytes),
    });
    let mut recorded = recorded.map(|done| (describe_effect::<M>(&done.effect), &done.effect));
    // Two different values may have the same text.
    if let (Some(got), Some((recorded, of))) = (&mut got, &mut recorded)
        && got == recorded
    {
        *got = with_bytes(std::mem::take(got), bytes);
        *recorded = with_bytes(std::mem::take(recorded), of);
    }
    Mismatch::Effect { number, recorded: recorded.map(|(describe, _)| describe), got }
}

fn is_possible<M: RealMachine>(effect: &Effect<M>, outcome: Outcome) -> bool {
    match (effect, outcome) {
        (Effect::Arm { after, .. }, Outcome::Armed { after: picked }) => {
            let (low, high) = (nanos(*after.start()), nanos(*after.end()));
            // From an empty range the driver draws the start.
            (low..=high.max(low)).contains(&picked)
        }
        // A message to a node that does not exist has count 0.
        (Effect::Send { .. }, Outcome::Sent { count, lost }) => count > 0 || lost.is_some(),
        (Effect::Disarm(_) | Effect::Save { .. } | Effect::Emit(_), Outcome::Plain) => true,
        _ => false,
    }
}

impl From<OtherDraw> for Mismatch {
    fn from(other: OtherDraw) -> Self {
        let OtherDraw { number, recorded, asked } = other;
        Self::Draw { number, recorded, asked }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} at {:?}: {}: {}", self.step, self.at, self.input, self.what)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("this machine cannot decode the input"),
            Self::Deadline(None) => f.write_str("the deadline fired, but it is not armed"),
            Self::Deadline(Some(at)) => write!(f, "the deadline fired, but it is armed for {at:?}"),
            Self::Draw { number, recorded, asked } => {
                let range = |(low, high)| format!("a number from {low}..={high}");
                let recorded = recorded.map(|drawn| range((drawn.low, drawn.high)));
                write!(f, "draw {number}: {}", Two(recorded, asked.map(range)))
            }
            Self::Effect { number, recorded, got } => {
                write!(f, "effect {number}: {}", Two(recorded.clone(), got.clone()))
            }
            Self::Outcome { number, effect, outcome } => {
                write!(f, "effect {number}: recorded {outcome:?}, which is impossible for {effect}")
            }
        }
    }
}

/// Shows what is recorded beside what the machine does now.
struct Two(Option<String>, Option<String>);

impl fmt::Display for Two {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(recorded, got) = self;
        let word = |one: &Option<String>| one.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "recorded {}, now {}", word(recorded), word(got))
    }
}

impl Error for Difference {}
