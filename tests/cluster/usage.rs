//! Nodes that cannot start, and why.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::test_cluster::{TestCluster, rehearsal};

fn cluster(has_keys: bool) -> TestCluster {
    TestCluster::of_chat(3, has_keys)
}

/// `rehearsal node ROSTER --json --me ME`.
fn node(cluster: &TestCluster, me: &str) -> Command {
    let mut command = rehearsal(&["node", "--json", "--me", me]);
    command.arg(&cluster.roster);
    command
}

/// Runs a command, which must end by itself with this code and print all these texts.
#[track_caller]
fn assert_refused(cluster: &mut TestCluster, mut command: Command, code: i32, why: &[&str]) {
    cluster.start_by(2, &mut command);
    let ended = cluster.ended(2);
    assert_eq!(ended.code, Some(code), "{}", ended.errors);
    for part in why {
        assert!(ended.errors.contains(part), "{part:?} in {command:?}: {}", ended.errors);
    }
}

#[test]
fn a_node_runs_once_in_its_folder() {
    let mut cluster = cluster(false);
    cluster.start_up(0);
    let again = cluster.command(0);
    assert_refused(&mut cluster, again, 2, &["another process runs this node"]);
}

#[test]
fn two_nodes_do_not_share_an_address() {
    let mut cluster = cluster(false);
    cluster.start_up(0);
    let mut again = cluster.command(0);
    again.arg("--folder").arg(cluster.path("elsewhere"));
    let why = ["cannot listen at 127.0.0.1:", "stop what listens there"];
    assert_refused(&mut cluster, again, 2, &why);
}

#[test]
fn a_folder_is_one_nodes() {
    let mut cluster = cluster(false);
    cluster.start_up(0);
    assert_eq!(cluster.stop(0).code, Some(0));
    let mut other = cluster.command(1);
    other.arg("--folder").arg(cluster.path("user1"));
    assert_refused(&mut cluster, other, 3, &["use a separate folder for each node"]);
}

#[test]
fn who_is_nobody_in_the_roster_is_told_who_there_is() {
    let mut cluster = cluster(false);
    for wrong in ["4", "user4", "0", ""] {
        let command = node(&cluster, wrong);
        let remedy = "a number from 1 to 3 or a name (user1, user2, user3)";
        assert_refused(&mut cluster, command, 2, &[remedy]);
    }
}

#[test]
fn a_node_is_named_by_its_name_as_well() {
    let mut cluster = cluster(false);
    let mut command = node(&cluster, "user1");
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
    let command = cluster.command(0);
    let why = "user1.key: other users can access it (mode 640)";
    assert_refused(&mut cluster, command, 2, &[why]);
}

#[test]
fn another_nodes_key_proves_nothing() {
    let mut cluster = cluster(true);
    let mut command = node(&cluster, "1");
    command.arg("--key").arg(cluster.path("user2.key"));
    let why = "user2.key is n2's key, not n1's: name n1's key with `--key`";
    assert_refused(&mut cluster, command, 2, &[why]);
}

#[test]
fn a_node_without_its_key_is_told_how_to_have_one() {
    let mut cluster = cluster(true);
    std::fs::remove_file(cluster.path("user1.key")).expect("it is there");
    let command = cluster.command(0);
    let why = ["cannot read the key", "user1/key", "rehearsal keygen FILE"];
    assert_refused(&mut cluster, command, 2, &why);
    assert!(!cluster.path("user1").exists(), "nothing is begun");
}

#[test]
fn a_wrong_roster_starts_nothing() {
    let mut cluster = cluster(false);
    let text = std::fs::read_to_string(&cluster.roster).expect("it is there");
    std::fs::write(&cluster.roster, text.replace("insecure:", "insceure:"))
        .expect("it can be written");
    let command = cluster.command(0);
    assert_refused(&mut cluster, command, 3, &["did you mean `insecure`?"]);
    assert!(!cluster.path("user1").exists(), "nothing is begun");
}
