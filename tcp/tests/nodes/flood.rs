//! What strangers and slow peers can take of a node's memory, and of its time.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::{HandshakeError, Limits, Security};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::asker::{Ask, Asker};
use crate::house::House;
use crate::pair::{node, until};
use crate::raw::{Raw, Words};
use crate::test_cluster::{Heard, TestCluster};

const CONNECTIONS: u64 = 10_000;

/// The most that strangers keep open at once: all of them, if the system lets
/// this process have so many files.
fn most_at_once() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("it is allowed");
    let files = maximum.unwrap_or(u64::MAX).saturating_sub(1_000);
    CONNECTIONS.min(files) as usize
}

/// A test of which the memory counts that it has at a time, for all that runs
/// on its thread.
struct Measured(Runtime, LocalSet);

impl Measured {
    fn new() -> Self {
        Self(
            Builder::new_current_thread().enable_all().build().expect("it can be had"),
            LocalSet::new(),
        )
    }

    fn run<T>(&self, test: impl Future<Output = T>) -> T {
        let limited = async { tokio::time::timeout(Duration::from_secs(60), test).await };
        self.1.block_on(&self.0, limited).expect("it ends long before")
    }

    /// The most that there was, beyond what there was before, in bytes.
    fn most(&self, test: impl Future<Output = ()>) -> usize {
        allocation_counter::measure(|| self.run(test)).bytes_max as usize
    }
}

/// Strangers who say this come in crowds; the real peer is served, and another
/// real one gets in among them.
async fn flood(house: &House, says: &[u8]) {
    let limits = Limits::default();
    let (most, mut strangers) = (most_at_once(), std::collections::VecDeque::new());
    let (evicted, mut late) = (|| house.two.metrics.evicted(), None);
    let has_come_in = || house.two.metrics.traffic(node(1)).links == 1;
    // However long it lasts, the real peer gets in while it does.
    for crowd in (1..).take_while(|crowd| *crowd <= CONNECTIONS / 100 || !has_come_in()) {
        for _ in 0..100 {
            // Nobody of them allocates anything, so that all of it is the node's.
            let mut stranger = TcpStream::connect(house.door()).expect("it listens");
            stranger.set_nonblocking(true).expect("it can be");
            let _ = std::io::Write::write(&mut stranger, says);
            strangers.push_back(stranger);
        }
        until(async || evicted() + limits.half_open as u64 + 2 >= crowd * 100).await;
        if crowd % 10 == 0 {
            house.serves(1_000 + crowd).await;
        }
        if crowd == 50 {
            late = Some(house.cluster.start(node(1), Asker, Heard::new()));
        }
        strangers.drain(..strangers.len().saturating_sub(most));
    }
    assert_eq!(house.two.metrics.traffic(node(3)).links, 1, "nobody was cut");
    let late = late.expect("it was started");
    late.stop().await.expect("it stops well");
}

fn a_flood_stays_outside(security: Security, says: &[u8]) {
    let measured = Measured::new();
    let house = measured.run(async {
        let house = House::of(TestCluster::new(3, security));
        house.serves(1).await;
        house
    });
    let peak = measured.most(flood(&house, says));
    // With all that n1 takes, and the links between the two.
    let bound = Limits::default().memory(0);
    assert!(peak < bound, "{peak} of {bound}");
    assert!(house.log.all().len() <= 2, "{:?}", house.log.all());
    assert_eq!(house.two.metrics.refused(HandshakeError::UnknownKey), 0);
    measured.run(house.stop());
}

#[test]
fn ten_thousand_connections_stay_outside() {
    a_flood_stays_outside(Security::Insecure, &Words::right().bytes()[..20]);
}

#[test]
fn ten_thousand_connections_that_begin_with_tls_stay_outside() {
    a_flood_stays_outside(Security::Keys, b"\x16\x03\x01\x40\x00\x01\x00\xf0\x00\x03\x03");
}

/// Nearly as much of a greeting as TLS takes before it is whole.
fn endless_greeting() -> Vec<u8> {
    let mut greeting = b"\x01\x00\xff\xf0\x03\x03".to_vec();
    greeting.resize(60_000, 0);
    let records = greeting.chunks(16_384);
    records
        .flat_map(|part| [b"\x16\x03\x01", &(part.len() as u16).to_be_bytes()[..], part].concat())
        .collect()
}

#[test]
fn endless_greetings_stay_within_the_bound() {
    let measured = Measured::new();
    let (house, mut strangers) = measured.run(async {
        let mut cluster = TestCluster::new(3, Security::Keys);
        cluster.limits.handshake = Duration::from_millis(500);
        let house = House::of(cluster);
        house.serves(1).await;
        let mut strangers = Vec::new();
        for _ in 0..64 {
            strangers.push(tokio::net::TcpStream::connect(house.door()).await.expect("it listens"));
        }
        (house, strangers)
    });
    let greeting = endless_greeting();
    let peak = measured.most(async {
        for stranger in &mut strangers {
            stranger.write_all(&greeting).await.expect("it is taken");
        }
        // All that was said is read by then.
        house.refused(HandshakeError::Timeout, 64).await;
    });
    let bound = Limits::default().memory(0);
    assert!(peak < bound, "{peak} of {bound}");
    measured.run(house.stop());
}

#[test]
fn a_peer_that_takes_nothing_stays_within_the_bound() {
    for security in [Security::Insecure, Security::Keys] {
        let measured = Measured::new();
        let mut cluster = TestCluster::new(2, security);
        cluster.limits = Limits { queue_bytes: 1_024 * 1_024, half_open: 1, ..Limits::default() };
        let one_key = cluster.folder.path().join("n1.key");
        let (two, raw) = measured.run(async {
            let two = cluster.start(node(2), Asker, Heard::new());
            let door = cluster.address(node(2));
            let raw = match security {
                Security::Insecure => Raw::plain(door).await,
                Security::Keys => {
                    let shows = crate::secret::Shows::Key(&one_key);
                    Raw::secret(door, &shows).await.expect("its key is listed")
                }
            };
            let raw = raw.admitted().await;
            until(async || two.metrics.traffic(node(1)).links == 1).await;
            (two, raw)
        });
        let metrics = Arc::clone(&two.metrics);
        let to: NodeId = node(1);
        let peak = measured.most(async {
            until(async || {
                for number in 0..20 {
                    let _ = two.commands.send(Ask { to, number, bytes: 50_000 }).await;
                }
                metrics.traffic(to).full > 100
            })
            .await;
        });
        let bound = cluster.limits.memory(1);
        assert!(peak < bound, "{peak} of {bound}");
        drop(raw);
        measured.run(async { two.stop().await.expect("it stops well") });
    }
}
