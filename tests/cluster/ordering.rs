//! Groups of processes that send messages to each other and are killed again and again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal::shipped::Ordering;
use rehearsal::tcp::now;

use super::recordings::assert_replays;
use super::test_cluster::{TestCluster, ran, rehearsal};

const NODES: usize = 6;

/// How long the owners wait from message to message.
const PAUSE: Duration = Duration::from_millis(20);

/// Longer than the longest wait of a link before it sends something again.
const SILENCE: Duration = Duration::from_secs(1);

/// All hundred kills: `REHEARSAL_GROUP_KILLS=100 cargo test --test cluster ordering -- --nocapture`.
#[test]
fn a_causal_broadcast_keeps_its_order_while_six_processes_are_killed_again_and_again() {
    let group = Group { discipline: "CausalBroadcast", more: "", sends_to_itself: false };
    group.survives(&["Fifo", "Causal"]);
}

#[test]
fn a_sequencer_keeps_its_order_while_six_processes_are_killed_again_and_again() {
    let election = r#"election: (form: Hardened(
        answer_wait: "101ms", coordinator_wait: "201ms", heartbeat: "50ms", leader_wait: "300ms",
        majority: true, check_quorum: true,
    )),"#;
    let group = Group { discipline: "MajoritySequencer", more: election, sends_to_itself: true };
    let cluster = group.survives(&["Total"]);
    let windows: Vec<_> = cluster.all().map(|node| delivered(&cluster, node)).collect();
    let common = |window: &[String], other: &[String]| -> Vec<_> {
        window.iter().filter(|id| other.contains(id)).cloned().collect()
    };
    for (window, other) in
        windows.iter().flat_map(|it| windows.iter().map(move |other| (it, other)))
    {
        assert_eq!(common(window, other), common(other, window));
    }
}

struct Group {
    discipline: &'static str,
    /// Further settings.
    more: &'static str,
    sends_to_itself: bool,
}

impl Group {
    fn protocol(&self) -> String {
        let Self { discipline, more, .. } = self;
        format!(r#"Ordering((discipline: {discipline}, resend: "20ms", {more}))"#)
    }

    /// Six nodes send messages to all while one of them after the other is killed and started
    /// again. In the end each recorded life is replayed, and the joined recordings keep these
    /// guarantees: everything is delivered everywhere.
    fn survives(&self, guarantees: &[&str]) -> TestCluster {
        let began = now();
        let protocol = self.protocol();
        let mut cluster = TestCluster::new(NODES, &protocol, r#"Uniform("0ms", "10ms")"#, false);
        cluster.is_recorded = true;
        cluster.start_all();
        let mut chance = ChaCha8Rng::seed_from_u64(1);
        let mut draw = |below: usize| chance.next_u32() as usize % below;
        let kills = kills();
        for _ in 0..kills {
            let kill_at = now() + Duration::from_micros(draw(200_000) as u64);
            while now() < kill_at {
                self.tell_all(&mut cluster, draw(NODES), "hello");
                let pause = kill_at.min(now() + PAUSE);
                while cluster.hear_until(pause) {}
            }
            let node = draw(NODES);
            cluster.kill(node);
            cluster.start_up(node);
        }
        cluster.all().for_each(|node| self.tell_all(&mut cluster, node, LAST));
        cluster.until("the last words are delivered", |cluster| {
            cluster.all().all(|node| self.has_all_last_words(cluster, node))
        });
        while cluster.hear_until(now() + SILENCE) {}
        cluster.stop_all();
        let steps: usize =
            cluster.all().map(|node| assert_replays::<Ordering>(&cluster, node, None)).sum();
        self.judge(&cluster, guarantees);
        let (sent, took) = (sent(&cluster).len(), now().since(began));
        let missed: usize = cluster.all().map(|node| self.missed(&cluster, node)).sum();
        println!(
            "{}: {kills} kills, {sent} messages, {steps} steps; owners have missed {missed} \
             deliveries at a kill, {took:?}",
            self.discipline
        );
        assert!(sent > kills, "{sent} messages, {kills} kills");
        cluster
    }

    /// The owner of a node that runs sends something to all others, or to all.
    fn tell_all(&self, cluster: &mut TestCluster, from: usize, text: &str) {
        let others = (0..NODES).filter(|node| self.sends_to_itself || *node != from);
        let to: Vec<_> = others.map(|node| node + 1).collect();
        cluster.process(from).say(&format!("Send(to: {to:?}, content: {text:?})"));
    }

    fn has_all_last_words(&self, cluster: &TestCluster, node: usize) -> bool {
        let heard = cluster.nodes[node]
            .outputs
            .iter()
            .filter(|(_, text)| text.contains("delivers") && text.ends_with(&format!("{LAST:?}")));
        heard.count() >= if self.sends_to_itself { NODES } else { NODES - 1 }
    }

    /// How many messages that were sent to a node its owner has not been given. A kill between
    /// a batch's saves and its outputs takes these away, apart from the last, which the next life
    /// recalls.
    fn missed(&self, cluster: &TestCluster, node: usize) -> usize {
        let delivered: BTreeSet<_> = delivered(cluster, node).into_iter().collect();
        let own = format!("n{}#", node + 1);
        let to_it = |id: &&String| self.sends_to_itself || !id.starts_with(&own);
        sent(cluster).iter().filter(to_it).filter(|id| !delivered.contains(*id)).count()
    }

    /// Asks the oracle about the joined recordings, by the command line.
    fn judge(&self, cluster: &TestCluster, guarantees: &[&str]) {
        let protocol = self.protocol();
        let always = ["UniqueIds", "NoCreation", "NoDuplication"].iter().chain(guarantees);
        let always = always.fold(String::new(), |mut text, guarantee| {
            write!(text, "Always({guarantee}), ").expect("a string takes everything");
            text
        });
        let scenario = format!(
            "(claim: \"x\", protocol: {protocol}, nodes: {NODES}, \
             network: (delay: Fixed(\"10ms\")), until: \"1s\", \
             expect: [{always} AtEnd(AllDelivered), AtEnd(AtRest)])"
        );
        std::fs::write(cluster.path("expected.ron"), scenario).expect("it can be written");
        let mut command = rehearsal(&["replay", "--expect"]);
        command.arg(cluster.path("expected.ron"));
        command.args(cluster.all().map(|node| cluster.recording(node)));
        let (code, told, errors) = ran(&mut command);
        assert_eq!(code, Some(0), "{told}{errors}");
        for guarantee in guarantees {
            assert!(told.contains(guarantee), "{told}");
        }
    }
}

/// What each owner says last.
const LAST: &str = "goodbye";

/// The messages that owners know to be sent.
fn sent(cluster: &TestCluster) -> BTreeSet<String> {
    cluster.all().flat_map(|node| told(cluster, node, "sends")).collect()
}

/// The messages that the owner of a node has been given, in their order. What a restart recalls
/// counts if it was not told before.
fn delivered(cluster: &TestCluster, node: usize) -> Vec<String> {
    let mut known = BTreeSet::new();
    told(cluster, node, "delivers").filter(|id| known.insert(id.clone())).collect()
}

/// The names of the messages in the outputs with this verb.
fn told<'a>(
    cluster: &'a TestCluster,
    node: usize,
    verb: &'a str,
) -> impl Iterator<Item = String> + 'a {
    cluster.nodes[node].outputs.iter().filter_map(move |(_, text)| {
        let text = text.strip_prefix("recalls that it ").unwrap_or(text);
        let rest = text.strip_prefix(verb)?;
        rest.split_whitespace().next().map(str::to_owned)
    })
}

#[expect(clippy::disallowed_methods, reason = "how many kills there are is no part of any")]
fn kills() -> usize {
    std::env::var("REHEARSAL_GROUP_KILLS").map_or(10, |kills| kills.parse().expect("a number"))
}
