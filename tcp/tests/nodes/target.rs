//! A node with a real peer, to which strangers connect.

use std::net::SocketAddr;
use std::time::Duration;

use rehearsal_tcp::{HandshakeError, Limits, Security};
use tracing::subscriber::DefaultGuard;

use crate::asker::{Ask, Asker, Output};
use crate::log::Log;
use crate::pair::{node, until};
use crate::raw_client::{RawClient, ask, frame};
use crate::test_cluster::{Outputs, Running, TestCluster, within_a_minute};

/// The target n2 and its real peer n3. n1 does not run, so that a stranger may try to take its
/// place.
pub(crate) struct Target {
    pub(crate) cluster: TestCluster,
    pub(crate) two: Running<Ask>,
    three: Running<Ask>,
    /// The outputs of n2.
    pub(crate) outputs: Outputs<Output>,
    peer_outputs: Outputs<Output>,
    pub(crate) log: Log,
    _guard: DefaultGuard,
}

impl Target {
    pub(crate) fn new(security: Security) -> Self {
        Self::with_handshake(security, Duration::from_millis(200))
    }

    /// A target with this maximum duration of a handshake.
    fn with_handshake(security: Security, handshake: Duration) -> Self {
        let limits = Limits {
            handshake,
            idle: Duration::from_millis(300),
            redial: Duration::from_millis(5)..=Duration::from_millis(50),
            ..Limits::default()
        };
        Self::of(TestCluster::with(3, security, limits))
    }

    pub(crate) fn of(cluster: TestCluster) -> Self {
        let (log, guard) = Log::listen();
        let (outputs, peer_outputs) = (Outputs::new(), Outputs::new());
        let two = cluster.start(node(2), Asker, outputs.clone());
        let three = cluster.start(node(3), Asker, peer_outputs.clone());
        Self { cluster, two, three, outputs, peer_outputs, log, _guard: guard }
    }

    /// The address of n2.
    pub(crate) fn address(&self) -> SocketAddr {
        self.cluster.address(node(2))
    }

    /// Sends a question of n1 in this frame, and waits until n2 has it.
    pub(crate) async fn asked(&self, client: &mut RawClient, count: u64, number: u64) {
        client.send(&frame(count, &ask(number))).await.expect("the node listens");
        let expected = Output::Asked { from: node(1), number, is_intact: true };
        until(async || self.outputs.all().contains(&expected)).await;
    }

    /// Waits until the real peer has asked this number and got the answer.
    pub(crate) async fn assert_serves(&self, number: u64) {
        let answer = Output::Answered { from: node(2), number };
        until(async || {
            let ask = Ask { to: node(2), number, bytes: 100 };
            let _ = self.three.commands.send(ask).await;
            self.peer_outputs.all().contains(&answer)
        })
        .await;
    }

    /// Waits until this many connections were refused for this reason.
    pub(crate) async fn refused(&self, reason: HandshakeError, times: u64) {
        until(async || self.two.metrics.refused(reason) >= times).await;
    }

    /// Has n2 had neither a link to n1 nor a message from it?
    pub(crate) fn has_never_met_n1(&self) -> bool {
        let is_silent = self.outputs.all().iter().all(|output| match output {
            Output::Asked { from, .. } | Output::Answered { from, .. } => *from == node(3),
        });
        self.two.traffic(1).links == 0 && is_silent
    }

    pub(crate) async fn stop(self) {
        self.two.stop().await;
        self.three.stop().await;
    }
}

/// How often each stranger connects.
const TIMES: u64 = 2;

/// Lets a stranger connect several times and stay while the real peer is served. The node must
/// refuse it each time, for this reason, and log it once.
pub(crate) fn assert_refused(
    security: Security,
    reason: HandshakeError,
    intrude: impl AsyncFn(&Target) -> Option<RawClient>,
) {
    within_a_minute(async move {
        println!("{security:?}: {reason}");
        // On a busy computer only the expected timeouts may happen.
        let handshake = if reason == HandshakeError::Timeout { 200 } else { 5_000 };
        let target = Target::with_handshake(security, Duration::from_millis(handshake));
        target.assert_serves(0).await;
        let links = target.two.traffic(3).links;
        for time in 1..=TIMES {
            let _stays = intrude(&target).await;
            target.assert_serves(time).await;
            target.refused(reason, time).await;
            target.assert_serves(100 + time).await;
        }
        assert!(target.has_never_met_n1());
        assert_eq!(target.two.traffic(3).links, links, "the real peer's link stayed");
        assert_eq!(target.two.metrics.refused(reason), TIMES);
        let counters = target.two.metrics.to_string();
        assert!(counters.ends_with(&format!(", {TIMES} refused")), "{counters}");
        let line = format!("connection refused address=127.0.0.1 reason={reason}");
        assert_eq!(target.log.all(), [line]);
        target.stop().await;
    });
}
