//! What happened to a process is what the machine alone does again.

use rehearsal::real::{FollowScript, Kept, reopen};
use rehearsal::sim::{Nodes, Protocol};
use rehearsal::tcp::recording::{Recording, replay};

use super::test_cluster::TestCluster;

/// Every recorded life of a node has the same effects again, to the byte; a
/// life that ended before it could begin to record is in none. Gives how many
/// inputs there were.
pub(crate) fn assert_replays<P: Protocol>(
    cluster: &TestCluster,
    node: usize,
    follow_script: Option<FollowScript<P>>,
) -> usize {
    let recording = Recording::read(&cluster.recording(node)).expect("a kill damages no recording");
    assert!(!recording.lives.is_empty(), "user{} has lived", node + 1);
    for life in &recording.lives {
        let opened =
            reopen::<P>(&Kept::of(&life.header), follow_script).expect("it was right then");
        let nodes = Nodes::all(life.header.nodes);
        let machine =
            P::build(&opened.config, life.header.node, &nodes).expect("it was built then");
        let replayed = replay(life, machine);
        assert!(replayed.is_ok(), "user{}: {}", node + 1, replayed.expect_err("it is one"));
    }
    recording.lives.iter().map(|life| life.steps.len()).sum()
}
