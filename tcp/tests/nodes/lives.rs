//! Nodes without their memory, or a second time: their peers notice, and keep them out.

use std::fs;
use std::pin::pin;
use std::time::Duration;

use rehearsal_tcp::disk::Store;
use rehearsal_tcp::{Amnesia, HandshakeError, Limits, NodeError, Refusal, Security, Setup};
use tokio::time::timeout;

use crate::asker::{Ask, Asker};
use crate::log::Log;
use crate::pair::{node, until};
use crate::raw_client::{HelloFields, RawAnswer, RawClient, RawLife, ask, commits, frame};
use crate::test_cluster::{Outputs, Running, TestCluster, begin, within_a_minute};

const STORE: HandshakeError = HandshakeError::Refused(Refusal::Store);

fn cluster(security: Security) -> TestCluster {
    let redial = Duration::from_millis(5)..=Duration::from_millis(20);
    TestCluster::with(2, security, Limits { redial, ..Limits::default() })
}

fn start(cluster: &TestCluster, number: u32) -> Running<Ask> {
    cluster.start(node(number), Asker, Outputs::new())
}

/// Starts a node from this store.
fn start_from(cluster: &TestCluster, number: u32, store: Store) -> Running<Ask> {
    begin(cluster.setup_of(node(number), Asker, store), Outputs::new())
}

/// Waits until both nodes have a link.
async fn linked(one: &Running<Ask>, two: &Running<Ask>) {
    until(async || one.traffic(2).links > 0 && two.traffic(1).links > 0).await;
}

/// Lets n1 and n2 meet, and stops the node with this number.
async fn met(cluster: &TestCluster, stopped: u32) -> Running<Ask> {
    let (one, two) = (start(cluster, 1), start(cluster, 2));
    linked(&one, &two).await;
    let (stops, stays) = if stopped == 1 { (one, two) } else { (two, one) };
    stops.stop().await;
    stays
}

fn lose_folder(cluster: &TestCluster, number: u32) {
    fs::remove_dir_all(cluster.folder_of(node(number))).expect("the node has run");
}

#[test]
fn a_node_that_lost_its_folder_is_kept_out_and_both_sides_say_why_once() {
    for security in [Security::Insecure, Security::Keys] {
        for lost in [1, 2] {
            within_a_minute(async {
                let cluster = cluster(security);
                let peer = met(&cluster, lost).await;
                let links = peer.traffic(lost).links;
                lose_folder(&cluster, lost);
                let (log, _guard) = Log::listen();
                let returned = start(&cluster, lost);
                until(async || peer.metrics.refused(STORE) >= 3).await;
                assert_eq!(
                    (peer.traffic(lost).links, returned.traffic(3 - lost).links),
                    (links, 0)
                );
                let reason = Refusal::Store.to_string();
                let told = |begins: &str| {
                    let all = log.all().into_iter();
                    all.filter(|line| line.starts_with(begins) && line.contains(&reason)).count()
                };
                until(async || told("refused by the peer") > 0).await;
                assert_eq!((told("kept out"), told("refused by the peer")), (1, 1));
                assert!(log.all()[0].contains(&format!("peer=n{lost}")), "{:?}", log.all());
            });
        }
    }
}

/// The refusals are by what the peer has saved, not by what it happens to have in memory.
#[test]
fn a_peer_that_restarted_still_knows_the_node_that_lost_its_folder() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        met(&cluster, 1).await.kill().await;
        lose_folder(&cluster, 1);
        let (_one, two) = (start(&cluster, 1), start(&cluster, 2));
        until(async || two.metrics.refused(STORE) > 0).await;
        assert_eq!(two.traffic(1).links, 0);
    });
}

#[test]
fn a_folder_restored_from_a_backup_is_kept_out() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let log = cluster.folder_of(node(1)).join("cells.log");
        let two = met(&cluster, 1).await;
        let backup = fs::read(&log).expect("the node has run");
        let one = start(&cluster, 1);
        until(async || two.traffic(1).links == 2).await;
        one.stop().await;
        fs::write(&log, backup).expect("room");
        let one = start(&cluster, 1);
        let outdated = HandshakeError::Refused(Refusal::Outdated);
        until(async || two.metrics.refused(outdated) > 0).await;
        assert_eq!((one.traffic(2).links, two.traffic(1).links), (0, 2));
    });
}

#[test]
fn a_second_process_is_refused_with_the_address_of_the_first_whose_link_stays() {
    within_a_minute(async {
        let cluster = cluster(Security::Keys);
        let (one, two) = (start(&cluster, 1), start(&cluster, 2));
        linked(&one, &two).await;
        let (log, _guard) = Log::listen();
        let elsewhere = TestCluster::store(node(1), &cluster.folder.path().join("elsewhere"));
        let second = start_from(&cluster, 1, elsewhere);
        let address = cluster.address(node(1));
        let why = format!("another process runs as this node, at {address}");
        let is_told =
            |line: &String| line.starts_with("refused by the peer") && line.contains(&why);
        until(async || log.all().iter().any(is_told)).await;
        let duplicate = HandshakeError::Refused(Refusal::Duplicate(address));
        until(async || two.metrics.refused(duplicate) >= 3).await;
        let links = [one.traffic(2).links, two.traffic(1).links, second.traffic(2).links];
        assert_eq!(links, [1, 1, 0]);
    });
}

#[test]
fn a_new_life_is_accepted_once_the_peer_has_forgotten_and_the_old_one_never_again() {
    for lost in [1, 2] {
        within_a_minute(async {
            let cluster = cluster(Security::Insecure);
            let (lost, other) = (node(lost), node(3 - lost));
            // The first life has begun as a new one, too.
            let mut store = TestCluster::store(lost, &cluster.folder_of(lost));
            store.begin_new_life().expect("it has no cells");
            drop(store.begin().expect("room"));
            met(&cluster, lost.number()).await.stop().await;
            let (folder, kept) = (cluster.folder_of(lost), cluster.folder.path().join("kept"));
            fs::rename(&folder, &kept).expect("the node has run");
            // The peer ends with the request to restart it.
            let able = || {
                let mut store = TestCluster::store(other, &cluster.folder_of(other));
                let forgotten = store.forget::<Asker>(|_, _| false).expect("no cells");
                (forgotten, store)
            };
            let (forgotten, store) = able();
            assert_eq!(forgotten, []);
            let peer = start_from(&cluster, other.number(), store);
            let mut store = TestCluster::store(lost, &folder);
            store.begin_new_life().expect("it has no cells");
            let returned = start_from(&cluster, lost.number(), store);
            let ended = peer.ended().await;
            assert!(matches!(ended, Err(NodeError::NewLife(who)) if who == lost), "{ended:?}");
            // Restarted, it has forgotten the earlier life and accepts the new one.
            let (forgotten, store) = able();
            assert_eq!(forgotten, [lost]);
            let peer = start_from(&cluster, other.number(), store);
            until(async || returned.traffic(other.number()).links > 0).await;
            returned.stop().await;
            // The earlier life returns, and claims to be a new one as before.
            let old = start_from(&cluster, lost.number(), TestCluster::store(lost, &kept));
            until(async || peer.metrics.refused(STORE) > 0).await;
            assert_eq!(old.traffic(other.number()).links, 0);
            old.stop().await;
            peer.stop().await;
        });
    }
}

#[test]
fn a_peer_that_cannot_forget_keeps_a_new_life_out_and_runs_on() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let two = met(&cluster, 1).await;
        let mut store = TestCluster::store(node(1), &cluster.folder_of(node(1)));
        store.begin_new_life().expect("it has no cells");
        let one = start_from(&cluster, 1, store);
        until(async || two.metrics.refused(STORE) >= 2).await;
        assert_eq!(one.traffic(2).links, 0);
        two.stop().await;
    });
}

#[test]
fn a_cluster_that_tolerates_amnesia_lets_a_node_without_its_folder_in() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        met(&cluster, 1).await.stop().await;
        lose_folder(&cluster, 1);
        let two = Setup { amnesia: Amnesia::Accept, ..cluster.setup(node(2), Asker) };
        let (one, two) = (start(&cluster, 1), begin(two, Outputs::new()));
        linked(&one, &two).await;
    });
}

/// A node saves the store id of its peer: a wrong one would keep the true peer out from then on.
#[test]
fn a_hello_with_a_flipped_bit_is_refused_and_the_true_peer_is_let_in() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let two = start(&cluster, 2);
        let mut hello = HelloFields::valid().bytes();
        let store = hello.windows(16).position(|bytes| *bytes == [5; 16]).expect("the store id");
        hello[store] ^= 1;
        let mut client = RawClient::plain(cluster.address(node(2))).await;
        client.send(&hello).await.expect("the node listens");
        client.until_closed().await;
        until(async || two.metrics.refused(HandshakeError::Malformed) == 1).await;
        let _link = RawClient::plain(cluster.address(node(2))).await.admitted().await;
        until(async || two.traffic(1).links == 1).await;
    });
}

/// A life of n1, and how n2 answers its hello: with the number of a refusal, or a welcome.
struct Case {
    life: RawLife,
    /// The sessions and commits of the earlier incarnations, the latest first.
    past: &'static [(u64, u64)],
    /// The answer if the life before has no link any more.
    alone: Option<u8>,
    /// The answer while it has one.
    beside: Option<u8>,
}

/// The life that n2 knows. It has told n2 of five commits.
const EARLIER: RawLife = RawLife { store: 5, incarnation: 7, session: 300 };

/// What [`EARLIER`] left is the oldest that is remembered.
const LATEST_IS_THE_16TH: [(u64, u64); 16] = {
    let mut past = [(1, 5); 16];
    past[15] = (300, 5);
    past
};

impl Case {
    fn of(life: RawLife) -> Self {
        Self { life, past: &[(299, 2)], alone: None, beside: Some(10) }
    }

    fn refused(self, number: u8) -> Self {
        Self { alone: Some(number), ..self }
    }

    fn hello(&self) -> HelloFields {
        HelloFields { life: self.life, past: self.past, ..HelloFields::valid() }
    }
}

/// A later incarnation of the store, whose earlier ones were these.
fn later(incarnation: u32, past: &'static [(u64, u64)]) -> Case {
    Case { past, ..Case::of(RawLife { incarnation, session: 1, ..EARLIER }) }
}

/// n2, and a link to the earlier life of n1.
async fn linked_to_earlier(cluster: &TestCluster) -> (Running<Ask>, RawClient) {
    let two = start(cluster, 2);
    let client = RawClient::plain(cluster.address(node(2))).await;
    let mut link = client.admitted_with(&Case::of(EARLIER).hello()).await;
    let message = [commits(5), frame(1, &ask(1))].concat();
    link.send(&message).await.expect("the node listens");
    until(async || two.traffic(1).received == 1).await;
    (two, link)
}

/// How n2 answers n1 in this life, beside the earlier one or after it.
async fn answer(case: &Case, is_beside: bool) -> Option<RawAnswer> {
    let cluster = cluster(Security::Insecure);
    let (two, link) = linked_to_earlier(&cluster).await;
    let is_up = async || {
        let asked = two.traffic(1).sent;
        let ask = Ask { to: node(1), number: 1, bytes: 1 };
        let _ = two.commands.send(ask).await;
        let now = || two.traffic(1);
        until(async || now().sent + now().down > asked).await;
        now().sent > asked
    };
    let link = is_beside.then_some(link);
    if !is_beside {
        until(async || !is_up().await).await;
    }
    let answer = RawClient::plain(cluster.address(node(2))).await.hello(&case.hello()).await;
    drop(link);
    answer
}

#[test]
fn a_life_is_told_from_the_earlier_ones_by_its_store_and_the_past_of_it() {
    let cases = [
        ("the process dials again", Case { beside: None, ..Case::of(EARLIER) }),
        ("a restart", later(8, &[(300, 5)])),
        ("a restart after more commits", later(8, &[(300, 9), (299, 2)])),
        ("two restarts", later(9, &[(70, 11), (300, 5)])),
        ("more restarts than are remembered", later(24, &[(1, 5); 16])),
        ("a backup that was restarted so often", later(24, &[(1, 4); 16]).refused(9)),
        ("as many restarts as are remembered", later(23, &LATEST_IS_THE_16TH)),
        ("so many restarts of another session", later(23, &[(1, 5); 16]).refused(9)),
        ("a backup from before the last message", later(8, &[(300, 4)]).refused(9)),
        ("its next process, with commits of its own", later(9, &[(70, 11), (300, 4)]).refused(9)),
        ("a backup from before the start", later(8, &[(70, 11), (299, 2)]).refused(9)),
        ("an older copy", Case::of(RawLife { incarnation: 6, ..EARLIER }).refused(9)),
        ("another copy", Case::of(RawLife { session: 301, ..EARLIER }).refused(9)),
        ("another folder", Case::of(RawLife { store: 6, incarnation: 8, ..EARLIER }).refused(8)),
    ];
    for (name, case) in &cases {
        for (is_beside, refusal) in [(false, case.alone), (true, case.beside)] {
            let answer = within_a_minute(answer(case, is_beside));
            let refused = match answer {
                Some(RawAnswer::Rejected(number)) => Some(number),
                Some(RawAnswer::Welcome { .. }) => None,
                None => panic!("{name}: no answer"),
            };
            assert_eq!(refused, refusal, "{name}, beside: {is_beside}");
        }
    }
}

#[test]
fn a_copy_that_was_refused_stays_refused_however_often_it_is_restarted() {
    const RESTARTED: [(u64, u64); 16] = {
        let mut past = [(9, 9); 16];
        past[15] = (1, 9);
        past
    };
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let (two, link) = linked_to_earlier(&cluster).await;
        drop(link);
        // 17 starts after the life that n2 knows, which the copy has forgotten by now.
        for copy in [later(8, &[(300, 4)]), later(24, &RESTARTED)] {
            let hello = copy.hello();
            let answer =
                async || RawClient::plain(cluster.address(node(2))).await.hello(&hello).await;
            // Until the end of the link has been noticed it is a second process.
            until(async || answer().await != Some(RawAnswer::Rejected(10))).await;
            assert_eq!(answer().await, Some(RawAnswer::Rejected(9)));
        }
        assert_eq!(two.traffic(1).links, 1);
    });
}

/// A killed node can be back before its peers have noticed the end of its connection.
#[test]
fn a_restarted_node_waits_for_the_end_of_its_earlier_link() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let (two, link) = linked_to_earlier(&cluster).await;
        let (log, _guard) = Log::listen();
        let mut client = RawClient::plain(cluster.address(node(2))).await;
        let hello = later(8, &[(300, 5)]).hello();
        let mut answer = pin!(client.hello(&hello));
        let early = timeout(Duration::from_millis(100), &mut answer).await;
        assert!(early.is_err(), "{early:?}");
        drop(link);
        assert!(matches!(answer.await, Some(RawAnswer::Welcome { .. })));
        assert_eq!(log.all(), [] as [&str; 0]);
        two.stop().await;
    });
}

#[test]
fn a_backup_that_was_made_while_the_node_ran_is_kept_out() {
    within_a_minute(async {
        let cluster = cluster(Security::Insecure);
        let log = cluster.folder_of(node(1)).join("cells.log");
        let one = start(&cluster, 1);
        let backup = fs::read(&log).expect("the node runs");
        let two = start(&cluster, 2);
        linked(&one, &two).await;
        let ask = Ask { to: node(2), number: 1, bytes: 1 };
        one.commands.send(ask).await.expect("it runs");
        until(async || two.traffic(1).received > 0).await;
        one.stop().await;
        fs::write(&log, backup).expect("room");
        let one = start(&cluster, 1);
        let outdated = HandshakeError::Refused(Refusal::Outdated);
        until(async || two.metrics.refused(outdated) > 0).await;
        assert_eq!((one.traffic(2).links, two.traffic(1).links), (0, 1));
    });
}
