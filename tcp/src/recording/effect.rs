//! Inputs and effects as bytes and, where they decode, as words.

use std::fmt;

use bytes::Bytes;
use postcard::Error;
use rehearsal_machine::{Effect, Input, NodeId, Nothing, nanos};
use serde::{Deserialize, Serialize};

use super::{RecordedEffect, RecordedInput};
use crate::{RealMachine, codec};

/// An effect's form in a recording.
#[derive(Serialize, Deserialize)]
enum Form<M, T, C, S, O> {
    Send { to: NodeId, message: M },
    Arm { timer: T, low: u64, high: u64 },
    Disarm(T),
    Save { cell: C, value: Option<S> },
    Emit(O),
}

/// Appends an effect's bytes. After an error some of them may be there.
pub(super) fn append<M: RealMachine>(to: &mut Vec<u8>, effect: &Effect<M>) -> Result<(), Error> {
    codec::append(
        to,
        &match effect {
            Effect::Send { to, message } => Form::Send { to: *to, message },
            Effect::Arm { timer, after } => {
                Form::Arm { timer, low: nanos(*after.start()), high: nanos(*after.end()) }
            }
            Effect::Disarm(timer) => Form::Disarm(timer),
            Effect::Save { cell, value } => Form::Save { cell, value: value.as_ref() },
            Effect::Emit(output) => Form::Emit(output),
        },
    )
}

/// What an effect's bytes say. Saved values and outputs are told as bytes: not
/// all machines can show the ones or read the others.
pub(super) fn describe<M: RealMachine>(bytes: &[u8]) -> String {
    type Of<M> = Form<
        <M as rehearsal_machine::Machine>::Message,
        <M as rehearsal_machine::Machine>::Timer,
        <M as rehearsal_machine::Machine>::Cell,
        <M as rehearsal_machine::Machine>::Saved,
        Nothing,
    >;
    match codec::read::<Of<M>>(bytes) {
        Some(Form::Send { to, message }) => format!("Send {{ to: {to}, message: {message:?} }}"),
        Some(Form::Arm { timer, low, high }) => {
            format!("Arm {{ timer: {timer:?}, after: {low}..={high} ns }}")
        }
        Some(Form::Disarm(timer)) => format!("Disarm({timer:?})"),
        Some(Form::Save { cell, value }) => {
            let mut saved = Vec::new();
            // It has just been read, so that it can be written, too.
            let _ = value.as_ref().map(|value| codec::append(&mut saved, value));
            let value = value.map(|_| Hex(&saved));
            format!("Save {{ cell: {cell:?}, value: {value:?} }}")
        }
        None => match bytes.split_first() {
            Some((&EMIT, _)) => format!("Emit(..), that is {:?}", Hex(bytes)),
            _ => format!("{:?}", Hex(bytes)),
        },
    }
}

impl RecordedEffect {
    /// Whom something was said to, and what, in postcard's bytes, if that is
    /// what was asked for.
    #[must_use]
    pub fn sent_message(&self) -> Option<(NodeId, &[u8])> {
        match postcard::take_from_bytes(&self.effect) {
            Ok(((SEND, to), message)) => Some((to, message)),
            _ => None,
        }
    }
}

/// The number of the variant `Send`.
const SEND: u8 = 0;
/// The number of the variant `Emit`.
const EMIT: u8 = 4;

impl RecordedInput {
    /// The first input of a life, whose machine finds this in its cells, as
    /// [`Cells::held`](crate::Cells::held) gives it.
    pub fn start<'a>(held: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let copy = Bytes::copy_from_slice;
        let storage = held.into_iter().map(|(cell, value)| (copy(cell), copy(value))).collect();
        Self::Start { storage }
    }

    /// A command. It is an error if it cannot be written as postcard's bytes.
    pub fn command<M: RealMachine>(command: &M::Command) -> Result<Self, Error> {
        Ok(Self::Command(bytes(command)?))
    }

    /// A message with this count on its link, from this life of its sender. It
    /// is an error if it cannot be written as postcard's bytes.
    pub fn message<M: RealMachine>(
        from: NodeId,
        incarnation: u32,
        count: u32,
        message: &M::Message,
    ) -> Result<Self, Error> {
        Ok(Self::Message { from, incarnation, count, bytes: bytes(message)? })
    }

    /// A deadline's name. It is an error if it cannot be written as postcard's
    /// bytes.
    pub fn timer<M: RealMachine>(timer: &M::Timer) -> Result<Self, Error> {
        Ok(Self::Timer(bytes(timer)?))
    }

    /// The input, if the machine's types fit what is recorded.
    #[must_use]
    pub fn input<M: RealMachine>(&self) -> Option<Input<M>> {
        Some(match self {
            Self::Start { storage } => {
                let read = |(cell, value): &(Bytes, Bytes)| {
                    Some((codec::read(cell)?, codec::read(value)?))
                };
                Input::Start(storage.iter().map(read).collect::<Option<_>>()?)
            }
            Self::Command(bytes) => Input::Command(codec::read(bytes)?),
            Self::Message { from, bytes, .. } => {
                Input::Message { from: *from, message: codec::read(bytes)? }
            }
            Self::Timer(bytes) => Input::Timer(codec::read(bytes)?),
        })
    }

    /// What it says, for people.
    #[must_use]
    pub fn describe<M: RealMachine>(&self) -> String {
        match self {
            Self::Start { storage } => {
                let cells = storage
                    .iter()
                    .map(|(cell, value)| format!("{}: {:?}", shown::<M::Cell>(cell), Hex(value)));
                format!("Start({{{}}})", cells.collect::<Vec<_>>().join(", "))
            }
            Self::Command(bytes) => format!("Command({})", shown::<M::Command>(bytes)),
            Self::Message { from, incarnation, count, bytes } => {
                let message = shown::<M::Message>(bytes);
                format!("Message {{ from: {from}~{incarnation} #{count}, message: {message} }}")
            }
            Self::Timer(bytes) => format!("Timer({})", shown::<M::Timer>(bytes)),
        }
    }
}

fn bytes<T: Serialize>(value: &T) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    codec::append(&mut bytes, value)?;
    Ok(bytes.into())
}

fn shown<'a, T: Deserialize<'a> + fmt::Debug>(bytes: &'a [u8]) -> String {
    match codec::read::<T>(bytes) {
        Some(value) => format!("{value:?}"),
        None => format!("{:?}", Hex(bytes)),
    }
}

/// Bytes in hexadecimal digits, and only the first of many.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 64;
        f.write_str("0x")?;
        self.0.iter().take(MOST).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.0.len() > MOST { write!(f, ".. ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}
