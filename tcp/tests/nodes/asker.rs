//! A machine that asks and answers, so that a test can check at any time whether two nodes are
//! connected.

use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
use serde::{Deserialize, Serialize};

/// Asks a peer on command, and answers its peers.
pub(crate) struct Asker;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AskerMessage {
    /// A number, and the payload that belongs to it.
    Ask(u64, Vec<u8>),
    Answer(u64),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) to: NodeId,
    pub(crate) number: u64,
    pub(crate) bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Output {
    Asked { from: NodeId, number: u64, is_intact: bool },
    Answered { from: NodeId, number: u64 },
}

impl Message for AskerMessage {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask(..) => "ask",
            Self::Answer(_) => "answer",
        }
    }
}

/// The payload that belongs to this number.
pub(crate) fn payload(number: u64, bytes: usize) -> Vec<u8> {
    (0..bytes as u64).map(|place| (number.wrapping_mul(31) ^ place) as u8).collect()
}

impl Machine for Asker {
    type Message = AskerMessage;
    type Command = Ask;
    type Output = Output;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Ask { to, number, bytes }) => {
                cx.send(to, AskerMessage::Ask(number, payload(number, bytes)));
            }
            Input::Message { from, message: AskerMessage::Ask(number, bytes) } => {
                let is_intact = bytes == payload(number, bytes.len());
                cx.emit(Output::Asked { from, number, is_intact });
                cx.send(from, AskerMessage::Answer(number));
            }
            Input::Message { from, message: AskerMessage::Answer(number) } => {
                cx.emit(Output::Answered { from, number });
            }
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}
