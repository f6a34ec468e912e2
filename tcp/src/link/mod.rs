//! Links between nodes: one for each pair, which the lower number dials.
//!
//! A link is up once both sides have said who they are and given back what
//! they were told; a newer one takes the place of an older one. What is to be
//! said waits in an [`Outbox`](outbox::Outbox), and what is heard goes, a batch
//! for each read, to the one task that owns the machine. If that task does not
//! keep up, nothing more is read.

pub(crate) mod accept;
pub(crate) mod dial;
pub(crate) mod handshake;
pub(crate) mod outbox;
pub(crate) mod reader;
mod stream;
mod writer;

use std::cell::Cell;
use std::rc::Rc;

use bytes::BytesMut;
use rehearsal_machine::NodeId;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, spawn_local};

use crate::Limits;
use handshake::Peer;
use outbox::Outbox;
use stream::{ReadHalf, WriteHalf};

/// A connection whose ends know each other.
pub(crate) struct Established {
    pub(crate) peer: Peer,
    read: ReadHalf,
    write: WriteHalf,
    /// Dropped when the link is down.
    pub(crate) until_down: oneshot::Sender<()>,
}

/// What links tell the task that owns the machine.
pub(crate) enum Event {
    /// A connection was made.
    Up(Established),
    /// The link of this number is down.
    Down { peer: NodeId, link: u64 },
    /// Frames came in one read of the link of this number.
    Frames { peer: Peer, link: u64, frames: BytesMut },
}

/// A link at work. Dropped, it is cut.
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) outbox: Rc<Outbox>,
    tasks: [AbortHandle; 2],
    /// Dropped when the writer has nothing more to write.
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
    /// Begins to read and to write.
    pub(crate) fn begin(
        established: Established,
        number: u64,
        limits: &Limits,
        inbox: &mpsc::Sender<Event>,
    ) -> Self {
        let Established { peer, read, write, until_down } = established;
        let outbox = Rc::new(Outbox::new(limits));
        let (written, until_written) = oneshot::channel();
        let wrote = Rc::new(Cell::new(false));
        let reading = reader::read(
            read,
            peer,
            number,
            limits.clone(),
            Rc::clone(&outbox),
            Rc::clone(&wrote),
            inbox.clone(),
        );
        let (from_reader, from_writer) = (inbox.clone(), inbox.clone());
        let down = move || Event::Down { peer: peer.node, link: number };
        let reader = spawn_local(async move {
            let why = reading.await;
            tracing::debug!(peer = %peer.node, %why, "link is down");
            let _ = from_reader.send(down()).await;
        });
        let writing = writer::write(write, Rc::clone(&outbox), wrote);
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
