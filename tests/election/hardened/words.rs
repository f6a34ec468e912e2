//! What single words do: a denial, a vote, a request that comes twice, and the
//! end of settling.

use rehearsal::machine::NodeId;
use rehearsal::protocol::election::Output;

use crate::support::{LEAST, Sketch};

/// The epochs that the node has led in, as counter and leader.
pub(crate) fn led(sketch: &Sketch, node: u32) -> Vec<(u64, u32)> {
    let epoch = |output: &Output| match output {
        Output::Leads { epoch } => epoch.map(|epoch| (epoch.counter, epoch.leader.number())),
        _ => None,
    };
    let node = NodeId::new(node).unwrap();
    sketch.run().world.outputs(node).iter().filter_map(epoch).collect()
}

/// How many elections the node has called.
pub(crate) fn calls(sketch: &Sketch, node: u32) -> usize {
    let node = NodeId::new(node).unwrap();
    let run = sketch.run();
    run.world.outputs(node).iter().filter(|output| matches!(output, Output::Calls)).count()
}

/// Everybody but the resource is cut off from the top for good.
pub(crate) fn refused_top() -> Sketch {
    Sketch::hardened(4, LEAST)
        .with("resource: 4")
        .fault("at: \"110ms\", do: Cut([(1, 3), (2, 3)])")
        .without_calm(400)
}

#[test]
fn a_leader_whose_write_is_refused_takes_a_later_epoch() {
    let sketch = refused_top();
    assert_eq!(led(&sketch, 2)[0], (2, 2));
    assert_eq!(led(&sketch, 3)[..2], [(1, 3), (3, 3)]);
}

/// The top's word that it leads and the second's question are lost, and the
/// first is not there: the second asks the top alone for its vote.
pub(crate) fn unheard_top() -> Sketch {
    Sketch::hardened(3, LEAST)
        .with("majority: true")
        .absent(1)
        .fault("when: Sends(from: 2, to: 3, kind: \"election\"), do: Lose")
        .fault("when: Sends(from: 3, to: 2, kind: \"coordinator\"), do: Lose")
        .expect("Always(OneLeader)")
}

#[test]
fn whoever_is_asked_for_a_vote_by_a_lower_one_answers_instead() {
    let sketch = unheard_top();
    let run = sketch.run();
    run.assert_held();
    assert!(run.tally.sent_of("request") > 0 && led(&sketch, 2).is_empty());
}

/// The first votes for the top, is down for a moment, and is asked by the
/// second, which has heard nothing of the top, for a vote in the same term.
pub(crate) fn forgetful_voter() -> Sketch {
    Sketch::hardened(3, LEAST)
        .with("majority: true")
        .fault("at: \"0ms\", do: Cut([(2, 3)])")
        .fault("when: Sends(from: 3, to: 1, kind: \"coordinator\"), do: Lose")
        .fault("at: \"15ms\", do: Bounce(node: 1, down: \"5ms\")")
        .expect("Always(OneLeaderPerTerm)")
}

#[test]
fn a_vote_outlasts_a_crash() {
    let sketch = forgetful_voter();
    assert_eq!((led(&sketch, 3)[0], led(&sketch, 2)[0].0 > 1), ((1, 3), true));
}

/// The top's request comes twice, and only the second vote arrives.
pub(crate) fn asked_twice() -> Sketch {
    Sketch::hardened(3, LEAST)
        .with("majority: true")
        .absent(1)
        .fault("when: Sends(from: 3, to: 2, kind: \"request\"), do: Duplicate(\"1ms\")")
        .fault("when: Sends(from: 2, to: 3, kind: \"vote\"), do: Lose")
        .without_calm(400)
}

#[test]
fn whoever_is_asked_once_more_votes_once_more() {
    assert_eq!(led(&asked_twice(), 3), [(1, 3)]);
}

/// The first comes back beside a leader above it, and settles.
pub(crate) fn settling_follower() -> Sketch {
    Sketch::hardened(3, LEAST)
        .with("settle: \"300ms\"")
        .fault("at: \"400ms\", do: Bounce(node: 1, down: \"10ms\")")
        .without_calm(1_000)
}

#[test]
fn whoever_follows_a_higher_one_when_it_has_settled_calls_no_election() {
    // One when the run begins, when nobody leads.
    assert_eq!(calls(&settling_follower(), 1), 1);
}
