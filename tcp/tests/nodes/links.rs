//! There is one link between two nodes, and it is the newest.

use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::{Limits, Security};

use crate::asker::{Ask, Asker, Told};
use crate::house::House;
use crate::pair::{Pair, node, until};
use crate::raw::{Raw, ask, frame};
use crate::test_cluster::{Heard, TestCluster, within_a_minute};

#[test]
fn nodes_that_start_together_have_one_link_for_each_pair() {
    within_a_minute(async {
        let cluster = TestCluster::new(6, Security::Keys);
        let heard: Vec<_> = NodeId::all(6).map(|_| Heard::new()).collect();
        let all: Vec<_> =
            NodeId::all(6).map(|me| cluster.start(me, Asker, heard[me.index()].clone())).collect();
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
                all[me.index()].commands.send(ask).await.expect("it runs");
            }
        }
        for heard in &heard {
            heard.until(12).await;
        }
        for one in all {
            one.stop().await.expect("it stops well");
        }
    });
}

#[test]
fn after_many_links_there_is_one() {
    within_a_minute(async {
        let redial = Duration::from_millis(1)..=Duration::from_millis(5);
        let pair = Pair::new(Security::Keys, Limits { redial, ..Limits::default() }).await;
        for number in 1..=60 {
            pair.until_answered(number).await;
            pair.proxy.reset();
            let links = |running: &crate::test_cluster::Running<Ask>, peer: u32| {
                running.metrics.traffic(node(peer)).links
            };
            until(async || {
                let (one, two) = (links(&pair.one, 2), links(&pair.two, 1));
                one > number && two > number
            })
            .await;
        }
        let before = pair.asked.all().len();
        pair.ask(1_000, 10).await;
        let last = Told::Answered { from: node(2), number: 1_000 };
        until(async || pair.answered.all().contains(&last)).await;
        assert_eq!(pair.asked.all().len(), before + 1, "it is heard once");
        pair.stop().await;
    });
}

#[test]
fn a_newer_link_takes_the_place_of_an_older_one() {
    within_a_minute(async {
        let house = House::new(Security::Insecure);
        let mut old = Raw::plain(house.door()).await.admitted().await;
        old.say(&frame(1, &ask(1))).await.expect("it listens");
        let heard = |number| Told::Asked { from: node(1), number, is_whole: true };
        until(async || house.heard.all().contains(&heard(1))).await;
        let mut new = Raw::plain(house.door()).await.admitted().await;
        old.hung_up().await;
        new.say(&frame(2, &ask(2))).await.expect("it listens");
        until(async || house.heard.all().contains(&heard(2))).await;
        assert_eq!(house.two.metrics.traffic(node(1)).links, 2);
        house.stop().await;
    });
}

#[test]
fn one_more_who_says_nothing_closes_the_oldest_and_no_link() {
    within_a_minute(async {
        let mut cluster = TestCluster::new(3, Security::Insecure);
        cluster.limits = Limits { half_open: 3, ..Limits::default() };
        let house = House::of(cluster);
        house.serves(1).await;
        let mut silent = Vec::new();
        for _ in 0..3 {
            silent.push(Raw::plain(house.door()).await);
        }
        let mut linked = Raw::plain(house.door()).await.admitted().await;
        // The oldest made room for the one that became a link, which makes room itself.
        silent.remove(0).hung_up().await;
        until(async || house.two.metrics.traffic(node(1)).links == 1).await;
        silent.push(Raw::plain(house.door()).await);
        silent.push(Raw::plain(house.door()).await);
        silent.remove(0).hung_up().await;
        assert_eq!(house.two.metrics.evicted(), 2);
        linked.say(&frame(1, &ask(1))).await.expect("it listens");
        let heard = Told::Asked { from: node(1), number: 1, is_whole: true };
        until(async || house.heard.all().contains(&heard)).await;
        house.serves(2).await;
        assert!(house.log.all().is_empty(), "evictions are counted, not told");
        house.stop().await;
    });
}
