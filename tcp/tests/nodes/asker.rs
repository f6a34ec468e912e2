//! A machine of which tests can say at any time whether it is served: what it
//! asks is answered.

use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
use serde::{Deserialize, Serialize};

/// Asks its peers what its owner wants to be asked, and answers them.
pub(crate) struct Asker;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Said {
    /// A number, and bytes that follow from it.
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
pub(crate) enum Told {
    Asked { from: NodeId, number: u64, is_whole: bool },
    Answered { from: NodeId, number: u64 },
}

impl Message for Said {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask(..) => "ask",
            Self::Answer(_) => "answer",
        }
    }
}

/// What comes with this number.
pub(crate) fn load(number: u64, bytes: usize) -> Vec<u8> {
    (0..bytes as u64).map(|place| (number.wrapping_mul(31) ^ place) as u8).collect()
}

impl Machine for Asker {
    type Message = Said;
    type Command = Ask;
    type Output = Told;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Ask { to, number, bytes }) => {
                cx.send(to, Said::Ask(number, load(number, bytes)));
            }
            Input::Message { from, message: Said::Ask(number, bytes) } => {
                let is_whole = bytes == load(number, bytes.len());
                cx.emit(Told::Asked { from, number, is_whole });
                cx.send(from, Said::Answer(number));
            }
            Input::Message { from, message: Said::Answer(number) } => {
                cx.emit(Told::Answered { from, number });
            }
            Input::Start(_) | Input::Timer(_) => {}
        }
    }
}
