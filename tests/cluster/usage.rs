//! Nodes that cannot start, and why.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::test_cluster::TestCluster;

const CHAT: &str = r#"Chat((
    resend: "100ms",
    election: (form: Hardened(
        answer_wait: "101ms", coordinator_wait: "201ms", heartbeat: "100ms", leader_wait: "500ms",
    )),
))"#;

fn cluster(has_keys: bool) -> TestCluster {
    TestCluster::new(3, CHAT, "Uniform(\"0ms\", \"50ms\")", has_keys)
}

/// Runs a command that is to end of itself.
fn refusal(cluster: &mut TestCluster, command: &mut Command) -> (Option<i32>, String) {
    cluster.start_by(2, command);
    let ended = cluster.ended(2);
    (ended.code, ended.errors)
}

#[test]
fn a_node_runs_once_in_its_folder() {
    let mut cluster = cluster(false);
    cluster.start(0);
    cluster.until("it is up", |cluster| cluster.nodes[0].ups == 1);
    let mut again = cluster.command(0);
    let (code, told) = refusal(&mut cluster, &mut again);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("another process runs this node"), "{told}");
}

#[test]
fn two_nodes_do_not_share_an_address() {
    let mut cluster = cluster(false);
    cluster.start(0);
    cluster.until("it is up", |cluster| cluster.nodes[0].ups == 1);
    let mut again = cluster.command(0);
    again.arg("--folder").arg(cluster.path("elsewhere"));
    let (code, told) = refusal(&mut cluster, &mut again);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("cannot listen at 127.0.0.1:"), "{told}");
    assert!(told.contains("stop what listens there"), "{told}");
}

#[test]
fn a_folder_is_one_nodes() {
    let mut cluster = cluster(false);
    cluster.start(0);
    cluster.until("it is up", |cluster| cluster.nodes[0].ups == 1);
    assert_eq!(cluster.stop(0).code, Some(0));
    let mut other = cluster.command(1);
    other.arg("--folder").arg(cluster.path("user1"));
    let (code, told) = refusal(&mut cluster, &mut other);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("use a separate folder for each node"), "{told}");
}

#[test]
fn who_is_nobody_in_the_roster_is_told_who_there_is() {
    let mut cluster = cluster(false);
    for wrong in ["4", "user4", "0", ""] {
        let mut command = super::test_cluster::rehearsal(&["node", "--json", "--me", wrong]);
        command.arg(&cluster.roster);
        let (code, told) = refusal(&mut cluster, &mut command);
        assert_eq!(code, Some(2), "{told}");
        let remedy = "a number from 1 to 3 or a name (user1, user2, user3)";
        assert!(told.contains(remedy), "{wrong:?}: {told}");
    }
}

#[test]
fn a_node_is_named_by_its_name_as_well() {
    let mut cluster = cluster(false);
    let mut command = super::test_cluster::rehearsal(&["node", "--json", "--me", "user1"]);
    command.arg(&cluster.roster);
    cluster.start_by(0, &mut command);
    cluster.until("it is up", |cluster| cluster.nodes[0].ups == 1);
    assert_eq!(cluster.stop(0).code, Some(0));
    assert!(cluster.path("user1/window.txt").exists(), "its folder has its name, too");
}

#[test]
fn a_key_that_others_can_read_is_none() {
    let mut cluster = cluster(true);
    let key = cluster.path("user1.key");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o640)).expect("it is ours");
    let mut command = cluster.command(0);
    let (code, told) = refusal(&mut cluster, &mut command);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("user1.key: other users can access it (mode 640)"), "{told}");
}

#[test]
fn another_nodes_key_proves_nothing() {
    let mut cluster = cluster(true);
    let mut command = super::test_cluster::rehearsal(&["node", "--json", "--me", "1"]);
    command.arg(&cluster.roster).arg("--key").arg(cluster.path("user2.key"));
    let (code, told) = refusal(&mut cluster, &mut command);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("user2.key is n2's key, not n1's: name n1's key with `--key`"), "{told}");
}

#[test]
fn a_node_without_its_key_is_told_how_to_have_one() {
    let mut cluster = cluster(true);
    std::fs::remove_file(cluster.path("user1.key")).expect("it is there");
    let mut command = cluster.command(0);
    let (code, told) = refusal(&mut cluster, &mut command);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("cannot read the key") && told.contains("user1/key"), "{told}");
    assert!(told.contains("rehearsal keygen FILE"), "{told}");
    assert!(!cluster.path("user1").exists(), "nothing is begun");
}

#[test]
fn a_wrong_roster_starts_nothing() {
    let mut cluster = cluster(false);
    let text = std::fs::read_to_string(&cluster.roster).expect("it is there");
    std::fs::write(&cluster.roster, text.replace("insecure:", "insceure:"))
        .expect("it can be written");
    let mut command = cluster.command(0);
    let (code, told) = refusal(&mut cluster, &mut command);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("did you mean `insecure`?"), "{told}");
    assert!(!cluster.path("user1").exists(), "nothing is begun");
}
