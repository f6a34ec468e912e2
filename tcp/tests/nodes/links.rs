//! Two nodes have one link, the newest.

use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::{Limits, Security};

use crate::asker::{Ask, Asker, Output};
use crate::pair::{Pair, node, until};
use crate::raw_client::RawClient;
use crate::target::Target;
use crate::test_cluster::{Outputs, TestCluster, within_a_minute};

#[test]
fn nodes_that_start_together_have_one_link_per_pair() {
    within_a_minute(async {
        let cluster = TestCluster::new(6, Security::Keys);
        let outputs: Vec<_> = NodeId::all(6).map(|_| Outputs::new()).collect();
        let all: Vec<_> = NodeId::all(6)
            .map(|me| cluster.start(me, Asker, outputs[me.index()].clone()))
            .collect();
        until(async || {
            let links = |me: NodeId, peer| all[me.index()].metrics.traffic(peer).links;
            let pairs = || NodeId::all(6).flat_map(|me| NodeId::all(6).map(move |peer| (me, peer)));
            assert!(pairs().all(|(me, peer)| links(me, peer) <= 1));
            pairs().all(|(me, peer)| me == peer || links(me, peer) == 1)
        })
        .await;
        for me in NodeId::all(6) {
            for to in NodeId::all(6) {
                let ask = Ask { to, number: 1, bytes: 1_000 };
                all[me.index()].commands.send(ask).await.expect("the node runs");
            }
        }
        for outputs in &outputs {
            outputs.until(12).await;
        }
        for one in all {
            one.stop().await;
        }
    });
}

#[test]
fn after_many_reconnects_a_message_arrives_once() {
    within_a_minute(async {
        let redial = Duration::from_millis(1)..=Duration::from_millis(5);
        let pair = Pair::new(Security::Keys, Limits { redial, ..Limits::default() });
        for number in 1..=60 {
            pair.until_answered(number).await;
            pair.proxy.reset();
            until(async || pair.links().iter().all(|links| *links > number)).await;
        }
        let before = pair.asked.all().len();
        pair.ask(1_000, 10).await;
        let last = Output::Answered { from: node(2), number: 1_000 };
        until(async || pair.answered.all().contains(&last)).await;
        assert_eq!(pair.asked.all().len(), before + 1, "it arrives once");
        pair.stop().await;
    });
}

#[test]
fn a_newer_link_replaces_an_older_one() {
    within_a_minute(async {
        let target = Target::new(Security::Insecure);
        let mut old = RawClient::plain(target.address()).await.admitted().await;
        target.asked(&mut old, 1, 1).await;
        let mut new = RawClient::plain(target.address()).await.admitted().await;
        old.until_closed().await;
        target.asked(&mut new, 2, 2).await;
        assert_eq!(target.two.traffic(1).links, 2);
        target.stop().await;
    });
}

#[test]
fn one_silent_connection_too_many_closes_the_oldest_and_no_link() {
    within_a_minute(async {
        let limits = Limits { half_open: 3, ..Limits::default() };
        let target = Target::of(TestCluster::with(3, Security::Insecure, limits));
        target.assert_serves(1).await;
        let mut silent = Vec::new();
        for _ in 0..3 {
            silent.push(RawClient::plain(target.address()).await);
        }
        let mut linked = RawClient::plain(target.address()).await.admitted().await;
        // The oldest made room for the fourth, which made room itself when it became a link.
        silent.remove(0).until_closed().await;
        until(async || target.two.traffic(1).links == 1).await;
        silent.push(RawClient::plain(target.address()).await);
        silent.push(RawClient::plain(target.address()).await);
        silent.remove(0).until_closed().await;
        assert_eq!(target.two.metrics.evicted(), 2);
        target.asked(&mut linked, 1, 1).await;
        target.assert_serves(2).await;
        assert!(target.log.all().is_empty(), "evictions are counted, not logged");
        target.stop().await;
    });
}
