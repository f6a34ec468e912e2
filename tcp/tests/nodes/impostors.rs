//! Who sits where a peer should: a dialer has to find out, too.

use std::time::Duration;

use rehearsal_tcp::{HandshakeError, Limits, Refusal, Security};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::asker::{Ask, Asker, Told};
use crate::log::Log;
use crate::pair::{node, until};
use crate::proxy::{Proxy, through};
use crate::raw::{varint, with_length};
use crate::test_cluster::{Heard, TestCluster, begin, within_a_minute};

/// How a dialer shows what it made of somebody.
enum Shown {
    Counted(HandshakeError),
    Told(&'static str),
    /// It is as one that is not there.
    NotAtAll,
}

/// n1 dials n2, who is served, and somebody else who says to be n3.
async fn is_found_out(impostor: Proxy, cluster: TestCluster, shown: Shown) {
    let (log, _guard) = Log::listen();
    let answered = Heard::new();
    let mut setup = cluster.setup(node(1), Asker);
    setup.roster = through(&cluster.roster, node(3), &impostor);
    let one = begin(setup, answered.clone());
    let two = cluster.start(node(2), Asker, Heard::new());
    let number = 1;
    until(async || {
        let _ = one.commands.send(Ask { to: node(2), number, bytes: 10 }).await;
        answered.all().contains(&Told::Answered { from: node(2), number })
    })
    .await;
    // It is dialled again and again, and never more than that.
    impostor.connections(3).await;
    match shown {
        Shown::Counted(reason) => until(async || one.metrics.refused(reason) >= 3).await,
        Shown::Told(text) => until(async || log.all().iter().any(|line| line == text)).await,
        Shown::NotAtAll => assert_eq!(log.all(), [""; 0]),
    }
    let _ = one.commands.send(Ask { to: node(3), number, bytes: 10 }).await;
    until(async || one.metrics.traffic(node(3)).down > 0).await;
    assert_eq!(one.metrics.traffic(node(3)).links, 0);
    assert_eq!(one.metrics.traffic(node(2)).links, 1);
    one.stop().await.expect("it stops well");
    two.stop().await.expect("it stops well");
}

fn cluster(security: Security) -> TestCluster {
    let mut cluster = TestCluster::new(3, security);
    let redial = Duration::from_millis(5)..=Duration::from_millis(20);
    cluster.limits = Limits { redial, handshake: Duration::from_millis(200), ..Limits::default() };
    cluster
}

#[test]
fn another_member_in_a_peers_place_is_known_by_its_key() {
    within_a_minute(async {
        let cluster = cluster(Security::Keys);
        let impostor = Proxy::before(cluster.address(node(2))).await;
        let reason = HandshakeError::Refused(Refusal::OthersKey);
        is_found_out(impostor, cluster, Shown::Counted(reason)).await;
    });
}

#[test]
fn another_member_in_a_peers_place_says_so_where_nobody_has_keys() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let impostor = Proxy::before(cluster.address(node(2))).await;
        let told = "the peer does not let us in address=127.0.0.1 reason=it wants another node";
        is_found_out(impostor, cluster, Shown::Told(told)).await;
    });
}

/// Somebody who answers each dialer with these bytes.
async fn answering(bytes: Vec<u8>) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::task::spawn_local(async move {
        let mut stay = Vec::new();
        loop {
            let (mut dialer, _) = listener.accept().await.expect("somebody comes");
            let mut heard = [0; 200];
            let _ = dialer.read(&mut heard).await;
            let _ = dialer.write_all(&bytes).await;
            stay.push(dialer);
        }
    });
    Proxy::before(address).await
}

#[test]
fn a_welcome_to_somebody_else_is_worth_nothing() {
    within_a_minute(async {
        let welcome = [&[0, 1, 1][..], &varint(7), &varint(8)].concat();
        let impostor = answering(with_length(&welcome)).await;
        let reason = HandshakeError::Refused(Refusal::Repeated);
        let cluster = cluster(Security::Insecure);
        is_found_out(impostor, cluster, Shown::Counted(reason)).await;
    });
}

#[test]
fn an_answer_that_is_none_is_worth_nothing() {
    for bytes in [&[0xff; 40][..], &[0, 0], &[0, 2, 1, 99], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        within_a_minute(async {
            let impostor = answering(bytes.to_vec()).await;
            let cluster = cluster(Security::Insecure);
            is_found_out(impostor, cluster, Shown::Counted(HandshakeError::Malformed)).await;
        });
    }
    within_a_minute(async {
        let impostor = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await;
        is_found_out(impostor, cluster(Security::Keys), Shown::Counted(HandshakeError::UnknownKey))
            .await;
    });
}

#[test]
fn who_takes_connections_and_says_nothing_is_given_up_each_time() {
    within_a_minute(async {
        let impostor = answering(Vec::new()).await;
        let cluster = cluster(Security::Insecure);
        is_found_out(impostor, cluster, Shown::NotAtAll).await;
    });
}
