//! The paper's script by processes that are killed again and again.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal::machine::Time;
use rehearsal::shipped::Chat;
use rehearsal::shipped::chat::follow_script;
use rehearsal::tcp::now;

use super::recordings::assert_replays;
use super::test_cluster::{TestCluster, paper_windows};

/// How often each node is killed in a case.
const KILLS: usize = 3;

/// A case takes some seconds; there are two, or as many as `REHEARSAL_KILLS`
/// says. All hundred:
/// `REHEARSAL_KILLS=100 cargo test --test cluster kills -- --nocapture`.
#[test]
fn six_processes_that_are_killed_at_any_point_lose_nothing_and_say_nothing_twice() {
    let began = now();
    let mut in_the_middle = 0;
    for case in 0..cases() {
        in_the_middle += survives(case);
    }
    let (cases, took) = (cases(), now().since(began));
    let kills = cases as usize * 6 * KILLS;
    println!("{cases} cases, {kills} kills, {in_the_middle} before the script was over, {took:?}");
    assert!(in_the_middle * 2 > kills, "{in_the_middle} of {kills} kills were in time");
}

/// One node is to be killed: so long after so many lines have been heard by all.
struct Kill {
    node: usize,
    lines: usize,
    after: Duration,
    /// When that is, once it is known.
    due: Option<Time>,
}

/// Gives how many kills came before the script was over.
fn survives(case: u64) -> usize {
    let mut chance = ChaCha8Rng::seed_from_u64(case);
    let mut cluster = TestCluster::of_paper();
    cluster.is_recorded = true;
    let mut draw = |below: u32| chance.next_u32() % below;
    let mut kills: Vec<Kill> = Vec::new();
    for node in cluster.all() {
        cluster.start(node);
        kills.extend((0..KILLS).map(|_| Kill {
            node,
            lines: draw(50) as usize,
            after: Duration::from_micros(u64::from(draw(30_000))),
            due: None,
        }));
    }
    let mut in_the_middle = 0;
    while !kills.is_empty() {
        let lines = cluster.nodes.iter().map(|known| known.window.len()).sum();
        for kill in kills.iter_mut().filter(|kill| kill.due.is_none() && kill.lines <= lines) {
            kill.due = Some(now() + kill.after);
        }
        let due = kills.iter().enumerate().filter_map(|(place, kill)| Some((kill.due?, place)));
        let Some((due, place)) = due.min() else {
            cluster.until_news(&format!("case {case}: {lines} lines and more"));
            continue;
        };
        if !cluster.hear_until(due) {
            in_the_middle += usize::from(!cluster.is_right());
            let node = kills.swap_remove(place).node;
            cluster.kill(node);
            cluster.start(node);
        }
    }
    cluster.until(&format!("case {case}: all windows are right"), |cluster| {
        cluster.is_right() && cluster.nodes.iter().all(|known| known.is_shown)
    });
    cluster.stop_all();
    for (node, window) in paper_windows().iter().enumerate() {
        let left = cluster.read(node, "window.txt");
        assert!(left.lines().eq(window), "case {case}, user{}: {left}", node + 1);
        // What is told is saved before: no later life tells it again.
        assert!(cluster.assert_hears_once(node) <= window.len(), "case {case}");
        assert!(assert_replays::<Chat>(&cluster, node, Some(follow_script)) > 0);
    }
    in_the_middle
}

#[expect(clippy::disallowed_methods, reason = "how many cases there are is no part of any")]
fn cases() -> u64 {
    std::env::var("REHEARSAL_KILLS").map_or(2, |cases| cases.parse().expect("a number"))
}
