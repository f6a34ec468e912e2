//! Strangers to a cluster without keys, and peers that break the protocol.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal_tcp::{HandshakeError, Refusal, Security};

use crate::asker::{Asker, Output};
use crate::pair::{node, until};
use crate::proxy::{Proxy, through};
use crate::raw_client::{HelloFields, RawAnswer, RawClient, ask, frame, varint, with_length};
use crate::target::{Target, assert_bytes_refused, assert_refused};
use crate::test_cluster::{Outputs, TestCluster, begin, within_a_minute};

fn target() -> Target {
    Target::new(Security::Insecure)
}

/// Asserts that a stranger with this hello is refused, and receives the reason.
fn assert_rejected(fields: &HelloFields, refusal: Refusal) {
    assert_refused(Security::Insecure, HandshakeError::Refused(refusal), async |target| {
        let mut client = RawClient::plain(target.address()).await;
        assert_eq!(client.hello(fields).await, Some(RawAnswer::Rejected(refusal as u8)));
        Some(client)
    });
}

#[test]
fn another_cluster_is_refused() {
    assert_rejected(&HelloFields { cluster: "another", ..HelloFields::valid() }, Refusal::Cluster);
}

#[test]
fn another_version_is_refused() {
    assert_rejected(&HelloFields { versions: (2, 9), ..HelloFields::valid() }, Refusal::Version);
    assert_rejected(&HelloFields { versions: (0, 0), ..HelloFields::valid() }, Refusal::Version);
}

#[test]
fn a_hello_to_another_node_is_refused() {
    assert_rejected(&HelloFields { to: 3, ..HelloFields::valid() }, Refusal::WrongReceiver);
}

#[test]
fn a_number_that_is_not_in_the_roster_is_refused() {
    assert_rejected(&HelloFields { from: 4, ..HelloFields::valid() }, Refusal::UnknownNode);
}

#[test]
fn a_node_with_a_higher_number_must_not_dial() {
    assert_rejected(&HelloFields { from: 3, ..HelloFields::valid() }, Refusal::WrongDialer);
    assert_rejected(&HelloFields { from: 2, ..HelloFields::valid() }, Refusal::WrongDialer);
}

#[test]
fn another_configuration_is_refused() {
    let compatible = vec![[3; 32], [4; 32]];
    assert_rejected(
        &HelloFields { digest: [2; 32], compatible, ..HelloFields::valid() },
        Refusal::Configuration,
    );
}

#[test]
fn another_configuration_is_accepted_if_either_node_knows_the_others() {
    within_a_minute(async {
        let target = target();
        let fields = HelloFields {
            digest: [2; 32],
            compatible: vec![[3; 32], [1; 32]],
            ..HelloFields::valid()
        };
        let mut client = RawClient::plain(target.address()).await;
        assert!(matches!(client.hello(&fields).await, Some(RawAnswer::Welcome { .. })));
        target.stop().await;
    });
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Insecure);
        let mut setup = cluster.setup(node(2), Asker);
        setup.compatible = vec![[3; 32], [2; 32]];
        let two = begin(setup, Outputs::new());
        let mut client = RawClient::plain(cluster.address(node(2))).await;
        let fields = HelloFields { digest: [2; 32], ..HelloFields::valid() };
        assert!(matches!(client.hello(&fields).await, Some(RawAnswer::Welcome { .. })));
        two.stop().await;
    });
}

#[test]
fn a_replayed_handshake_is_refused() {
    let recorded = within_a_minute(async {
        let target = target();
        let proxy = Proxy::before(target.address()).await;
        proxy.record();
        let mut setup = target.cluster.setup(node(1), Asker);
        setup.roster = through(&target.cluster.roster, node(2), &proxy);
        let one = begin(setup, Outputs::new());
        until(async || target.two.metrics.traffic(node(1)).links == 1).await;
        one.stop().await;
        target.stop().await;
        proxy.recorded()
    });
    let reason = HandshakeError::Refused(Refusal::Replayed);
    assert_refused(Security::Insecure, reason, async |target| {
        let mut client = RawClient::plain(target.address()).await;
        client.send(&recorded).await.expect("the node listens");
        Some(client)
    });
}

#[test]
fn a_welcome_that_is_not_confirmed_makes_no_link() {
    assert_refused(
        Security::Insecure,
        HandshakeError::Refused(Refusal::Replayed),
        async |target| {
            let mut client = RawClient::plain(target.address()).await;
            let Some(RawAnswer::Welcome { nonce }) = client.hello(&HelloFields::valid()).await
            else {
                panic!("no welcome")
            };
            client.send(&with_length(&varint(nonce ^ 1))).await.expect("the node listens");
            client.send(&frame(1, &ask(9))).await.expect("the node listens");
            Some(client)
        },
    );
    assert_refused(Security::Insecure, HandshakeError::Timeout, async |target| {
        let mut client = RawClient::plain(target.address()).await;
        client.hello(&HelloFields::valid()).await.expect("a welcome");
        Some(client)
    });
}

#[test]
fn other_protocols_are_refused() {
    assert_bytes_refused(
        Security::Insecure,
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
        HandshakeError::Malformed,
    );
    assert_bytes_refused(
        Security::Insecure,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        HandshakeError::Malformed,
    );
}

#[test]
fn a_hello_that_is_too_long_is_refused_before_it_arrives() {
    assert_bytes_refused(Security::Insecure, &[0xff, 0xff], HandshakeError::Malformed);
    assert_bytes_refused(Security::Insecure, &1_025_u16.to_be_bytes(), HandshakeError::Malformed);
}

#[test]
fn an_incomplete_hello_times_out() {
    let all = HelloFields::valid().bytes();
    for length in [0, 1, all.len() - 1] {
        assert_bytes_refused(Security::Insecure, &all[..length], HandshakeError::Timeout);
    }
}

#[test]
fn a_stranger_that_closes_the_connection_during_the_handshake_is_refused() {
    assert_refused(Security::Insecure, HandshakeError::Closed, async |target| {
        let mut client = RawClient::plain(target.address()).await;
        client.send(&HelloFields::valid().bytes()[..20]).await.expect("the node listens");
        None
    });
}

#[test]
fn random_bytes_are_refused() {
    within_a_minute(async {
        let (target, mut random) = (target(), ChaCha8Rng::seed_from_u64(6));
        let mut clients = Vec::new();
        for number in 1..=100 {
            let mut bytes = vec![0; 1 + random.next_u32() as usize % 2_000];
            random.fill_bytes(&mut bytes);
            // Half of them begin as a hello does.
            if number % 2 == 0 {
                bytes = with_length(&[b"RHSL\0\x01\0\x01", &bytes[..bytes.len() / 2]].concat());
            }
            let mut client = RawClient::plain(target.address()).await;
            let _ = client.send(&bytes).await;
            clients.push(client);
            target.assert_serves(number).await;
        }
        let refused = |reason| target.two.metrics.refused(reason);
        until(async || {
            refused(HandshakeError::Malformed) + refused(HandshakeError::Timeout) == 100
        })
        .await;
        assert!(refused(HandshakeError::Malformed) > 90);
        assert!(target.has_never_met_n1());
        assert!(target.log.all().len() <= 2);
        target.stop().await;
    });
}

#[test]
fn a_client_that_implements_the_documentation_is_served() {
    within_a_minute(async {
        let target = target();
        let mut client = RawClient::plain(target.address()).await.admitted().await;
        client.send(&frame(1, &ask(300))).await.expect("the node listens");
        let expected = Output::Asked { from: node(1), number: 300, is_intact: true };
        until(async || target.outputs.all().contains(&expected)).await;
        let (meant, mut answer) = (frame(1, &[1, 0xac, 2]), Vec::new());
        while !answer.windows(meant.len()).any(|part| part == meant) {
            tokio::io::AsyncReadExt::read_buf(&mut client.0, &mut answer).await.expect("an answer");
        }
        target.stop().await;
    });
}

#[test]
fn messages_that_the_machine_cannot_decode_are_lost_and_the_link_stays() {
    within_a_minute(async {
        let target = target();
        let mut client = RawClient::plain(target.address()).await.admitted().await;
        let too_long = [ask(1), vec![0]].concat();
        for (count, message) in [(1, &too_long[..]), (2, &[9]), (3, &[]), (4, &ask(2))] {
            client.send(&frame(count, message)).await.expect("the node listens");
        }
        let expected = |number| Output::Asked { from: node(1), number, is_intact: true };
        until(async || target.outputs.all().contains(&expected(2))).await;
        assert!(!target.outputs.all().contains(&expected(1)));
        let traffic = target.two.metrics.traffic(node(1));
        assert_eq!((traffic.received, traffic.undecodable, traffic.links), (1, 3, 1));
        target.stop().await;
    });
}

/// Asserts that a node closes the link of a peer that sends a valid frame and then these bytes, and
/// that its machine gets only the valid frame.
fn assert_link_closed(bytes: &[u8], idle: Duration) {
    within_a_minute(async {
        let mut cluster = TestCluster::new(3, Security::Insecure);
        cluster.limits.idle = idle;
        let target = Target::of(cluster);
        target.assert_serves(0).await;
        let mut client = RawClient::plain(target.address()).await.admitted().await;
        client.send(&[&frame(1, &ask(300))[..], bytes].concat()).await.expect("the node listens");
        client.until_closed().await;
        target.assert_serves(1).await;
        let is_from_n1 =
            |output: &&Output| matches!(output, Output::Asked { from, .. } if *from == node(1));
        assert_eq!(target.outputs.all().iter().filter(is_from_n1).count(), 1);
        assert_eq!(target.two.metrics.traffic(node(1)).received, 1);
        target.stop().await;
    });
}

#[test]
fn frames_after_a_farewell_are_ignored() {
    let farewell = [0, 0, 0, 5, 2, 0x3c, 0x0c, 0x8e, 0xa1];
    assert_link_closed(&[&farewell[..], &frame(2, &ask(301))].concat(), Duration::from_secs(60));
}

#[test]
fn an_incomplete_frame_closes_the_link_of_a_silent_peer() {
    let all = frame(2, &ask(301));
    for length in [3, 4, all.len() - 1] {
        assert_link_closed(&all[..length], Duration::from_millis(300));
    }
}

/// Longer than any test, so that the link is not closed because the peer is silent.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_frame_of_four_gigabytes_closes_the_link() {
    assert_link_closed(&[0xff; 4], LONG);
    assert_link_closed(&[0xff; 40], LONG);
}

#[test]
fn an_invalid_frame_closes_the_link() {
    let mut corrupt = frame(2, &ask(301));
    *corrupt.last_mut().expect("a checksum") ^= 1;
    assert_link_closed(&corrupt, LONG);
    assert_link_closed(&[0, 0, 0, 3, 0, 0, 0], LONG);
    assert_link_closed(&frame(0, &ask(301)), LONG);
}
