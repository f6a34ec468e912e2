//! A proxy that stands for the network between nodes, and can delay, harm and cut their links.
//!
//! A node that is to reach a peer through a proxy has the proxy's address for this peer in its
//! roster ([`Roster::reached_at`](crate::Roster::reached_at)). The proxy forwards each connection
//! to the peer. It reads no messages: with keys it sees nothing but ciphertext. What it does is
//! set for all of its connections at once, and takes effect on those that exist.
//!
//! A proxy holds at most [`Proxy::MOST_HELD`] bytes for each direction of a connection; then it
//! reads no more until some of them are delivered, as a full network does.

mod pump;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use pump::pump;

/// A direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the dialer.
    There,
    /// To the dialer.
    Back,
}

/// What a proxy does with all of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// It forwards all bytes.
    Forward,
    /// It forwards all bytes this much later, in both directions. Bytes that are on their way when
    /// the mode changes arrive when they would have; none overtakes another.
    Delay(Duration),
    /// It forwards at most this many bytes at a time and then pauses for five milliseconds. It
    /// forwards one byte at least.
    Throttle(usize),
    /// It stops reading in this direction.
    Stall(Way),
    /// It closes this direction of each connection.
    HalfClose(Way),
    /// It resets all connections, and each new one at once: the link is cut.
    Reset,
    /// It flips a bit of the byte at this offset of every connection.
    Corrupt(Way, usize),
    /// It accepts connections and swallows all bytes. A connection that has met this mode stays
    /// dark.
    BlackHole,
}

/// A running proxy. It and all of its connections end when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    resets: watch::Sender<()>,
    connections: watch::Receiver<usize>,
    harmed: watch::Receiver<usize>,
    said: Arc<Mutex<Vec<u8>>>,
    accepting: AbortHandle,
}

/// What all connections share.
#[derive(Clone)]
struct Shared {
    mode: watch::Receiver<Mode>,
    resets: watch::Receiver<()>,
    harmed: Arc<watch::Sender<usize>>,
    said: Arc<Mutex<Vec<u8>>>,
}

/// The pause after the system could not accept a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

impl Proxy {
    /// The maximum number of bytes that wait in a proxy, for each direction of a connection.
    pub const MOST_HELD: usize = pump::CHUNKS * pump::CHUNK;

    /// How much [`said`](Self::said) keeps, in bytes.
    pub const MOST_SAID: usize = 64 * 1_024;

    /// A proxy at a free port of this computer, for the node that listens at this address.
    ///
    /// Fails if the system has no port or no descriptor left.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn before(target: SocketAddr) -> io::Result<Self> {
        Self::at(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, target)
    }

    /// A proxy that accepts connections at this listener.
    ///
    /// Fails if the system does not let it wait for connections.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn at(listener: std::net::TcpListener, target: SocketAddr) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let (mode, modes) = watch::channel(Mode::Forward);
        let (connected, connections) = watch::channel(0);
        let (reset, resets) = watch::channel(());
        let (harm, harmed) = watch::channel(0);
        let said = Arc::default();
        let shared =
            Shared { mode: modes, resets, harmed: Arc::new(harm), said: Arc::clone(&said) };
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((dialer, _)) = listener.accept().await else {
                    sleep(EXHAUSTED_PAUSE).await;
                    continue;
                };
                connected.send_modify(|connections| *connections += 1);
                tokio::spawn(carry(dialer, target, shared.clone()));
            }
        });
        let accepting = accepting.abort_handle();
        Ok(Self { address, mode, resets: reset, connections, harmed, said, accepting })
    }

    /// Where it accepts connections.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what it does.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Resets the current connections. New ones are not harmed.
    pub fn reset(&self) {
        self.resets.send_replace(());
    }

    /// Waits until this many more connections were accepted.
    pub async fn connections(&self, more: usize) {
        let mut connections = self.connections.clone();
        let enough = *connections.borrow() + more;
        // Its end means that the runtime ends.
        let _ = connections.wait_for(|now| *now >= enough).await;
    }

    /// The number of swallowed or corrupted bytes.
    #[must_use]
    pub fn harmed(&self) -> usize {
        *self.harmed.borrow()
    }

    /// The first [`MOST_SAID`](Self::MOST_SAID) bytes that dialers have sent.
    #[must_use]
    pub fn said(&self) -> Vec<u8> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut dialer: TcpStream, target: SocketAddr, shared: Shared) {
    let (mut modes, mut resets) = (shared.mode.clone(), shared.resets.clone());
    if *modes.borrow() == Mode::Reset {
        // The target does not hear of it.
        let _ = dialer.set_zero_linger();
        return;
    }
    resets.mark_unchanged();
    let Ok(mut acceptor) = TcpStream::connect(target).await else { return };
    let _ = (dialer.set_nodelay(true), acceptor.set_nodelay(true));
    let is_reset = {
        let (from_dialer, to_dialer) = dialer.split();
        let (from_acceptor, to_acceptor) = acceptor.split();
        let there = pump(from_dialer, to_acceptor, Way::There, &shared);
        let back = pump(from_acceptor, to_dialer, Way::Back, &shared);
        tokio::select! {
            _ = async { tokio::join!(there, back) } => false,
            // An error means that the proxy was dropped.
            _ = modes.wait_for(|mode| *mode == Mode::Reset) => true,
            _ = resets.changed() => true,
        }
    };
    if is_reset {
        let _ = (dialer.set_zero_linger(), acceptor.set_zero_linger());
    }
}

#[cfg(test)]
mod tests;
