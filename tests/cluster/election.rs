//! The bound of the hardened election, held by processes.

use std::time::Duration;

use rehearsal::machine::Time;
use rehearsal::shipped::Election;
use rehearsal::tcp::now;

use super::recordings::assert_replays;
use super::test_cluster::{TestCluster, node};

/// What is presumed: a message takes 20 ms at most.
const DELAY: Duration = Duration::from_millis(20);
/// How long an answer is waited for, T.
const ANSWER: Duration = Duration::from_millis(45);
/// How long a leader's announcement is, W.
const COORDINATOR: Duration = Duration::from_millis(90);
/// How long a leader may be silent, F.
const LEADER: Duration = Duration::from_millis(120);

/// The time at which a node said this last, if it did after a time.
fn said(cluster: &TestCluster, index: usize, what: &str, after: Time) -> Option<Time> {
    let outputs = cluster.nodes[index].outputs.iter().rev();
    let mut since = outputs.take_while(|(at, _)| *at >= after);
    since.find(|(_, text)| text.starts_with(what)).map(|(at, _)| *at)
}

/// Over TLS, with keys. All processes read the same monotonic clock, so that
/// the times in their outputs can be compared with that of the kill.
///
/// The bound presumes that deadlines are punctual and messages take `DELAY` at
/// most. How late the system let a deadline be is what the nodes themselves
/// counted, at most, in all their lives (`latest_ns`); there are three between
/// a leader's death and the next leader's word (that of its silence, that of an
/// answer, that of an announcement). How long a message took, the way through
/// the receiver's disk included, is at most what lies between the new leader's
/// saying that it leads and a follower's saying that it follows; what that is
/// beyond `DELAY` counts for each of the two messages of the bound.
#[test]
fn a_leaders_death_is_made_good_within_the_bound() {
    let protocol = format!(
        "Election((form: Hardened(answer_wait: \"{ANSWER:?}\", coordinator_wait: \"{COORDINATOR:?}\", \
         heartbeat: \"50ms\", leader_wait: \"{LEADER:?}\")))"
    );
    let mut cluster = TestCluster::new(5, &protocol, "Uniform(\"0ms\", \"20ms\")", true);
    cluster.is_recorded = true;
    cluster.start_all();
    let start = Time::from_nanos(0);
    let agree = |cluster: &TestCluster, leader: usize, after: Time| {
        let follows = format!("follows {}", node(leader));
        said(cluster, leader, "leads", after).is_some()
            && (0..leader).all(|index| said(cluster, index, &follows, after).is_some())
    };
    cluster.until("all follow n5", |cluster| agree(cluster, 4, start));

    let killed = now();
    cluster.kill(4);
    cluster.until("all follow n4", |cluster| agree(cluster, 3, killed));
    let led = said(&cluster, 3, "leads", killed).expect("it leads");
    let follow =
        (0..3).map(|index| said(&cluster, index, "follows n4", killed).expect("it follows"));
    let known = follow.max().expect("there are some");
    (0..4).for_each(|index| assert_eq!(cluster.stop(index).code, Some(0)));

    for index in cluster.all() {
        assert!(assert_replays::<Election>(&cluster, index, None) > 0);
    }
    let late = (0..4).map(|index| {
        let metrics = cluster.nodes[index].metrics.as_ref().expect("it has stopped");
        Duration::from_nanos(metrics["latest_ns"].as_u64().expect("a number"))
    });
    let late = late.max().expect("there are some");
    let took = known.max(led).since(killed);
    let message = known.since(led);
    let bound = 2 * DELAY + LEADER.max(COORDINATOR) + ANSWER;
    let slack = 3 * late + 2 * message.saturating_sub(DELAY);
    println!("{took:?} of {bound:?}; deadlines at most {late:?} late, messages took {message:?}");
    assert!(took <= bound + slack, "{took:?} is beyond {bound:?} and a slack of {slack:?}");
    assert!(took >= Duration::from_millis(20), "nobody can know of it at once: {took:?}");
}
