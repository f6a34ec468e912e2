//! A protocol that is no chat, and the file that the paper has its leader keep.

use super::test_cluster::TestCluster;

/// The paper's example and one edge more, which closes a cycle.
const DEADLOCK: &str = r#"Deadlock((
    detector: Paper(period: "300ms", window: "100ms", ask: "40ms"),
    election: (form: Paper(answer_wait: "40ms", coordinator_wait: "240ms"), initial_leader: 6),
    needs: [(node: 1, of: [3, 6, 4]), (node: 3, of: [5, 6]), (node: 5, of: [1])],
))"#;

#[test]
fn a_leader_keeps_who_waits_for_whom_in_tpoint_txt() {
    let mut cluster = TestCluster::new(6, DEADLOCK, "Uniform(\"0ms\", \"20ms\")", false);
    cluster.start_all();
    cluster.until("n6 finds the cycle", |cluster| {
        cluster.nodes[5].outputs.iter().any(|(_, text)| text.contains("n1 -> n3 -> n5 -> n1"))
    });
    cluster.stop_all();
    let table = cluster.read(5, "tpoint.txt");
    let mut edges: Vec<_> = table.lines().collect();
    edges.sort_unstable();
    assert_eq!(edges, ["1 3", "1 4", "1 6", "3 5", "3 6", "5 1"]);
}
