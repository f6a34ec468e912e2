//! A fence by itself, and a top that was only slow.

use rehearsal::machine::NodeId;
use rehearsal::protocol::election::hardened::Fence;
use rehearsal::protocol::election::{Elector as _, Epoch, Output};

use crate::support::{LEAST, Sketch};

fn epoch(counter: u64, leader: usize) -> Epoch {
    Epoch { counter, leader: NodeId::from_index(leader - 1) }
}

#[test]
fn a_fence_lets_nothing_in_that_is_older_than_what_it_has_let_in() {
    let mut fence = Fence::default();
    let tried = [(2, 1), (2, 1), (1, 3), (2, 3), (2, 1), (3, 1)];
    let in_or_out = tried.map(|(counter, leader)| fence.admit(epoch(counter, leader)));
    let latest = epoch(2, 3);
    assert_eq!(in_or_out, [Ok(()), Ok(()), Err(epoch(2, 1)), Ok(()), Err(latest), Ok(()),]);
    assert_eq!(fence.latest(), Some(epoch(3, 1)));
}

#[test]
fn what_no_node_has_is_no_fact() {
    let facts = [
        ("WritesInOrder", "nobody keeps a resource"),
        ("OneTask", "this form has no groups"),
        ("OneCoordinator", "this form has no groups"),
    ];
    for (fact, reason) in facts {
        let run = Sketch::hardened(3, LEAST).expect(format!("Always({fact})")).run();
        assert_eq!(run.reason(), reason);
    }
    let run = Sketch::hardened(3, LEAST).expect("Sometimes(WriteRefused)").run();
    assert_eq!(run.since, [None]);
}

/// The top is paused for so long that the second takes over, and goes on as
/// if nothing had been.
pub(crate) fn slow_top() -> Sketch {
    Sketch::hardened(4, LEAST)
        .with("resource: 4")
        .fault("at: \"210ms\", do: Pause(node: 3, lasts: \"190ms\")")
        .calm(1_000, 2_000)
        .expect("Always(WritesInOrder), Always(EpochsRise)")
        .expect("Eventually(what: Agreed, within: \"101ms\")")
        .expect("Sometimes(TwoLeaders), Sometimes(WriteRefused)")
}

#[test]
fn a_top_that_was_taken_for_dead_leads_beside_the_new_leader_and_cannot_write() {
    let run = slow_top().run();
    run.assert_held();
    assert!(run.since[3].is_some() && run.since[4].is_some(), "{:?}", run.since);
    let resource = NodeId::from_index(3);
    let refused: Vec<_> = run
        .world
        .outputs(resource)
        .iter()
        .filter(|output| matches!(output, Output::Refuses { .. }))
        .collect();
    assert_eq!(refused, [&Output::Refuses { epoch: epoch(1, 3) }]);
    // It leads again, in an epoch of its own that is later than the other's.
    let top = run.world.machine(NodeId::from_index(2)).expect("it is up");
    assert_eq!(top.epoch(), Some(epoch(3, 3)));
}

#[test]
fn a_restarted_resource_still_refuses_the_past() {
    // After the new leader's last write before the old one's, which comes at 410 ms.
    let run = slow_top().fault("at: \"403ms\", do: Bounce(node: 4, down: \"2ms\")").run();
    run.assert_held();
    assert!(run.since[4].is_some());
}
