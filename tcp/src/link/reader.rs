use std::cell::Cell;
use std::fmt;
use std::io;
use std::rc::Rc;

use bytes::{BufMut as _, BytesMut};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::Event;
use super::handshake::Peer;
use super::outbox::Outbox;
use super::stream::ReadHalf;
use crate::Limits;
use crate::wire::frame::{self, BadFrame, Whole};

/// How much is read at once, in bytes.
pub(crate) const READ: usize = 16 * 1_024;

/// How many times a silent peer is told that we are there before it is given up.
const PATIENCE: u32 = 3;

/// Why nothing more is read.
pub(super) enum Ended {
    Failed(io::Error),
    /// It hung up without a word.
    HungUp,
    /// Nothing was heard of it.
    Silent,
    /// It sent more than the largest message.
    TooLarge,
    /// We stop ourselves.
    Stopped,
}

/// Hands on the frames that come, until nothing more does.
pub(super) async fn read(
    mut half: ReadHalf,
    peer: Peer,
    link: u64,
    limits: Limits,
    outbox: Rc<Outbox>,
    wrote: Rc<Cell<bool>>,
    inbox: mpsc::Sender<Event>,
) -> Ended {
    let mut arrived = BytesMut::new();
    let mut ticks = interval(limits.idle / PATIENCE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent = 0;
    loop {
        arrived.reserve(READ);
        let mut room = (&mut arrived).limit(READ);
        tokio::select! {
            biased;
            read = half.read_buf(&mut room) => match read {
                Ok(0) => return Ended::HungUp,
                Ok(_) => silent = 0,
                Err(error) => return Ended::Failed(error),
            },
            _ = ticks.tick() => {
                if silent >= PATIENCE {
                    return Ended::Silent;
                }
                silent += 1;
                if !wrote.replace(false) {
                    outbox.ping();
                }
                continue;
            }
        }
        let Whole { bytes, then_too_large } = frame::whole(&arrived, limits.max_message);
        if bytes > 0 {
            let frames = arrived.split_to(bytes);
            if inbox.send(Event::Frames { peer, link, frames }).await.is_err() {
                return Ended::Stopped;
            }
        }
        if then_too_large {
            return Ended::TooLarge;
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::HungUp => f.write_str("it hung up"),
            Self::Silent => f.write_str("nothing was heard of it"),
            Self::TooLarge => BadFrame::TooLarge.fmt(f),
            Self::Stopped => f.write_str("we stop"),
        }
    }
}
