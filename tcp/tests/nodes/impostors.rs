//! Impostors at a peer's address, which the dialer must detect.

use std::time::Duration;

use rehearsal_tcp::proxy::Proxy;
use rehearsal_tcp::{HandshakeError, Limits, Refusal, Security};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::asker::{Ask, Asker, Output};
use crate::log::Log;
use crate::pair::{node, through, until};
use crate::raw_client::{varint, with_length};
use crate::test_cluster::{Outputs, TestCluster, begin, within_a_minute};

/// How the dialer reports an impostor.
enum Report {
    Counted(HandshakeError),
    Logged(&'static str),
    /// It does not: the peer seems to be down.
    Nothing,
}

/// Asserts that n1, which dials n2 and an impostor of n3, serves the former and detects the latter.
async fn assert_detected(impostor: Proxy, cluster: TestCluster, report: Report) {
    let (log, _guard) = Log::listen();
    let answered = Outputs::new();
    let mut setup = cluster.setup(node(1), Asker);
    setup.roster = through(&cluster.roster, node(3), &impostor);
    let one = begin(setup, answered.clone());
    let two = cluster.start(node(2), Asker, Outputs::new());
    let number = 1;
    until(async || {
        let _ = one.commands.send(Ask { to: node(2), number, bytes: 10 }).await;
        answered.all().contains(&Output::Answered { from: node(2), number })
    })
    .await;
    // n1 dials the impostor again and again, without ever having a link.
    impostor.connections(3).await;
    match report {
        Report::Counted(reason) => until(async || one.metrics.refused(reason) >= 3).await,
        Report::Logged(text) => until(async || log.all().iter().any(|line| line == text)).await,
        Report::Nothing => assert_eq!(log.all(), [""; 0]),
    }
    let _ = one.commands.send(Ask { to: node(3), number, bytes: 10 }).await;
    until(async || one.traffic(3).down > 0).await;
    assert_eq!(one.traffic(3).links, 0);
    assert_eq!(one.traffic(2).links, 1);
    one.stop().await;
    two.stop().await;
}

fn cluster(security: Security) -> TestCluster {
    let redial = Duration::from_millis(5)..=Duration::from_millis(20);
    let handshake = Duration::from_millis(200);
    TestCluster::with(3, security, Limits { redial, handshake, ..Limits::default() })
}

#[test]
fn another_member_at_a_peers_address_is_detected_by_its_key() {
    within_a_minute(async {
        let cluster = cluster(Security::Keys);
        let impostor = Proxy::before(cluster.address(node(2))).expect("a port is free");
        let reason = HandshakeError::Refused(Refusal::WrongKey);
        assert_detected(impostor, cluster, Report::Counted(reason)).await;
    });
}

#[test]
fn another_member_at_a_peers_address_refuses_the_dialer() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let impostor = Proxy::before(cluster.address(node(2))).expect("a port is free");
        let line = "refused by the peer address=127.0.0.1 reason=the dialled node is another one";
        assert_detected(impostor, cluster, Report::Logged(line)).await;
    });
}

/// An impostor that answers each dialer with these bytes.
async fn answering(bytes: Vec<u8>) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the node listens");
    tokio::task::spawn_local(async move {
        let mut stay = Vec::new();
        loop {
            let (mut dialer, _) = listener.accept().await.expect("a dialer");
            let mut heard = [0; 200];
            let _ = dialer.read(&mut heard).await;
            let _ = dialer.write_all(&bytes).await;
            stay.push(dialer);
        }
    });
    Proxy::before(address).expect("a port is free")
}

/// Asserts that n1 detects an impostor that answers like this.
fn assert_answer_detected(security: Security, bytes: &[u8], report: Report) {
    within_a_minute(async {
        let impostor = answering(bytes.to_vec()).await;
        assert_detected(impostor, cluster(security), report).await;
    });
}

#[test]
fn a_welcome_with_another_nonce_is_refused() {
    let welcome =
        with_length(&[&[0, 3][..], &[5; 16], &[1, 1, 0, 0], &varint(7), &varint(8)].concat());
    let report = Report::Counted(HandshakeError::Refused(Refusal::Replayed));
    assert_answer_detected(Security::Insecure, &welcome, report);
}

#[test]
fn a_malformed_answer_is_refused() {
    let http = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    for bytes in [&[0xff; 40][..], &[0, 0], &[0, 2, 1, 99], http] {
        let report = Report::Counted(HandshakeError::Malformed);
        assert_answer_detected(Security::Insecure, bytes, report);
    }
    assert_answer_detected(Security::Keys, http, Report::Counted(HandshakeError::UnknownKey));
}

#[test]
fn an_impostor_that_does_not_answer_times_out() {
    assert_answer_detected(Security::Insecure, b"", Report::Nothing);
}
