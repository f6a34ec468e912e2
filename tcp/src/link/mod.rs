//! Links: the one connection between each pair of nodes, which the lower number dials.
//!
//! A link is up once both nodes have finished the handshake. A newer link replaces an older one.
//! Messages to the peer wait in an [`Outbox`](outbox::Outbox), which a writer task empties. A
//! reader task hands received frames, one batch per read, to the task that owns the machine; while
//! that task does not keep up, the reader stops reading.

pub(crate) mod acceptor;
pub(crate) mod dialer;
pub(crate) mod handshake;
pub(crate) mod known_peers;
pub(crate) mod outbox;
pub(crate) mod refusal_log;

use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::{BufMut as _, BytesMut};
use rehearsal_machine::NodeId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::{MissedTickBehavior, interval};

use crate::Limits;
use crate::wire::frame::{self, BadFrame, Whole};
use handshake::{Peer, ReadHalf, WriteHalf};
use outbox::{Outbox, Then};

/// The maximum size of one read, in bytes.
pub(crate) const READ: usize = 16 * 1_024;

/// How many pings a node sends to a silent peer before it closes the link.
const PINGS: u32 = 3;

/// The largest write buffer that is kept for the next write, in bytes.
const KEPT_BUFFER: usize = 256 * 1_024;

/// A connection whose handshake has finished.
pub(crate) struct Established {
    pub(crate) peer: Peer,
    /// The address at which the peer listens.
    pub(crate) address: SocketAddr,
    pub(crate) read: ReadHalf,
    pub(crate) write: WriteHalf,
    /// Dropped when the link is down.
    pub(crate) until_down: oneshot::Sender<()>,
}

/// An event on a link, for the task that owns the machine.
pub(crate) enum Event {
    /// A handshake has finished.
    Up(Established),
    /// A peer was refused because it begins a new life.
    NewLife,
    /// The link with this number is down.
    Down { peer: NodeId, link: u64 },
    /// One read of the link with this number contained these frames.
    Frames { peer: Peer, link: u64, frames: BytesMut },
}

/// A link that is up. Dropping it closes the connection.
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) outbox: Rc<Outbox>,
    tasks: [AbortHandle; 2],
    /// Completes, with an error, when the writer has ended.
    pub(crate) written: oneshot::Receiver<()>,
    _until_down: oneshot::Sender<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Link {
    /// Starts the tasks that read and write.
    pub(crate) fn start(
        established: Established,
        number: u64,
        limits: &Limits,
        commits: &Rc<Cell<u64>>,
        inbox: &mpsc::Sender<Event>,
    ) -> Self {
        let Established { peer, read, write, until_down, .. } = established;
        let outbox = Rc::new(Outbox::new(limits, Rc::clone(commits)));
        let (written, until_written) = oneshot::channel();
        let has_written = Rc::new(Cell::new(false));
        let reader = Reader {
            half: read,
            peer,
            link: number,
            limits: limits.clone(),
            outbox: Rc::clone(&outbox),
            has_written: Rc::clone(&has_written),
            inbox: inbox.clone(),
        };
        let (from_reader, from_writer) = (inbox.clone(), inbox.clone());
        let down = move || Event::Down { peer: peer.node, link: number };
        let reader = spawn_local(async move {
            let why = reader.run().await;
            tracing::debug!(peer = %peer.node, %why, "link is down");
            let _ = from_reader.send(down()).await;
        });
        let writing = write_all(write, Rc::clone(&outbox), has_written);
        let writer = spawn_local(async move {
            let ended = writing.await;
            drop(written);
            if let Err(error) = ended {
                tracing::debug!(peer = %peer.node, %error, "link is down");
                let _ = from_writer.send(down()).await;
            }
        });
        let tasks = [reader.abort_handle(), writer.abort_handle()];
        Self { number, outbox, tasks, written: until_written, _until_down: until_down }
    }
}

/// Reads a link, and pings the peer while nothing else is written.
struct Reader {
    half: ReadHalf,
    peer: Peer,
    link: u64,
    limits: Limits,
    outbox: Rc<Outbox>,
    /// Set by the writer after each write.
    has_written: Rc<Cell<bool>>,
    inbox: mpsc::Sender<Event>,
}

/// Why a reader ended.
enum Ended {
    Failed(io::Error),
    /// The peer closed the connection.
    Closed,
    /// The peer was silent for too long.
    Silent,
    /// The peer sent a message larger than allowed.
    TooLarge,
    /// This node stops.
    Stopped,
}

impl Reader {
    /// Hands received frames to the machine's task until the link ends.
    async fn run(mut self) -> Ended {
        let mut arrived = BytesMut::new();
        let mut ticks = interval(self.limits.idle / PINGS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent_ticks = 0;
        loop {
            arrived.reserve(READ);
            let mut room = (&mut arrived).limit(READ);
            tokio::select! {
                biased;
                read = self.half.read_buf(&mut room) => match read {
                    Ok(0) => return Ended::Closed,
                    Ok(_) => silent_ticks = 0,
                    Err(error) => return Ended::Failed(error),
                },
                _ = ticks.tick() => {
                    if silent_ticks >= PINGS {
                        return Ended::Silent;
                    }
                    silent_ticks += 1;
                    if !self.has_written.replace(false) {
                        self.outbox.ping();
                    }
                    continue;
                }
            }
            let Whole { bytes, then_too_large } = frame::whole(&arrived, self.limits.max_message);
            if bytes > 0 {
                let (peer, link) = (self.peer, self.link);
                let frames = arrived.split_to(bytes);
                if self.inbox.send(Event::Frames { peer, link, frames }).await.is_err() {
                    return Ended::Stopped;
                }
            }
            if then_too_large {
                return Ended::TooLarge;
            }
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Closed => f.write_str("the peer closed the connection"),
            Self::Silent => f.write_str("the peer was silent for too long"),
            Self::TooLarge => BadFrame::TooLarge.fmt(f),
            Self::Stopped => f.write_str("this node stops"),
        }
    }
}

/// Writes the frames in the outbox until the outbox is closed.
async fn write_all(
    mut half: WriteHalf,
    outbox: Rc<Outbox>,
    has_written: Rc<Cell<bool>>,
) -> io::Result<()> {
    let mut frames = Vec::new();
    loop {
        let then = outbox.take(&mut frames).await;
        half.write_all(&frames).await?;
        half.flush().await?;
        has_written.set(true);
        if then == Then::Ends {
            return half.shutdown().await;
        }
        if frames.capacity() > KEPT_BUFFER {
            frames = Vec::new();
        } else {
            frames.clear();
        }
    }
}
