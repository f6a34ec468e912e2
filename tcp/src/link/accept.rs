use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, spawn_local, yield_now};
use tokio::time::{sleep, timeout};

use super::handshake::{Handshake, HandshakeFailure};
use super::{Established, Event, stream};
use crate::metrics::Metrics;
use crate::refusals::{HandshakeError, Refusals};
use crate::tls::Tls;
use crate::{Limits, Security};

/// How long to wait when the system has no connections to give.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// The door of a node.
pub(crate) struct Acceptor {
    pub(crate) us: Rc<Handshake>,
    pub(crate) tls: Option<Tls>,
    pub(crate) limits: Limits,
    pub(crate) refusals: Rc<Refusals>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) inbox: mpsc::Sender<Event>,
}

impl Acceptor {
    /// Lets in who may come, for ever.
    pub(crate) async fn keep(self, listener: TcpListener) {
        let door = Rc::new(self);
        let mut half_open: VecDeque<AbortHandle> = VecDeque::new();
        loop {
            let (connection, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    door.exhausted(&error).await;
                    continue;
                }
            };
            half_open.retain(|task| !task.is_finished());
            // Who is one of us is not long about it: the oldest is the least likely to be.
            if half_open.len() >= door.limits.half_open
                && let Some(oldest) = half_open.pop_front()
            {
                oldest.abort();
                door.metrics.evict();
            }
            let door = Rc::clone(&door);
            let task = spawn_local(async move { door.admit(connection, address).await });
            half_open.push_back(task.abort_handle());
            // However many wait at the door, those who are in it go on with what they say.
            yield_now().await;
        }
    }

    async fn exhausted(&self, error: &io::Error) {
        // A connection that was gone before we took it costs nothing.
        if error.kind() != io::ErrorKind::ConnectionAborted {
            self.refusals.note_exhausted(error);
            sleep(EXHAUSTED).await;
        }
    }

    async fn admit(&self, connection: TcpStream, address: SocketAddr) {
        let is_insecure = self.us.roster.security() == Security::Insecure;
        if is_insecure && !address.ip().is_loopback() {
            self.refusals.note(address.ip(), HandshakeError::NotLoopback);
            return;
        }
        let accepting = stream::accept(connection, self.tls.as_ref(), &self.us);
        let accepted = timeout(self.limits.handshake, accepting)
            .await
            .unwrap_or(Err(HandshakeFailure::ByUs(HandshakeError::Timeout)));
        match accepted {
            Ok((peer, halves)) => {
                let (until_down, _) = oneshot::channel();
                let established =
                    Established { peer, read: halves.read, write: halves.write, until_down };
                // If nobody takes it, the node stops.
                let _ = self.inbox.send(Event::Up(established)).await;
            }
            Err(HandshakeFailure::ByUs(reason)) => self.refusals.note(address.ip(), reason),
            // It dials us, and does not know our key.
            Err(HandshakeFailure::ByPeer(reason)) => {
                self.refusals.note_theirs(address.ip(), reason);
            }
        }
    }
}
