//! A full election of many nodes: the lowest misses the leader, so that
//! everybody asks everybody above.

use super::support::{Sketch, textbook};

#[test]
fn a_full_election_of_many_nodes_costs_what_its_closed_form_says() {
    #[expect(clippy::disallowed_methods, reason = "how large is up to who runs the tests")]
    let n = std::env::var("REHEARSAL_NODES").map_or(200, |nodes| nodes.parse().unwrap());
    let run = Sketch::of(textbook(2), n, 1).without_expectation().suspects(1, 0).run();
    let steps = u64::from(n - 1);
    assert_eq!(run.tally.sent_in_all(), steps * steps + u64::from(n) - 2);
    let beliefs = run.beliefs();
    assert!(beliefs[..beliefs.len() - 1].iter().all(|leader| *leader == Some(n - 1)));
    println!("{n} nodes: {} messages", run.tally.sent_in_all());
}
