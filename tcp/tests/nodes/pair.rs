//! Two nodes, with a proxy between them that can harm their link.

use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::proxy::Proxy;
use rehearsal_tcp::{Limits, Roster, Security};
use tokio::time::interval;

use crate::asker::{Ask, Asker, Output};
use crate::test_cluster::{Outputs, Running, TestCluster, begin};

/// n1 and n2, where n1 dials n2 through a proxy.
pub(crate) struct Pair {
    pub(crate) proxy: Proxy,
    pub(crate) one: Running<Ask>,
    pub(crate) two: Running<Ask>,
    /// The outputs of n2.
    pub(crate) asked: Outputs<Output>,
    /// The outputs of n1.
    pub(crate) answered: Outputs<Output>,
    _cluster: TestCluster,
}

impl Pair {
    pub(crate) fn new(security: Security, limits: Limits) -> Self {
        let cluster = TestCluster::with(2, security, limits);
        let proxy = Proxy::before(cluster.address(node(2))).expect("a port is free");
        let (asked, answered) = (Outputs::new(), Outputs::new());
        let mut setup = cluster.setup(node(1), Asker);
        setup.roster = through(&cluster.roster, node(2), &proxy);
        let one = begin(setup, answered.clone());
        let two = cluster.start(node(2), Asker, asked.clone());
        Self { proxy, one, two, asked, answered, _cluster: cluster }
    }

    /// n1 asks n2.
    pub(crate) async fn ask(&self, number: u64, bytes: usize) {
        let _ = self.one.commands.send(Ask { to: node(2), number, bytes }).await;
    }

    /// n2 asks n1.
    pub(crate) async fn ask_back(&self, number: u64, bytes: usize) {
        let _ = self.two.commands.send(Ask { to: node(1), number, bytes }).await;
    }

    /// n1 asks n2 until it has got an answer.
    pub(crate) async fn until_answered(&self, number: u64) {
        until(async || {
            self.ask(number, 10).await;
            self.answered.all().contains(&Output::Answered { from: node(2), number })
        })
        .await;
    }

    /// How often n1 and n2 have had a link.
    pub(crate) fn links(&self) -> [u64; 2] {
        [self.one.traffic(2).links, self.two.traffic(1).links]
    }

    pub(crate) async fn stop(self) {
        self.one.stop().await;
        self.two.stop().await;
    }
}

/// The roster of a node that reaches this peer through a proxy.
pub(crate) fn through(roster: &Roster, peer: NodeId, proxy: &Proxy) -> Roster {
    roster.reached_at(peer, proxy.address()).expect("a valid roster")
}

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("nodes count from 1")
}

/// Waits until the condition holds.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let mut looks = interval(Duration::from_millis(2));
    while !is_so().await {
        looks.tick().await;
    }
}
