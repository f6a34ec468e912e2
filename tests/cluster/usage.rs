//! Nodes that cannot start, and why.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::bed::Bed;

const CHAT: &str = r#"Chat((
    resend: "100ms",
    election: (form: Hardened(
        answer_wait: "101ms", coordinator_wait: "201ms", heartbeat: "100ms", leader_wait: "500ms",
    )),
))"#;

fn bed(has_keys: bool) -> Bed {
    Bed::new(3, CHAT, "Uniform(\"0ms\", \"50ms\")", has_keys)
}

/// Runs a command that is to end of itself.
fn refusal(bed: &mut Bed, command: &mut Command) -> (Option<i32>, String) {
    bed.start_by(2, command);
    let ended = bed.ended(2);
    (ended.code, ended.errors)
}

#[test]
fn a_node_runs_once_in_its_folder() {
    let mut bed = bed(false);
    bed.start(0);
    bed.until("it is up", |bed| bed.nodes[0].ups == 1);
    let mut again = bed.command(0);
    let (code, told) = refusal(&mut bed, &mut again);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("another process runs this node here"), "{told}");
}

#[test]
fn two_nodes_do_not_share_an_address() {
    let mut bed = bed(false);
    bed.start(0);
    bed.until("it is up", |bed| bed.nodes[0].ups == 1);
    let mut again = bed.command(0);
    again.arg("--folder").arg(bed.path("elsewhere"));
    let (code, told) = refusal(&mut bed, &mut again);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("cannot listen at 127.0.0.1:"), "{told}");
    assert!(told.contains("stop what listens there"), "{told}");
}

#[test]
fn a_folder_is_one_nodes() {
    let mut bed = bed(false);
    bed.start(0);
    bed.until("it is up", |bed| bed.nodes[0].ups == 1);
    assert_eq!(bed.stop(0).code, Some(0));
    let mut other = bed.command(1);
    other.arg("--folder").arg(bed.path("user1"));
    let (code, told) = refusal(&mut bed, &mut other);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("use a folder for each node"), "{told}");
}

#[test]
fn who_is_nobody_in_the_roster_is_told_who_there_is() {
    let mut bed = bed(false);
    for wrong in ["4", "user4", "0", ""] {
        let mut command = super::bed::rehearsal(&["node", "--json", "--me", wrong]);
        command.arg(&bed.roster);
        let (code, told) = refusal(&mut bed, &mut command);
        assert_eq!(code, Some(2), "{told}");
        let remedy = "a number from 1 to 3 or a name (user1, user2, user3)";
        assert!(told.contains(remedy), "{wrong:?}: {told}");
    }
}

#[test]
fn a_node_is_named_by_its_name_as_well() {
    let mut bed = bed(false);
    let mut command = super::bed::rehearsal(&["node", "--json", "--me", "user1"]);
    command.arg(&bed.roster);
    bed.start_by(0, &mut command);
    bed.until("it is up", |bed| bed.nodes[0].ups == 1);
    assert_eq!(bed.stop(0).code, Some(0));
    assert!(bed.path("user1/window.txt").exists(), "its folder has its name, too");
}

#[test]
fn a_key_that_others_can_read_is_none() {
    let mut bed = bed(true);
    let key = bed.path("user1.key");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o640)).expect("it is ours");
    let mut command = bed.command(0);
    let (code, told) = refusal(&mut bed, &mut command);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("user1.key: others can read it (mode 640)"), "{told}");
}

#[test]
fn another_nodes_key_proves_nothing() {
    let mut bed = bed(true);
    let mut command = super::bed::rehearsal(&["node", "--json", "--me", "1"]);
    command.arg(&bed.roster).arg("--key").arg(bed.path("user2.key"));
    let (code, told) = refusal(&mut bed, &mut command);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("user2.key is n2's key, not n1's: name n1's key with `--key`"), "{told}");
}

#[test]
fn a_node_without_its_key_is_told_how_to_have_one() {
    let mut bed = bed(true);
    std::fs::remove_file(bed.path("user1.key")).expect("it is there");
    let mut command = bed.command(0);
    let (code, told) = refusal(&mut bed, &mut command);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("cannot read the key") && told.contains("user1/key"), "{told}");
    assert!(told.contains("rehearsal keygen FILE"), "{told}");
    assert!(!bed.path("user1").exists(), "nothing is begun");
}

#[test]
fn a_wrong_roster_starts_nothing() {
    let mut bed = bed(false);
    let text = std::fs::read_to_string(&bed.roster).expect("it is there");
    std::fs::write(&bed.roster, text.replace("insecure:", "insceure:")).expect("it can be written");
    let mut command = bed.command(0);
    let (code, told) = refusal(&mut bed, &mut command);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("did you mean `insecure`?"), "{told}");
    assert!(!bed.path("user1").exists(), "nothing is begun");
}
