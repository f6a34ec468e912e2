//! A pair of processes: this one, and a second one of the same binary as its peer.

use std::env;
use std::iter;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::machine::Order;
use crate::node::Site;
use crate::{bare, tls};

/// Which pair sends packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Bare,
    Nodes,
}

/// Lets a pair execute these orders. Returns for each order when packets returned.
pub(crate) fn contest(who: Who, is_tls: bool, orders: &[Order]) -> Vec<Vec<Duration>> {
    with_peers(who, 1, is_tls, |site, ours| {
        block_on(async {
            match who {
                Who::Nodes => site.drive(ours, orders).await,
                Who::Bare => {
                    let stream = connect(site.addresses[1]).await;
                    if is_tls {
                        drive(&mut tls::connect(stream).await, orders).await
                    } else {
                        drive(&mut { stream }, orders).await
                    }
                }
            }
        })
    })
}

/// The load of an idle node with this many peers: the used share of a core, in millionths.
pub(crate) fn idle(peers: usize, is_tls: bool, span: Duration) -> u64 {
    with_peers(Who::Nodes, peers, is_tls, |site, ours| block_on(site.idle(ours, span)))
}

fn with_peers<T>(
    who: Who,
    peers: usize,
    is_tls: bool,
    run: impl FnOnce(&Site<'_>, TcpListener) -> T,
) -> T {
    let folder = TempDir::new().expect("there is room");
    let listen = || TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let ours = listen();
    let theirs: Vec<_> = (0..peers).map(|_| listen()).collect();
    let all = iter::once(&ours).chain(&theirs);
    let addresses = all.map(|listener| listener.local_addr().expect("it listens")).collect();
    drop(theirs);
    let site = Site { addresses, folder: folder.path(), is_tls };
    site.prepare();
    let _peer = Peer::begin(who, &site);
    run(&site, ours)
}

async fn drive(stream: &mut impl bare::Stream, orders: &[Order]) -> Vec<Vec<Duration>> {
    let mut all = Vec::new();
    for order in orders {
        all.push(bare::drive(stream, *order).await);
    }
    all
}

async fn connect(address: SocketAddr) -> TcpStream {
    loop {
        if let Ok(stream) = TcpStream::connect(address).await {
            stream.set_nodelay(true).expect("it can be had");
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

struct Peer(Child);

impl Peer {
    fn begin(who: Who, site: &Site<'_>) -> Self {
        let mut command = Command::new(env::current_exe().expect("this runs"));
        command.arg("peer").arg(format!("{who:?}")).arg(site.is_tls.to_string()).arg(site.folder);
        command.args(site.addresses.iter().map(ToString::to_string));
        Self(command.spawn().expect("the binary runs"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the peer until its process is killed.
pub(crate) fn be_peer(arguments: &[String]) {
    let [who, is_tls, folder, addresses @ ..] = arguments else { panic!("{arguments:?}") };
    let addresses: Vec<_> =
        addresses.iter().map(|text| text.parse().expect("it is an address")).collect();
    let is_tls = is_tls == "true";
    let site = Site { addresses, folder: Path::new(folder), is_tls };
    block_on(async {
        if who == "Nodes" {
            return site.echo().await;
        }
        let listener = TcpListener::bind(site.addresses[1]).expect("the port is free");
        let stream = bare::accept(listener).await;
        if is_tls {
            bare::echo(tls::accept(site.folder, stream).await).await;
        } else {
            bare::echo(stream).await;
        }
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("there is a runtime").block_on(future)
}
