//! A proxy that stands for the network between two nodes, and can delay, harm and cut it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::{Member, Roster};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// A direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the dialer.
    There,
    /// To the dialer.
    Back,
}

/// What the proxy does with all connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Forward,
    /// It delays all bytes by this span.
    Delay(Duration),
    /// It forwards this many bytes every five milliseconds.
    Throttle(usize),
    /// It stops forwarding in this direction.
    Stall(Way),
    /// It closes this direction.
    HalfClose(Way),
    /// It resets all connections.
    Reset,
    /// It flips a bit of the byte at this offset of every connection.
    Corrupt(Way, usize),
    /// It accepts connections, and swallows all bytes.
    BlackHole,
}

/// A running proxy. It stops with its runtime.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    mode: watch::Sender<Mode>,
    resets: watch::Sender<()>,
    connections: watch::Receiver<usize>,
    harmed: watch::Receiver<usize>,
    said: Rc<RefCell<Vec<u8>>>,
}

/// What all connections share.
#[derive(Clone)]
struct Shared {
    mode: watch::Receiver<Mode>,
    resets: watch::Receiver<()>,
    harmed: Rc<watch::Sender<usize>>,
    said: Rc<RefCell<Vec<u8>>>,
}

impl Proxy {
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the node listens");
        let (mode, modes) = watch::channel(Mode::Forward);
        let (connected, connections) = watch::channel(0);
        let (reset, resets) = watch::channel(());
        let (harm, harmed) = watch::channel(0);
        let said = Rc::default();
        let shared = Shared { mode: modes, resets, harmed: Rc::new(harm), said: Rc::clone(&said) };
        tokio::task::spawn_local(async move {
            loop {
                let Ok((dialer, _)) = listener.accept().await else { return };
                connected.send_modify(|connections| *connections += 1);
                tokio::task::spawn_local(carry(dialer, target, shared.clone()));
            }
        });
        Self { address, mode, resets: reset, connections, harmed, said }
    }

    pub(crate) fn set(&self, mode: Mode) {
        let _ = self.mode.send(mode);
    }

    /// Resets the current connections.
    pub(crate) fn reset(&self) {
        let _ = self.resets.send(());
    }

    /// Waits for this many more connections.
    pub(crate) async fn connections(&self, more: usize) {
        let enough = *self.connections.borrow() + more;
        let mut connections = self.connections.clone();
        connections.wait_for(|now| *now >= enough).await.expect("the proxy is there");
    }

    /// The number of swallowed or corrupted bytes.
    pub(crate) fn harmed(&self) -> usize {
        *self.harmed.borrow()
    }

    /// All that dialers have sent.
    pub(crate) fn said(&self) -> Vec<u8> {
        self.said.borrow().clone()
    }
}

/// The roster of a node that reaches this peer through a proxy.
pub(crate) fn through(roster: &Roster, peer: NodeId, proxy: &Proxy) -> Roster {
    let members = roster.members().map(|(node, member)| {
        let address = if node == peer { proxy.address } else { member.address };
        Member { address, ..member.clone() }
    });
    Roster::new(roster.cluster(), members.collect(), roster.security()).expect("a valid roster")
}

async fn carry(mut dialer: TcpStream, target: SocketAddr, shared: Shared) {
    let Ok(mut acceptor) = TcpStream::connect(target).await else { return };
    let _ = (dialer.set_nodelay(true), acceptor.set_nodelay(true));
    let (mut modes, mut resets) = (shared.mode.clone(), shared.resets.clone());
    resets.mark_unchanged();
    let is_reset = {
        let (from_dialer, to_dialer) = dialer.split();
        let (from_acceptor, to_acceptor) = acceptor.split();
        let there = pump(from_dialer, to_acceptor, Way::There, &shared);
        let back = pump(from_acceptor, to_dialer, Way::Back, &shared);
        tokio::select! {
            _ = async { tokio::join!(there, back) } => false,
            _ = modes.wait_for(|mode| *mode == Mode::Reset) => true,
            _ = resets.changed() => true,
        }
    };
    if is_reset {
        let _ = (dialer.set_zero_linger(), acceptor.set_zero_linger());
    }
}

/// Forwards bytes in one direction until the connection ends.
async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, way: Way, shared: &Shared) {
    let mut modes = shared.mode.clone();
    let (mut buffer, mut carried) = (vec![0; 16 * 1_024], 0);
    let (mut is_dark, mut is_shut) = (false, false);
    loop {
        let mode = *modes.borrow_and_update();
        is_dark |= mode == Mode::BlackHole;
        if mode == Mode::HalfClose(way) && !is_shut {
            is_shut = true;
            let _ = to.shutdown().await;
        }
        if mode == Mode::Stall(way) {
            if modes.changed().await.is_err() {
                return;
            }
            continue;
        }
        let most = if let Mode::Throttle(bytes) = mode { bytes } else { buffer.len() };
        let read = tokio::select! {
            read = from.read(&mut buffer[..most]) => read,
            changed = modes.changed() => if changed.is_ok() { continue } else { return },
        };
        let Ok(read @ 1..) = read else { break };
        let bytes = &mut buffer[..read];
        if way == Way::There {
            shared.said.borrow_mut().extend_from_slice(bytes);
        }
        if is_dark || is_shut {
            shared.harmed.send_modify(|harmed| *harmed += read);
            continue;
        }
        match mode {
            Mode::Delay(span) => sleep(span).await,
            Mode::Throttle(_) => sleep(Duration::from_millis(5)).await,
            Mode::Corrupt(which, place) if which == way => {
                if let Some(byte) = place.checked_sub(carried).and_then(|at| bytes.get_mut(at)) {
                    *byte ^= 1 << (place % 8);
                    shared.harmed.send_modify(|harmed| *harmed += 1);
                }
            }
            _ => {}
        }
        carried += read;
        if to.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
