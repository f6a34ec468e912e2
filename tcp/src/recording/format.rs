//! The content of a recording, its byte format, and its text form for people.
//!
//! The order of fields and variants is part of the byte format. A change needs a new version.

use std::fmt;

use bytes::Bytes;
use postcard::Error;
use rehearsal_machine::{Effect, Input, Machine, Message as _, NodeId, Nothing, Time, nanos};
use serde::{Deserialize, Serialize};

use super::Drawn;
use crate::{Clock, Lost, RealMachine, codec};

/// The first value in a recording: identifies the kind of file.
pub(super) const KIND: &str = "rehearsal recording";
pub(super) const VERSION: u32 = 2;
/// The oldest version that is read: it lacks [`RecordedInput::Link`], and is otherwise the same.
pub(super) const OLDEST: u32 = 1;

/// The first byte of a record: its kind.
pub(super) const HEADER: u8 = 0;
pub(super) const STEP: u8 = 1;

/// The node of a recorded life, and everything that is needed to build its machine again and to
/// join the recordings of several nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The protocol's name.
    pub protocol: String,
    /// The roster: the file that names the cluster's members and configures the protocol.
    pub source: SourceFile,
    /// The files that the roster names.
    pub files: Vec<SourceFile>,
    /// The node's number.
    pub node: NodeId,
    /// The number of nodes in the cluster.
    pub nodes: u32,
    /// The node's incarnation, counted from 1.
    pub incarnation: u32,
    /// The clock from which the times of the steps were read.
    pub clock: Clock,
    /// The version of the recording program.
    pub build: String,
}

/// A text file, as it was when the life began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The file's name.
    pub name: String,
    /// The file's content.
    pub text: String,
}

/// One input of a machine, and everything that it led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The time of the node's clock.
    pub at: Time,
    /// The input.
    pub input: RecordedInput,
    /// The numbers that the machine drew, in order.
    pub draws: Vec<Drawn>,
    /// The effects that the machine asked for, in order.
    pub effects: Vec<RecordedEffect>,
}

/// A recorded input. The machine's values are encoded with postcard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedInput {
    /// The node started. This is the first input of every life, and only the first.
    Start {
        /// The names and values of the durable cells.
        storage: Vec<(Bytes, Bytes)>,
    },
    /// A command of the owner.
    Command(Bytes),
    /// A message.
    Message {
        /// The sender.
        from: NodeId,
        /// The sender's incarnation.
        incarnation: u32,
        /// The message's count on the link, from 1 in each incarnation of the sender.
        count: u32,
        /// The message itself.
        bytes: Bytes,
    },
    /// A deadline fired: the timer's name.
    Timer(Bytes),
    /// The link to a peer is up or down. Only a machine that
    /// [hears of links](Machine::HEARS_LINKS) has this input.
    Link {
        /// The peer.
        peer: NodeId,
        /// Is the link up?
        up: bool,
    },
}

/// A recorded effect: what the machine asked for, and what the driver did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEffect {
    /// The effect, encoded with postcard: an enum with the variants of [`Effect`] in their order, in
    /// which an `Arm` has the two ends of its range in nanoseconds.
    pub effect: Bytes,
    /// What the driver did.
    pub outcome: Outcome,
}

/// What the driver did to perform an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Exactly what was asked: for `Disarm`, `Save` and `Emit`.
    Plain,
    /// For `Send`: the message was sent, or lost at once.
    Sent {
        /// The message's count on the link, from 1 in each incarnation; 0 if the receiver does not
        /// exist.
        count: u32,
        /// Why the message never left the node; `None` if it did.
        lost: Option<Lost>,
    },
    /// For `Arm`: the deadline was armed.
    Armed {
        /// The drawn span from the step's time to the deadline, in nanoseconds.
        after: u64,
    },
}

/// The encoded form of an effect.
#[derive(Serialize, Deserialize)]
enum Form<M, T, C, S, O> {
    Send { to: NodeId, message: M },
    Arm { timer: T, low: u64, high: u64 },
    Disarm(T),
    Save { cell: C, value: Option<S> },
    Emit(O),
}

/// Appends an effect's encoding to `to`. After an error part of it may have been appended.
pub(super) fn append_effect<M: RealMachine>(
    to: &mut Vec<u8>,
    effect: &Effect<M>,
) -> Result<(), Error> {
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

/// Shows an encoded effect. Saved values and outputs are shown as bytes, because a machine need not
/// implement `Debug` for the former, nor decoding for the latter.
pub(super) fn describe_effect<M: RealMachine>(bytes: &[u8]) -> String {
    type Of<M> = Form<
        <M as Machine>::Message,
        <M as Machine>::Timer,
        <M as Machine>::Cell,
        <M as Machine>::Saved,
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
            // The value has just been decoded, so it can be encoded.
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

/// The kind of a message; `None` if the machine's messages do not match the bytes.
#[must_use]
pub fn message_kind<M: RealMachine>(message: &[u8]) -> Option<&'static str> {
    Some(codec::read::<M::Message>(message)?.kind())
}

impl RecordedEffect {
    /// The receiver and the encoded message, if the effect is a `Send`.
    #[must_use]
    pub fn sent_message(&self) -> Option<(NodeId, &[u8])> {
        match postcard::take_from_bytes(&self.effect) {
            Ok(((SEND, to), message)) => Some((to, message)),
            _ => None,
        }
    }

    /// The cell and its new value, both encoded, if the effect is a `Save`. Without a value the
    /// cell is erased.
    #[must_use]
    pub fn save<M: RealMachine>(&self) -> Option<(&[u8], Option<&[u8]>)> {
        let (&SAVE, saved) = self.effect.split_first()? else { return None };
        let (_, rest) = postcard::take_from_bytes::<M::Cell>(saved).ok()?;
        let cell = &saved[..saved.len() - rest.len()];
        match rest.split_first()? {
            (0, []) => Some((cell, None)),
            (1, value) => Some((cell, Some(value))),
            _ => None,
        }
    }
}

/// The encoding of the variant `Send`.
const SEND: u8 = 0;
/// The encoding of the variant `Save`.
const SAVE: u8 = 3;
/// The encoding of the variant `Emit`.
const EMIT: u8 = 4;

impl RecordedInput {
    /// The start of a machine with this content in its cells, as
    /// [`Cells::held`](crate::Cells::held) yields it.
    pub fn start<'a>(held: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let copy = Bytes::copy_from_slice;
        let storage = held.into_iter().map(|(cell, value)| (copy(cell), copy(value))).collect();
        Self::Start { storage }
    }

    /// A command. It is an error if the command cannot be serialized.
    pub fn command<M: RealMachine>(command: &M::Command) -> Result<Self, Error> {
        Ok(Self::Command(bytes(command)?))
    }

    /// A message with this count on its link, from this incarnation of its sender. It is an error if
    /// the message cannot be serialized.
    pub fn message<M: RealMachine>(
        from: NodeId,
        incarnation: u32,
        count: u32,
        message: &M::Message,
    ) -> Result<Self, Error> {
        Ok(Self::Message { from, incarnation, count, bytes: bytes(message)? })
    }

    /// A deadline that fired. It is an error if the timer's name cannot be serialized.
    pub fn timer<M: RealMachine>(timer: &M::Timer) -> Result<Self, Error> {
        Ok(Self::Timer(bytes(timer)?))
    }

    /// Decodes the input; `None` if the machine's types do not match.
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
            Self::Link { peer, up } => Input::Link { peer: *peer, up: *up },
        })
    }

    /// Shows the input to a person. Values that cannot be decoded are shown as bytes.
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
            Self::Link { peer, up: true } => format!("Link to {peer} up"),
            Self::Link { peer, up: false } => format!("Link to {peer} down"),
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

/// Shows bytes as hexadecimal digits, and of many only the first.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_SHOWN: usize = 64;
        f.write_str("0x")?;
        self.0.iter().take(MAX_SHOWN).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.0.len() > MAX_SHOWN { write!(f, ".. ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}
