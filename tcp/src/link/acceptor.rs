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

use super::handshake::{Admitted, Handshake, HandshakeFailure};
use super::refusal_log::RefusalLog;
use super::{Established, Event};
use crate::metrics::Metrics;
use crate::tls::Tls;
use crate::wire::refusal::{HandshakeError, Refusal};
use crate::{Limits, Security};

/// The pause after the system could not accept a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Accepts the connections of peers with a lower number.
pub(crate) struct Acceptor {
    pub(crate) us: Rc<Handshake>,
    pub(crate) tls: Option<Tls>,
    pub(crate) limits: Limits,
    pub(crate) refusals: Rc<RefusalLog>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) inbox: mpsc::Sender<Event>,
}

impl Acceptor {
    /// Accepts connections until the task is aborted.
    pub(crate) async fn run(self, listener: TcpListener) {
        let acceptor = Rc::new(self);
        let mut half_open: VecDeque<AbortHandle> = VecDeque::new();
        loop {
            let (connection, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    acceptor.cannot_accept(&error).await;
                    continue;
                }
            };
            half_open.retain(|task| !task.is_finished());
            // A real peer finishes its handshake quickly, so the oldest is the least likely one.
            if half_open.len() >= acceptor.limits.half_open
                && let Some(oldest) = half_open.pop_front()
            {
                oldest.abort();
                acceptor.metrics.evict();
            }
            let acceptor = Rc::clone(&acceptor);
            let task = spawn_local(async move { acceptor.admit(connection, address).await });
            half_open.push_back(task.abort_handle());
            // A flood of connections must not keep the established links from their turn.
            yield_now().await;
        }
    }

    async fn cannot_accept(&self, error: &io::Error) {
        // A connection that the peer aborted before it was accepted is no shortage.
        if error.kind() != io::ErrorKind::ConnectionAborted {
            self.refusals.exhausted(error);
            sleep(EXHAUSTED_PAUSE).await;
        }
    }

    async fn admit(&self, connection: TcpStream, address: SocketAddr) {
        let is_insecure = self.us.roster.security() == Security::Insecure;
        if is_insecure && !address.ip().is_loopback() {
            self.refusals.refused_by_us(address.ip(), HandshakeError::NotLoopback);
            return;
        }
        let accepting = self.us.accept(connection, self.tls.as_ref());
        let accepted = timeout(self.limits.handshake, accepting)
            .await
            .unwrap_or(Err(HandshakeFailure::ByUs(HandshakeError::Timeout)));
        match accepted {
            Ok((Admitted { peer, address }, halves)) => {
                let (until_down, _) = oneshot::channel();
                let (read, write) = (halves.read, halves.write);
                let established = Established { peer, address, read, write, until_down };
                // It fails only while the node stops.
                let _ = self.inbox.send(Event::Up(established)).await;
            }
            Err(HandshakeFailure::ByUs(reason)) => {
                self.refusals.refused_by_us(address.ip(), reason);
                if reason == HandshakeError::Refused(Refusal::NewLife) {
                    let _ = self.inbox.send(Event::NewLife).await;
                }
            }
            // The peer dialled this node, but does not know its key, or its life.
            Err(HandshakeFailure::ByPeer(reason)) => {
                self.refusals.refused_by_peer(address.ip(), reason);
            }
        }
    }
}
