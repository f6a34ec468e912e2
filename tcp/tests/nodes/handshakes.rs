//! Strangers to a cluster with keys.

use rehearsal_tcp::{HandshakeError, Key, Refusal, Security};

use crate::asker::{Asker, Output};
use crate::credentials::Credentials;
use crate::pair::{node, until};
use crate::proxy::{Proxy, through};
use crate::raw_client::{HelloFields, RawAnswer, RawClient, ask, frame};
use crate::target::{Target, assert_bytes_refused, assert_refused};
use crate::test_cluster::{Outputs, begin, within_a_minute};

fn target() -> Target {
    Target::new(Security::Keys)
}

/// Tries to connect as n1.
async fn connect_as_n1(target: &Target, credentials: &Credentials<'_>) -> Option<RawClient> {
    let mut client = RawClient::tls(target.address(), credentials).await.ok()?;
    assert_eq!(client.hello(&HelloFields::valid()).await, None);
    Some(client)
}

#[test]
fn a_stranger_without_a_key_is_refused() {
    assert_refused(Security::Keys, HandshakeError::UnknownKey, async |target| {
        connect_as_n1(target, &Credentials::Nothing).await
    });
}

#[test]
fn a_key_that_is_not_in_the_roster_is_refused() {
    assert_refused(Security::Keys, HandshakeError::UnknownKey, async |target| {
        let file = target.cluster.folder.path().join("unlisted.key");
        if !file.exists() {
            Key::create(&file).expect("there is room for it");
        }
        connect_as_n1(target, &Credentials::Key(&file)).await
    });
}

#[test]
fn a_certificate_in_the_place_of_a_key_is_refused() {
    assert_refused(Security::Keys, HandshakeError::UnknownKey, async |target| {
        connect_as_n1(target, &Credentials::Certificate(&target.key(1))).await
    });
}

#[test]
fn the_key_of_another_member_is_refused() {
    let refusal = Refusal::WrongKey;
    assert_refused(Security::Keys, HandshakeError::Refused(refusal), async |target| {
        let mut client =
            RawClient::tls(target.address(), &Credentials::Key(&target.key(3))).await.ok()?;
        let answered = client.hello(&HelloFields::valid()).await;
        assert_eq!(answered, Some(RawAnswer::Rejected(refusal as u8)));
        Some(client)
    });
}

#[test]
fn another_cluster_is_refused_even_with_a_members_key() {
    assert_refused(Security::Keys, HandshakeError::Refused(Refusal::Cluster), async |target| {
        let mut client =
            RawClient::tls(target.address(), &Credentials::Key(&target.key(1))).await.ok()?;
        let fields = HelloFields { cluster: "another", ..HelloFields::valid() };
        assert_eq!(client.hello(&fields).await, Some(RawAnswer::Rejected(1)));
        Some(client)
    });
}

#[test]
fn bytes_that_are_not_tls_are_refused() {
    assert_bytes_refused(Security::Keys, &HelloFields::valid().bytes(), HandshakeError::UnknownKey);
    assert_bytes_refused(
        Security::Keys,
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
        HandshakeError::UnknownKey,
    );
    assert_bytes_refused(Security::Keys, &[0xff; 600], HandshakeError::UnknownKey);
}

#[test]
fn an_incomplete_tls_or_node_handshake_times_out() {
    assert_bytes_refused(Security::Keys, b"", HandshakeError::Timeout);
    assert_bytes_refused(
        Security::Keys,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        HandshakeError::Timeout,
    );
    assert_refused(Security::Keys, HandshakeError::Timeout, async |target| {
        let mut client =
            RawClient::tls(target.address(), &Credentials::Key(&target.key(1))).await.ok()?;
        client.send(&HelloFields::valid().bytes()[..20]).await.expect("the node listens");
        Some(client)
    });
}

#[test]
fn a_stranger_that_closes_the_connection_during_the_handshake_is_refused() {
    assert_refused(Security::Keys, HandshakeError::Closed, async |target| {
        let mut client = RawClient::plain(target.address()).await;
        client.send(b"\x16\x03\x01\x02\x00\x01").await.expect("the node listens");
        None
    });
}

#[test]
fn a_replayed_handshake_is_refused() {
    assert_refused(Security::Keys, HandshakeError::UnknownKey, async |target| {
        let bytes = recorded().await;
        let mut client = RawClient::plain(target.address()).await;
        let _ = client.send(&bytes).await;
        Some(client)
    });
}

/// The bytes that a real n1 sent over TLS to a real n2.
async fn recorded() -> Vec<u8> {
    let cluster = crate::test_cluster::TestCluster::new(2, Security::Keys);
    let proxy = Proxy::before(cluster.address(node(2))).await;
    proxy.record();
    let mut setup = cluster.setup(node(1), Asker);
    setup.roster = through(&cluster.roster, node(2), &proxy);
    let (one, two) = (begin(setup, Outputs::new()), cluster.start(node(2), Asker, Outputs::new()));
    until(async || two.metrics.traffic(node(1)).links == 1).await;
    one.stop().await;
    two.stop().await;
    proxy.recorded()
}

#[test]
fn a_client_that_implements_the_documentation_and_has_the_key_is_served() {
    within_a_minute(async {
        let target = target();
        let client = RawClient::tls(target.address(), &Credentials::Key(&target.key(1))).await;
        let mut client = client.expect("the key is in the roster").admitted().await;
        client.send(&frame(1, &ask(300))).await.expect("the node listens");
        let expected = Output::Asked { from: node(1), number: 300, is_intact: true };
        until(async || target.outputs.all().contains(&expected)).await;
        target.stop().await;
    });
}
