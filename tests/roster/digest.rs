use rehearsal::real;

use super::scripts::following_script;
use super::{Folder, GOOD, SCRIPT, opened, with};

fn digest(text: &str) -> [u8; 32] {
    opened(text).membership.digest
}

#[test]
fn what_each_node_may_say_in_its_own_way_is_not_in_the_digest() {
    for (part, by) in [
        ("(\n    cluster", "// a comment\n(\n    cluster"),
        ("resend: ", "/* how long */ resend  :  "),
        ("Uniform(\"0ms\"", "Uniform( // at least\n \"0ms\""),
        ("192.0.2.1:2881", "192.0.2.9:9"),
        ("name: \"ann\"", "name: \"anna\""),
        (&"1".repeat(64), &"4".repeat(64)),
        ("\"friends\"", "\"foes\""),
        ("\"50ms\")),\n", "\"50ms\")),\n    also: [],\n"),
    ] {
        assert!(digest(&with(GOOD, part, by)) == digest(GOOD), "{part}");
    }
}

#[test]
fn what_all_nodes_must_agree_about_is_in_the_digest() {
    let node = format!(
        "    (name: \"d\", address: \"[::1]:4\", key: \"ed25519:{}\"),\n    ],",
        "4".repeat(64)
    );
    for (part, by) in [
        ("\"100ms\"", "\"101ms\""),
        ("initial_leader: 3", "initial_leader: 2"),
        ("resend: \"100ms\"", "resend: \"100ms\", tries: 4"),
        ("\"50ms\"", "\"49ms\""),
        ("\"50ms\"))", "\"50ms\"), max_message: 1024)"),
        ("    ],", &node),
    ] {
        assert!(digest(&with(GOOD, part, by)) != digest(GOOD), "{part}");
    }
}

#[test]
fn the_text_of_a_script_that_is_followed_is_in_the_digest_and_its_name_is_not() {
    let other = with(SCRIPT, "hello to you", "hello to yew");
    let files = [("x.ron", GOOD), ("a.txt", SCRIPT), ("b.txt", SCRIPT), ("c.txt", &other)];
    let folder = Folder::with(&files);
    let following = |name: &str| {
        let script = folder.path(name);
        following_script(&folder.path("x.ron"), &script).expect("right").membership.digest
    };
    assert_eq!(following("a.txt"), following("b.txt"));
    assert_ne!(following("a.txt"), following("c.txt"));
    assert_ne!(following("a.txt"), digest(GOOD));
}

#[test]
fn a_digest_is_written_as_64_digits() {
    assert_eq!(real::digest_text(&[0x0a; 32]), "0a".repeat(32));
}

/// Nodes of different builds compare digests: another way to make them is
/// another version.
#[test]
fn a_digest_is_the_same_in_every_build() {
    let digest = real::digest_text(&digest(GOOD));
    assert_eq!(digest, "531945b44150ac1e9f2f26b07317e04367011647627bd165170607d50e00ed80");
}
