//! A node with a real peer, at whose door strangers stand.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rehearsal_tcp::{HandshakeError, Limits, Security};
use tracing::subscriber::DefaultGuard;

use crate::asker::{Ask, Asker, Told};
use crate::log::Log;
use crate::pair::{node, until};
use crate::raw::Raw;
use crate::test_cluster::{Heard, Running, TestCluster};

/// n2 and n3 at work. There is no n1, whom n2 would let in.
pub(crate) struct House {
    pub(crate) cluster: TestCluster,
    pub(crate) two: Running<Ask>,
    three: Running<Ask>,
    /// What n2 told.
    pub(crate) heard: Heard<Told>,
    answered: Heard<Told>,
    pub(crate) log: Log,
    _guard: DefaultGuard,
}

impl House {
    pub(crate) fn new(security: Security) -> Self {
        Self::patient(security, Duration::from_millis(200))
    }

    /// Whose strangers have so long to say who they are.
    fn patient(security: Security, handshake: Duration) -> Self {
        let mut cluster = TestCluster::new(3, security);
        cluster.limits = Limits {
            handshake,
            idle: Duration::from_millis(300),
            redial: Duration::from_millis(5)..=Duration::from_millis(50),
            ..Limits::default()
        };
        Self::of(cluster)
    }

    pub(crate) fn of(cluster: TestCluster) -> Self {
        let (log, guard) = Log::listen();
        let (heard, answered) = (Heard::new(), Heard::new());
        let two = cluster.start(node(2), Asker, heard.clone());
        let three = cluster.start(node(3), Asker, answered.clone());
        Self { cluster, two, three, heard, answered, log, _guard: guard }
    }

    /// Where strangers come.
    pub(crate) fn door(&self) -> SocketAddr {
        self.cluster.address(node(2))
    }

    /// The key of a member.
    pub(crate) fn key(&self, member: u32) -> PathBuf {
        self.cluster.folder.path().join(format!("n{member}.key"))
    }

    /// The real peer asks, and is answered.
    pub(crate) async fn serves(&self, number: u64) {
        let answer = Told::Answered { from: node(2), number };
        until(async || {
            let ask = Ask { to: node(2), number, bytes: 100 };
            let _ = self.three.commands.send(ask).await;
            self.answered.all().contains(&answer)
        })
        .await;
    }

    /// Waits until so many were not let in, each for this reason.
    pub(crate) async fn refused(&self, reason: HandshakeError, times: u64) {
        until(async || self.two.metrics.refused(reason) >= times).await;
    }

    /// Neither node nor machine has met n1.
    pub(crate) fn has_met_nobody(&self) -> bool {
        let nothing_was_said = self.heard.all().iter().all(|told| match told {
            Told::Asked { from, .. } | Told::Answered { from, .. } => *from == node(3),
        });
        self.two.metrics.traffic(node(1)).links == 0 && nothing_was_said
    }

    pub(crate) async fn stop(self) {
        self.two.stop().await.expect("it stops well");
        self.three.stop().await.expect("it stops well");
    }
}

/// How often each stranger comes.
const TIMES: u64 = 2;

/// A stranger comes several times, stays while the real peer is served, is not
/// let in for the right reason, and is told of once.
pub(crate) async fn is_not_let_in(
    security: Security,
    reason: HandshakeError,
    intrude: impl AsyncFn(&House) -> Option<Raw>,
) {
    // However busy the machine is, nobody is late who is not meant to be.
    let patience = if reason == HandshakeError::Timeout { 200 } else { 5_000 };
    let house = House::patient(security, Duration::from_millis(patience));
    house.serves(0).await;
    let links = house.two.metrics.traffic(node(3)).links;
    for time in 1..=TIMES {
        let _stays = intrude(&house).await;
        house.serves(time).await;
        house.refused(reason, time).await;
        house.serves(100 + time).await;
    }
    assert!(house.has_met_nobody());
    assert_eq!(house.two.metrics.traffic(node(3)).links, links, "the real peer's link stayed");
    assert_eq!(house.two.metrics.refused(reason), TIMES);
    let counted = house.two.metrics.to_string();
    assert!(counted.ends_with(&format!(", {TIMES} not let in")), "{counted}");
    let told = house.log.all();
    let meant = format!("not let in address=127.0.0.1 reason={reason}");
    assert_eq!(told, [meant]);
    house.stop().await;
}
