//! Disks that are full, and disks that have changed what they were given.

use std::process::Command;

use super::test_cluster::{TestCluster, paper_windows};

/// The same command, with no file allowed to grow beyond 1,024 bytes.
fn on_a_full_disk(command: &Command) -> Command {
    let mut limited = Command::new("sh");
    // With the signal ignored a write fails as on a full disk.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$@\"", "sh"]);
    limited.arg(command.get_program()).args(command.get_args());
    limited
}

/// Had it acknowledged a message that it did not save, its sender would never
/// say it again, and the window would always lack it.
#[test]
fn a_node_that_cannot_save_stops_before_it_says_what_it_did_not_save() {
    let mut cluster = TestCluster::of_paper();
    let mut limited = on_a_full_disk(&cluster.command(3));
    for node in [0, 1, 2, 4, 5] {
        cluster.start(node);
    }
    cluster.start_by(3, &mut limited);
    let ended = cluster.ended(3);
    assert_eq!(ended.code, Some(1), "{}", ended.errors);
    let told = "n4 has stopped, and has said nothing that it did not save: ";
    assert!(ended.errors.contains(told), "{}", ended.errors);
    let why = "cells.log: cannot write it: File too large";
    assert!(ended.errors.contains(why), "{}", ended.errors);
    // It had begun to hear, and had not heard all.
    let shown = cluster.nodes[3].window.clone();
    assert!(!shown.is_empty() && shown.len() < paper_windows()[3].len(), "{shown:#?}");

    cluster.start(3);
    cluster.until("all windows are right", TestCluster::is_right);
    cluster.stop_all();
    cluster.assert_hears_once(3);
}

#[test]
fn damage_in_the_middle_is_refused_with_what_to_do_and_nothing_is_reset() {
    let mut cluster = TestCluster::of_paper();
    cluster.start_all();
    cluster.until("all windows are right", TestCluster::is_right);
    cluster.stop_all();
    let log = cluster.path("user3/cells.log");
    let mut bytes = std::fs::read(&log).expect("it has saved something");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&log, &bytes).expect("it can be written");
    cluster.start(2);
    let ended = cluster.ended(2);
    assert_eq!(ended.code, Some(3), "{}", ended.errors);
    assert!(ended.errors.contains("user3/cells.log"), "{}", ended.errors);
    assert!(ended.errors.contains("start the node with `--new-life`"), "{}", ended.errors);
    assert_eq!(std::fs::read(&log).expect("it is there"), bytes, "it is as it was");
}
