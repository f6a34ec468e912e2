//! Strangers to a cluster with or without keys.

use std::path::PathBuf;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal_tcp::HandshakeError::{Closed, Malformed, Refused, Timeout, UnknownKey};
use rehearsal_tcp::Security::{Insecure, Keys};
use rehearsal_tcp::{HandshakeError, Key, Limits, Refusal, Security};

use crate::asker::Asker;
use crate::credentials::Credentials;
use crate::pair::{Pair, node, until};
use crate::raw_client::{HelloFields, RawAnswer, RawClient, ask, confirm, frame, with_length};
use crate::target::{Target, assert_refused};
use crate::test_cluster::{Outputs, TestCluster, begin, within_a_minute};

/// A request to a web server.
const HTTP: &[u8] = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";

/// The beginning of a TLS client hello.
const TLS: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

/// Asserts that a stranger that sends these bytes is refused for this reason.
fn assert_bytes_refused(security: Security, bytes: &[u8], reason: HandshakeError) {
    assert_refused(security, reason, async |target| {
        let mut client = RawClient::plain(target.address()).await;
        let _ = client.send(bytes).await;
        Some(client)
    });
}

/// Asserts that a stranger with this hello, and with this member's key if there are keys, is
/// refused, and receives the reason.
fn assert_rejected(security: Security, member: u32, fields: &HelloFields, refusal: Refusal) {
    assert_refused(security, Refused(refusal), async |target| {
        let mut client = RawClient::of_member(&target.cluster, member).await;
        assert_eq!(client.hello(fields).await, Some(RawAnswer::Rejected(refusal.number())));
        Some(client)
    });
}

#[test]
fn another_cluster_is_refused_even_with_a_members_key() {
    assert_eq!(Refusal::Cluster.number(), 1);
    let fields = HelloFields { cluster: "another", ..HelloFields::valid() };
    assert_rejected(Insecure, 1, &fields, Refusal::Cluster);
    assert_rejected(Keys, 1, &fields, Refusal::Cluster);
}

#[test]
fn another_version_is_refused() {
    for versions in [(4, 9), (1, 2)] {
        let fields = HelloFields { versions, ..HelloFields::valid() };
        assert_rejected(Insecure, 1, &fields, Refusal::Version);
    }
}

#[test]
fn a_hello_to_another_node_is_refused() {
    let fields = HelloFields { to: 3, ..HelloFields::valid() };
    assert_rejected(Insecure, 1, &fields, Refusal::WrongReceiver);
}

#[test]
fn a_number_that_is_not_in_the_roster_is_refused() {
    let fields = HelloFields { from: 4, ..HelloFields::valid() };
    assert_rejected(Insecure, 1, &fields, Refusal::UnknownNode);
}

#[test]
fn a_node_with_a_higher_number_must_not_dial() {
    for from in [3, 2] {
        let fields = HelloFields { from, ..HelloFields::valid() };
        assert_rejected(Insecure, 1, &fields, Refusal::WrongDialer);
    }
}

#[test]
fn the_key_of_another_member_is_refused() {
    assert_rejected(Keys, 3, &HelloFields::valid(), Refusal::WrongKey);
}

#[test]
fn another_configuration_is_refused() {
    let compatible = vec![[3; 32], [4; 32]];
    let fields = HelloFields { digest: [2; 32], compatible, ..HelloFields::valid() };
    assert_rejected(Insecure, 1, &fields, Refusal::Configuration);
}

#[test]
fn another_configuration_is_accepted_if_either_node_knows_the_others() {
    for (known_to_dialer, known_to_acceptor) in [([1; 32], [4; 32]), ([4; 32], [2; 32])] {
        within_a_minute(async {
            let cluster = TestCluster::new(2, Insecure);
            let mut setup = cluster.setup(node(2), Asker);
            setup.compatible = vec![[3; 32], known_to_acceptor];
            let two = begin(setup, Outputs::new());
            let compatible = vec![[3; 32], known_to_dialer];
            let fields = HelloFields { digest: [2; 32], compatible, ..HelloFields::valid() };
            let answer = RawClient::plain(cluster.address(node(2))).await.hello(&fields).await;
            assert!(matches!(answer, Some(RawAnswer::Welcome { .. })), "{answer:?}");
            two.stop().await;
        });
    }
}

/// Asserts that a stranger that says it is n1 is refused for its credentials.
fn assert_unknown(key_file: fn(&Target) -> PathBuf, shown: fn(PathBuf) -> Credentials) {
    assert_refused(Keys, UnknownKey, async |target| {
        let credentials = shown(key_file(target));
        let mut client = RawClient::tls(target.address(), &credentials).await.ok()?;
        assert_eq!(client.hello(&HelloFields::valid()).await, None);
        Some(client)
    });
}

#[test]
fn a_stranger_without_a_key_is_refused() {
    assert_unknown(|target| target.cluster.key_file(1), |_| Credentials::Nothing);
}

#[test]
fn a_key_that_is_not_in_the_roster_is_refused() {
    let unlisted = |target: &Target| {
        let file = target.cluster.folder.path().join("unlisted.key");
        if !file.exists() {
            Key::create(&file).expect("there is room for it");
        }
        file
    };
    assert_unknown(unlisted, Credentials::Key);
}

#[test]
fn a_certificate_in_the_place_of_a_key_is_refused() {
    assert_unknown(|target| target.cluster.key_file(1), Credentials::Certificate);
}

/// The bytes that a real n1 sent to a real n2.
async fn recorded(security: Security) -> Vec<u8> {
    let pair = Pair::new(security, Limits::default());
    until(async || pair.two.traffic(1).links == 1).await;
    let bytes = pair.proxy.said();
    pair.stop().await;
    bytes
}

#[test]
fn a_replayed_handshake_is_refused() {
    for (security, reason) in [(Insecure, Refused(Refusal::Replayed)), (Keys, UnknownKey)] {
        let bytes = within_a_minute(recorded(security));
        assert_bytes_refused(security, &bytes, reason);
    }
}

#[test]
fn a_welcome_that_is_not_confirmed_makes_no_link() {
    assert_refused(Insecure, Refused(Refusal::Replayed), async |target| {
        let mut client = RawClient::plain(target.address()).await;
        let answer = client.hello(&HelloFields::valid()).await;
        let Some(RawAnswer::Welcome { nonce }) = answer else { panic!("no welcome: {answer:?}") };
        client.send(&confirm(nonce ^ 1)).await.expect("the node listens");
        client.send(&frame(1, &ask(9))).await.expect("the node listens");
        Some(client)
    });
    assert_refused(Insecure, Timeout, async |target| {
        let mut client = RawClient::plain(target.address()).await;
        client.hello(&HelloFields::valid()).await.expect("a welcome");
        Some(client)
    });
}

#[test]
fn other_protocols_are_refused() {
    assert_bytes_refused(Insecure, HTTP, Malformed);
    assert_bytes_refused(Insecure, TLS, Malformed);
    assert_bytes_refused(Keys, HTTP, UnknownKey);
    assert_bytes_refused(Keys, &HelloFields::valid().bytes(), UnknownKey);
    assert_bytes_refused(Keys, &[0xff; 600], UnknownKey);
}

#[test]
fn a_hello_that_is_too_long_is_refused_before_it_arrives() {
    assert_bytes_refused(Insecure, &[0xff, 0xff], Malformed);
    assert_bytes_refused(Insecure, &1_025_u16.to_be_bytes(), Malformed);
}

#[test]
fn an_incomplete_handshake_times_out() {
    let all = HelloFields::valid().bytes();
    for length in [0, 1, all.len() - 1] {
        assert_bytes_refused(Insecure, &all[..length], Timeout);
    }
    assert_bytes_refused(Keys, b"", Timeout);
    assert_bytes_refused(Keys, TLS, Timeout);
    assert_refused(Keys, Timeout, async |target| {
        let mut client = RawClient::of_member(&target.cluster, 1).await;
        client.send(&all[..20]).await.expect("the node listens");
        Some(client)
    });
}

#[test]
fn a_stranger_that_closes_the_connection_during_the_handshake_is_refused() {
    let hello = HelloFields::valid().bytes();
    for (security, bytes) in [(Insecure, &hello[..20]), (Keys, &TLS[..6])] {
        assert_refused(security, Closed, async |target| {
            let mut client = RawClient::plain(target.address()).await;
            client.send(bytes).await.expect("the node listens");
            None
        });
    }
}

#[test]
fn random_bytes_are_refused() {
    within_a_minute(async {
        let (target, mut random) = (Target::new(Insecure), ChaCha8Rng::seed_from_u64(6));
        let mut clients = Vec::new();
        for number in 1..=100 {
            let mut bytes = vec![0; 1 + random.next_u32() as usize % 2_000];
            random.fill_bytes(&mut bytes);
            // Half of them begin as a hello does.
            if number % 2 == 0 {
                bytes = with_length(&[b"RHSL\0\x03\0\x03", &bytes[..bytes.len() / 2]].concat());
            }
            let mut client = RawClient::plain(target.address()).await;
            let _ = client.send(&bytes).await;
            clients.push(client);
            target.assert_serves(number).await;
        }
        let refused = |reason| target.two.metrics.refused(reason);
        until(async || refused(Malformed) + refused(Timeout) == 100).await;
        assert!(refused(Malformed) > 90);
        assert!(target.has_never_met_n1());
        assert!(target.log.all().len() <= 2);
        target.stop().await;
    });
}

#[test]
fn a_client_that_implements_the_documentation_is_served() {
    for security in [Insecure, Keys] {
        within_a_minute(async {
            let target = Target::new(security);
            let mut client = RawClient::of_member(&target.cluster, 1).await.admitted().await;
            target.asked(&mut client, 1, 300).await;
            let (meant, mut answer) = (frame(1, &[1, 0xac, 2]), Vec::new());
            while !answer.windows(meant.len()).any(|part| part == meant) {
                let read = tokio::io::AsyncReadExt::read_buf(&mut client.0, &mut answer).await;
                read.expect("an answer");
            }
            target.stop().await;
        });
    }
}
