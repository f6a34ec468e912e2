//! Bounds on the memory and the time that strangers and slow peers can cost a node.

use std::net::TcpStream;
use std::time::Duration;

use rehearsal_tcp::{HandshakeError, Limits, Security};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::AsyncWriteExt as _;

use crate::asker::{Ask, Asker};
use crate::pair::{node, until};
use crate::raw_client::{HelloFields, RawClient};
use crate::target::Target;
use crate::test_cluster::{Outputs, TestCluster, TestRuntime};

const CONNECTIONS: u64 = 10_000;

/// How many connections strangers keep open at once: all of them, if the system allows this process
/// that many files.
fn most_at_once() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("it is allowed");
    let files = maximum.unwrap_or(u64::MAX).saturating_sub(1_000);
    CONNECTIONS.min(files) as usize
}

/// The peak of the memory that this part of a test allocates, in bytes.
fn most(runtime: &TestRuntime, test: impl Future<Output = ()>) -> usize {
    allocation_counter::measure(|| runtime.run(test)).bytes_max as usize
}

/// Floods the target with strangers that send these bytes. Meanwhile the real peer is served, and
/// another real peer connects.
async fn flood(target: &Target, says: &[u8]) {
    let limits = Limits::default();
    let (most, mut strangers) = (most_at_once(), std::collections::VecDeque::new());
    let (evicted, mut late) = (|| target.two.metrics.evicted(), None);
    let is_linked = || target.two.traffic(1).links == 1;
    // The flood lasts until the late peer is connected.
    for crowd in (1..).take_while(|crowd| *crowd <= CONNECTIONS / 100 || !is_linked()) {
        for _ in 0..100 {
            // Strangers do not allocate, so all runtime memory is the node's.
            let mut stranger = TcpStream::connect(target.address()).expect("the node listens");
            stranger.set_nonblocking(true).expect("it can be");
            let _ = std::io::Write::write(&mut stranger, says);
            strangers.push_back(stranger);
        }
        until(async || evicted() + limits.half_open as u64 + 2 >= crowd * 100).await;
        if crowd % 10 == 0 {
            target.assert_serves(1_000 + crowd).await;
        }
        if crowd == 50 {
            late = Some(target.cluster.start(node(1), Asker, Outputs::new()));
        }
        strangers.drain(..strangers.len().saturating_sub(most));
    }
    assert_eq!(target.two.traffic(3).links, 1, "the real peer's link stayed");
    let late = late.expect("it was started");
    late.stop().await;
}

fn assert_flood_is_bounded(security: Security, says: &[u8]) {
    let runtime = TestRuntime::new();
    let target = runtime.run(async {
        let target = Target::of(TestCluster::new(3, security));
        target.assert_serves(1).await;
        target
    });
    let peak = most(&runtime, flood(&target, says));
    // The peak includes n1, and the links between the two.
    let bound = Limits::default().memory(0);
    assert!(peak < bound, "{peak} of {bound}");
    assert!(target.log.all().len() <= 2, "{:?}", target.log.all());
    assert_eq!(target.two.metrics.refused(HandshakeError::UnknownKey), 0);
    runtime.run(target.stop());
}

#[test]
fn ten_thousand_connections_stay_within_the_memory_bound() {
    assert_flood_is_bounded(Security::Insecure, &HelloFields::valid().bytes()[..20]);
}

#[test]
fn ten_thousand_tls_connections_stay_within_the_memory_bound() {
    assert_flood_is_bounded(Security::Keys, b"\x16\x03\x01\x40\x00\x01\x00\xf0\x00\x03\x03");
}

/// Nearly the longest TLS client hello, which never completes.
fn endless_client_hello() -> Vec<u8> {
    let mut greeting = b"\x01\x00\xff\xf0\x03\x03".to_vec();
    greeting.resize(60_000, 0);
    let records = greeting.chunks(16_384);
    records
        .flat_map(|part| [b"\x16\x03\x01", &(part.len() as u16).to_be_bytes()[..], part].concat())
        .collect()
}

#[test]
fn endless_client_hellos_stay_within_the_memory_bound() {
    let runtime = TestRuntime::new();
    let (target, mut strangers) = runtime.run(async {
        let limits = Limits { handshake: Duration::from_millis(500), ..Limits::default() };
        let target = Target::of(TestCluster::with(3, Security::Keys, limits));
        target.assert_serves(1).await;
        let mut strangers = Vec::new();
        for _ in 0..64 {
            strangers.push(
                tokio::net::TcpStream::connect(target.address()).await.expect("the node listens"),
            );
        }
        (target, strangers)
    });
    let client_hello = endless_client_hello();
    let peak = most(&runtime, async {
        for stranger in &mut strangers {
            stranger.write_all(&client_hello).await.expect("the node reads it");
        }
        // When the timeouts happen, all bytes have been read.
        target.refused(HandshakeError::Timeout, 64).await;
    });
    let bound = Limits::default().memory(0);
    assert!(peak < bound, "{peak} of {bound}");
    runtime.run(target.stop());
}

#[test]
fn a_peer_that_stops_reading_stays_within_the_memory_bound() {
    for security in [Security::Insecure, Security::Keys] {
        let runtime = TestRuntime::new();
        let limits = Limits { queue_bytes: 1_024 * 1_024, half_open: 1, ..Limits::default() };
        let cluster = TestCluster::with(2, security, limits);
        let (two, client) = runtime.run(async {
            let two = cluster.start(node(2), Asker, Outputs::new());
            let client = RawClient::of_member(&cluster, 1).await.admitted().await;
            until(async || two.traffic(1).links == 1).await;
            (two, client)
        });
        let peak = most(&runtime, async {
            until(async || {
                for number in 0..20 {
                    let ask = Ask { to: node(1), number, bytes: 50_000 };
                    let _ = two.commands.send(ask).await;
                }
                two.traffic(1).full > 100
            })
            .await;
        });
        let bound = cluster.limits.memory(1);
        assert!(peak < bound, "{peak} of {bound}");
        drop(client);
        runtime.run(async { two.stop().await });
    }
}
