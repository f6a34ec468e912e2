use std::error::Error;
use std::fmt;
use std::time::Duration;

use rehearsal_machine::draws::{OtherDraw, Replayed};
use rehearsal_machine::{Effect, Input, Node, Time, nanos};

use super::effect::{self, Hex, describe};
use super::{Drawn, Life, Outcome, RecordedEffect, Step};
use crate::RealMachine;

/// The first thing that a machine does otherwise than it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which step of the life, counted from 1.
    pub step: usize,
    /// When that was.
    pub at: Time,
    /// The input that led to it, in words.
    pub input: String,
    /// What differs.
    pub what: Mismatch,
}

/// What a machine does otherwise than it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The input is none of this machine's.
    Input,
    /// The deadline was not armed, or had not come yet: when it was to come.
    Deadline(Option<Time>),
    /// It draws another number of numbers, or one from another range.
    Draw {
        /// Which number of the step, counted from 1.
        number: usize,
        /// What is recorded, if it drew as many.
        recorded: Option<Drawn>,
        /// The range that it asks for now, if it asks for one.
        asked: Option<(u64, u64)>,
    },
    /// It asks for something else, for more or for less.
    Effect {
        /// Which effect of the step, counted from 1.
        number: usize,
        /// What is recorded, in words, if there were as many.
        recorded: Option<String>,
        /// What it asks for now, if it does.
        got: Option<String>,
    },
    /// What was made of the effect is not what can be made of it, as a span out
    /// of its range.
    Outcome {
        /// Which effect of the step, counted from 1.
        number: usize,
        /// What it asks for, in words.
        effect: String,
        /// What is recorded to have been made of it.
        outcome: Outcome,
    },
}

/// Feeds a life to a machine that is as that one was before its start, and
/// tells the first difference.
///
/// The machine's panics are not caught.
pub fn replay<M: RealMachine>(life: &Life, machine: M) -> Result<(), Difference> {
    replay_with(life, machine, |_, _| {})
}

/// The same, and shows the node after each step that was as it is recorded.
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

/// Lets a node take one recorded step, whatever else it has taken before: for
/// whoever replays several nodes side by side. Its effects, which are as they
/// are recorded, take the place of what is in `effects`; its deadlines are armed.
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
        // What cannot be written was not recorded either, so it differs.
        let is_written = got.is_none_or(|effect| effect::append(scratch, effect).is_ok());
        let (Some(effect), Some(done)) = (got, done) else {
            return Err(differs(number, got, done, scratch));
        };
        if !is_written || done.effect != *scratch {
            return Err(differs(number, got, Some(done), scratch));
        }
        if !is_possible(effect, done.outcome) {
            return Err(Mismatch::Outcome {
                number,
                effect: describe::<M>(scratch),
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
        _ => describe::<M>(bytes),
    });
    let mut recorded = recorded.map(|done| (describe::<M>(&done.effect), &done.effect));
    // The words of two values may be the same.
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
            // Of an empty range it is the start.
            (low..=high.max(low)).contains(&picked)
        }
        // Nothing is counted towards a node that does not exist.
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
            Self::Input => f.write_str("the input is none of this machine's"),
            Self::Deadline(None) => f.write_str("the deadline came, and was not armed"),
            Self::Deadline(Some(at)) => write!(f, "the deadline came, and was armed for {at:?}"),
            Self::Draw { number, recorded, asked } => {
                let range = |(low, high)| format!("a number from {low}..={high}");
                let recorded = recorded.map(|drawn| range((drawn.low, drawn.high)));
                write!(f, "draw {number}: {}", Two(recorded, asked.map(range)))
            }
            Self::Effect { number, recorded, got } => {
                write!(f, "effect {number}: {}", Two(recorded.clone(), got.clone()))
            }
            Self::Outcome { number, effect, outcome } => {
                write!(f, "effect {number}: recorded is {outcome:?}, which {effect} cannot lead to")
            }
        }
    }
}

/// What is recorded and what there is now.
struct Two(Option<String>, Option<String>);

impl fmt::Display for Two {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(recorded, got) = self;
        let word = |one: &Option<String>| one.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "recorded is {}, now it is {}", word(recorded), word(got))
    }
}

impl Error for Difference {}
