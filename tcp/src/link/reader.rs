use std::cell::Cell;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use bytes::{Buf as _, BufMut as _, BytesMut};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::Event;
use super::handshake::Peer;
use super::outbox::Outbox;
use super::stream::ReadHalf;
use crate::metrics::{Count, Metrics};
use crate::postcards;
use crate::wire::frame::{self, BadFrame, Frame};
use crate::{Limits, RealMachine};

/// How much is read at once, in bytes.
pub(crate) const READ: usize = 64 * 1_024;

/// How many times a silent peer is told that we are there before it is given up.
const PATIENCE: u32 = 3;

/// Why a link is down.
pub(super) enum Ended {
    Failed(io::Error),
    /// It hung up without a word.
    HungUp,
    /// It has stopped.
    Bye,
    /// Nothing was heard of it.
    Silent,
    /// What it says cannot be trusted any more.
    Bad(BadFrame),
    /// We stop ourselves.
    Ours,
}

/// Hands on what comes, until nothing more does.
pub(super) async fn read<M: RealMachine>(
    mut half: ReadHalf,
    peer: Peer,
    limits: Limits,
    outbox: Rc<Outbox>,
    wrote: Rc<Cell<bool>>,
    metrics: Arc<Metrics>,
    inbox: mpsc::Sender<Event<M>>,
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
        let Parsed { messages, read, ended } = parse::<M>(&arrived, peer, &limits, &metrics);
        arrived.advance(read);
        if !messages.is_empty() {
            metrics.count(peer.node, Count::Received, messages.len() as u64);
            if inbox.send(Event::Messages { peer, messages }).await.is_err() {
                return Ended::Ours;
            }
        }
        if let Some(ended) = ended {
            return ended;
        }
    }
}

/// What has come whole.
struct Parsed<M> {
    /// Each with its count on the link.
    messages: Vec<(u32, M)>,
    /// How many bytes that was.
    read: usize,
    /// Why nothing more can come.
    ended: Option<Ended>,
}

fn parse<M: RealMachine>(
    arrived: &[u8],
    peer: Peer,
    limits: &Limits,
    metrics: &Metrics,
) -> Parsed<M::Message> {
    let mut left = arrived;
    let mut messages = Vec::new();
    let ended = loop {
        let frame = match frame::first(left, limits.max_message) {
            Ok(None) => break None,
            Ok(Some((frame, rest))) => {
                left = rest;
                frame
            }
            Err(bad) => break Some(Ended::Bad(bad)),
        };
        match frame {
            Frame::Ping => {}
            Frame::Bye => break Some(Ended::Bye),
            Frame::Message { count, body } => match postcards::read(body) {
                Some(message) => messages.push((count, message)),
                // A newer machine may say what ours does not know: lost, like any other.
                None => metrics.count(peer.node, Count::Undecodable, 1),
            },
        }
    };
    Parsed { messages, read: arrived.len() - left.len(), ended }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::HungUp => f.write_str("it hung up"),
            Self::Bye => f.write_str("it has stopped"),
            Self::Silent => f.write_str("nothing was heard of it"),
            Self::Bad(BadFrame::TooLarge) => f.write_str("it sent more than the largest message"),
            Self::Bad(BadFrame::Corrupt) => f.write_str("a check sum was wrong"),
            Self::Bad(BadFrame::Malformed) => f.write_str("it sent what is no frame"),
            Self::Ours => f.write_str("we stop"),
        }
    }
}
