//! Disks that are full, and disks that have changed what they were given.

use std::process::Command;

use super::test_cluster::{TestCluster, paper_windows};

const CHAT: &str = r#"Chat((
    mode: Script((form: Repaired, script: "text.txt", resend: "20ms")),
    resend: "20ms",
    election: (form: Hardened(
        answer_wait: "101ms", coordinator_wait: "201ms", heartbeat: "100ms", leader_wait: "500ms",
    )),
))"#;

fn cluster() -> TestCluster {
    TestCluster::new(6, CHAT, "Uniform(\"0ms\", \"50ms\")", false)
}

/// The same command, with no file allowed to grow beyond 512 bytes.
fn on_a_full_disk(command: &Command) -> Command {
    let mut limited = Command::new("sh");
    // With the signal ignored a write fails as on a full disk.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"]);
    limited.arg(command.get_program()).args(command.get_args());
    limited
}

/// Had it acknowledged a message that it did not save, its sender would never
/// say it again, and the window would lack it for ever.
#[test]
fn a_node_that_cannot_save_stops_before_it_says_what_it_did_not_save() {
    let expected = paper_windows();
    let mut cluster = cluster();
    let mut limited = on_a_full_disk(&cluster.command(3));
    for node in [0, 1, 2, 4, 5] {
        cluster.start(node);
    }
    cluster.start_by(3, &mut limited);
    let ended = cluster.ended(3);
    assert_eq!(ended.code, Some(1), "{}", ended.errors);
    let told = "n4 has stopped, and has said nothing that it did not save: ";
    assert!(ended.errors.contains(told), "{}", ended.errors);
    assert!(
        ended.errors.contains("cells.log: cannot write it: File too large"),
        "{}",
        ended.errors
    );
    // It had begun to hear, and had not heard all.
    let shown = cluster.nodes[3].window.clone();
    assert!(!shown.is_empty() && shown.len() < expected[3].len(), "{shown:#?}");

    cluster.start(3);
    cluster.until("all windows are right", |cluster| {
        cluster.nodes.iter().map(|known| &known.window).eq(&expected)
    });
    cluster.stop_all();
    let mut told: Vec<_> =
        cluster.nodes[3].outputs.iter().filter(|(_, text)| text.starts_with("hears")).collect();
    let all = told.len();
    told.sort_by(|one, other| one.1.cmp(&other.1));
    told.dedup_by(|one, other| one.1 == other.1);
    assert_eq!(told.len(), all, "nothing is told twice");
}

#[test]
fn damage_in_the_middle_is_refused_with_what_to_do_and_nothing_is_reset() {
    let expected = paper_windows();
    let mut cluster = cluster();
    cluster.start_all();
    cluster.until("all windows are right", |cluster| {
        cluster.nodes.iter().map(|known| &known.window).eq(&expected)
    });
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
    assert!(ended.errors.contains("restore the folder from a backup"), "{}", ended.errors);
    assert_eq!(std::fs::read(&log).expect("it is there"), bytes, "it is as it was");
}
