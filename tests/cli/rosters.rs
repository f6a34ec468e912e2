//! Rosters and keys from the command line.

use rehearsal::Exit;

use super::{Folder, Ran};

const ROSTER: &str = r#"(
    cluster: "friends",
    protocol: Chat((resend: "100ms", election: (form: Hardened(answer_wait: "150ms",
        coordinator_wait: "300ms", heartbeat: "200ms", leader_wait: "1s")))),
    nodes: [(name: "ann", address: "127.0.0.1:1"), (name: "ben", address: "127.0.0.1:2")],
    network: (delay: Uniform("0ms", "50ms")),
    insecure: true,
)
"#;

fn folder() -> Folder {
    Folder { cli: rehearsal::shipped::cli(), ..Folder::new() }.file("x.ron", ROSTER)
}

#[test]
fn a_right_roster_is_told_with_its_digest() {
    let said = folder().ends("check ./x.ron", Exit::Held);
    let digest = said.strip_prefix("ok    x.ron: 2 nodes of \"friends\", digest ").expect("so");
    assert_eq!(digest.trim_end().len(), 64, "{said}");
}

#[test]
fn a_wrong_roster_is_refused() {
    let folder = folder().file("x.ron", ROSTER.replace("127.0.0.1:2", "10.0.0.2:2"));
    assert!(folder.refused("check ./x.ron").contains("= path: nodes[1].address\n"));
}

#[test]
fn a_roster_is_no_scenario() {
    let complaint = folder().refused("run ./x.ron");
    assert!(complaint.contains("this is a roster"), "{complaint}");
    assert!(complaint.contains("use `rehearsal cluster x.ron`"), "{complaint}");
}

#[test]
fn a_key_is_made_once_and_its_public_half_is_a_rosters() {
    let folder = folder();
    let line = folder.ends("keygen ./ann.key", Exit::Held);
    assert!(line.starts_with("key: \"ed25519:"), "{line}");
    let key = folder.read("ann.key");
    let Ran { exit, out, err } = folder.rehearsal("keygen ./ann.key");
    assert_eq!((exit, out.as_str()), (Exit::Usage, ""));
    assert_eq!(
        err,
        "error: cannot write ann.key: it exists, and a key is never replaced; name a new file\n"
    );
    assert_eq!(folder.read("ann.key"), key);
    let secure = ROSTER
        .replace("    insecure: true,\n", "")
        .replace("127.0.0.1:1\"", &format!("127.0.0.1:1\", {}", line.trim_end()))
        .replace(
            "127.0.0.1:2\"",
            &format!("127.0.0.1:2\", {}", folder.ends("keygen ./b", Exit::Held)),
        );
    folder.file("y.ron", secure).ends("check ./y.ron", Exit::Held);
}

#[test]
fn a_key_that_cannot_be_written_is_a_mistake_of_the_command_line() {
    let Ran { exit, err, .. } = folder().rehearsal("keygen ./nowhere/ann.key");
    assert_eq!(exit, Exit::Usage);
    assert!(err.starts_with("error: cannot write nowhere/ann.key: "), "{err}");
}
