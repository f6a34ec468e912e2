//! A roster that is wrong is refused with its place, its path and a remedy.

use super::{GOOD, open, with};

/// Place and path, what is wrong, and the remedy.
#[track_caller]
fn is_told((part, by): (&str, &str), (place, path): (&str, &str), wrong: &str, remedy: &str) {
    let complaint = open(&with(GOOD, part, by)).err().expect("a refusal");
    let first = complaint.lines().next().unwrap_or_default();
    assert!(first.ends_with(&format!("--> x.ron:{place}")), "{complaint}");
    assert!(complaint.contains(&format!("= path: {path}\n")), "{complaint}");
    assert!(complaint.contains(&format!("^ {wrong}")), "{complaint}");
    assert!(complaint.contains(remedy), "{complaint}");
}

const KEY: &str = "ed25519:1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn the_roster_is_right_but_for_what_each_test_changes() {
    super::opened(GOOD);
}

#[test]
fn misspelt_fields_are_told_the_right_ones() {
    let meant = "= help: did you mean `cluster`?";
    is_told(("cluster", "clustre"), ("2:5", "clustre"), "unknown field `clustre`", meant);
    let row = ("address: \"192.0.2.1", "adress: \"192.0.2.1");
    let meant = "= help: did you mean `address`?";
    is_told(row, ("8:23", "nodes[0].adress"), "unknown field `adress`", meant);
}

#[test]
fn a_cluster_has_a_name_and_somebody_in_it() {
    let wrong = "a cluster's name must have 1 to 64 bytes";
    is_told(("\"friends\"", "\"\""), ("2:14", "cluster"), wrong, "= help: give a word");
    is_told(("friends", &"x".repeat(65)), ("2:14", "cluster"), wrong, "= help: give a word");
    let nodes = GOOD.find("nodes").expect("it is there")..GOOD.find("\n    network").expect("so");
    let all = &GOOD[nodes];
    is_told(
        (all, "nodes: [],"),
        ("7:12", "nodes"),
        "a cluster needs at least one node",
        "= help: list the",
    );
}

#[test]
fn nodes_have_names_of_their_own() {
    let taken = "n1 has this name, too";
    let own = "= help: give each node its own name";
    is_told(("\"ben\"", "\"ann\""), ("9:16", "nodes[1].name"), taken, own);
    is_told(
        ("\"ben\"", "\" \""),
        ("9:16", "nodes[1].name"),
        "an empty name",
        "= help: give a word",
    );
}

#[test]
fn names_have_no_characters_that_a_reader_cannot_see() {
    for hidden in [r"\n", r"\u{1b}", r"\u{202e}"] {
        let wrong = format!("a name with the character `{hidden}`, which no reader can see");
        let remedy = "= help: leave the character out";
        let name = format!("\"be{hidden}n\"");
        is_told(("\"ben\"", &name), ("9:16", "nodes[1].name"), &wrong, remedy);
        is_told(("\"friends\"", &name), ("2:14", "cluster"), &wrong, remedy);
    }
}

#[test]
fn nodes_have_addresses_of_their_own() {
    let remedy = "= help: write an IP address and a port: `127.0.0.1:2881`";
    for address in ["localhost:2881", "192.0.2.2", "192.0.2.2:0", "192.0.2.2:65536", ""] {
        let wrong = format!("`{address}` is not where a node can be reached");
        is_told(("192.0.2.2:2881", address), ("9:32", "nodes[1].address"), &wrong, remedy);
    }
    let same = "n1 and n2 have the same address";
    let own = "= help: give each node its own port";
    is_told(("192.0.2.2", "192.0.2.1"), ("9:32", "nodes[1].address"), same, own);
}

#[test]
fn nodes_have_keys_of_their_own() {
    let make = "`rehearsal keygen";
    let none = format!(", key: \"{KEY}\"");
    is_told((&none, ""), ("8:9", "nodes[0]"), "n1 has no key", make);
    is_told((KEY, "ed25519:11"), ("8:55", "nodes[0].key"), "this is no public key", make);
    let same = "n1 and n2 have the same key";
    is_told((&"2".repeat(64), &"1".repeat(64)), ("9:55", "nodes[1].key"), same, make);
}

#[test]
fn an_insecure_roster_has_no_keys_and_stays_within_one_machine() {
    let insecure = with(GOOD, "\"friends\"", "\"friends\", insecure: true");
    let complaint = open(&insecure).err().expect("a refusal");
    assert!(complaint.contains("= path: nodes[0].key\n"), "{complaint}");
    assert!(complaint.contains("a key that is never used"), "{complaint}");
    let keys =
        [1, 2, 3].map(|digit| format!(", key: \"ed25519:{}\"", digit.to_string().repeat(64)));
    let keyless = keys.iter().fold(insecure, |text, key| with(&text, key, ""));
    let complaint = open(&keyless).err().expect("a refusal");
    assert!(complaint.contains("= path: nodes[0].address\n"), "{complaint}");
    assert!(complaint.contains("n1 has an address outside this computer"), "{complaint}");
    assert!(complaint.contains("leave out `insecure: true`; or use 127.0.0.1"), "{complaint}");
}

#[test]
fn what_the_real_network_does_cannot_be_configured() {
    let wrong = "what a real network does to messages cannot be configured";
    let remedy = "= help: leave it out: a roster presumes delays and `max_message`";
    for (field, column) in [
        ("loss: \"1/100\"", 52),
        ("corrupt: \"1/100\"", 55),
        ("duplicate: \"1/100\"", 57),
        ("reorder: (share: \"1/2\", by: \"1ms\")", 55),
        ("bandwidth: (rate: 1000)", 57),
        ("fifo: Links([(1, 2)])", 52),
    ] {
        let (name, _) = field.split_once(':').expect("a field");
        let by = format!("\"50ms\"), {field})");
        let place = (format!("12:{column}"), format!("network.{name}"));
        is_told(("\"50ms\"))", &by), (&place.0, &place.1), wrong, remedy);
    }
}

#[test]
fn a_network_that_cannot_be_presumed_is_refused() {
    let of = |field: &str| format!("\"50ms\"), {field})");
    let part = "\"50ms\"))";
    let most = "a message has 16777216 bytes at most";
    let place = ("12:59", "network.max_message");
    is_told((part, &of("max_message: 16777217")), place, most, "= help: each is kept in memory");
    let none = "no message is as small as that";
    is_told((part, &of("max_message: 0")), place, none, "= help: give the bytes of the largest");
    let rows = "1 rows for 3 nodes";
    let latency = of("latency: [[\"0ms\"]]");
    is_told((part, &latency), ("12:55", "network.latency"), rows, "= help: give a row");
}

#[test]
fn a_digest_of_another_configuration_has_64_digits() {
    for digest in ["9f", "x"] {
        let by = format!("\"friends\", also: [\"{digest}\"]");
        let wrong = "this is no digest of a configuration";
        is_told(("\"friends\"", &by), ("2:32", "also[0]"), wrong, "`rehearsal check` says");
    }
}

#[test]
fn more_configurations_than_a_handshake_can_name_are_refused() {
    let digests = vec![format!("\"{}\"", "9f".repeat(32)); 9].join(", ");
    let by = format!("\"friends\", also: [{digests}]");
    let wrong = "nodes of 8 other configurations are let in at most";
    let remedy = "= help: leave out those that no node runs any more";
    is_told(("\"friends\"", &by), ("2:576", "also[8]"), wrong, remedy);
}

#[test]
fn what_the_protocol_refuses_is_told_in_its_place() {
    let way = "an answer can take 100ms, two message delays, and is waited for 75ms";
    let path = "protocol.Chat.election.form.Paper.answer_wait";
    is_told(("\"150ms\"", "\"15ms\""), ("5:45", path), way, "= help: wait 20ms at least");
    let leader = "there is no node 4 to lead";
    let path = "protocol.Chat.election.initial_leader";
    let of = ("initial_leader: 3", "initial_leader: 4");
    is_told(of, ("5:98", path), leader, "= help: nodes are numbered from 1 to 3");
}

#[test]
fn attributes_are_refused() {
    let complaint = open(&format!("#![enable(implicit_some)]\n{GOOD}")).err().expect("a refusal");
    assert!(complaint.contains("a roster has no attributes"), "{complaint}");
}

#[test]
fn no_slip_of_the_hand_makes_more_than_a_complaint() {
    for (at, letter) in GOOD.char_indices() {
        let (before, behind) = (&GOOD[..at], &GOOD[at + letter.len_utf8()..]);
        for text in [before.to_owned(), format!("{before}{behind}"), format!("{before}({behind}")] {
            let _ = open(&text);
        }
    }
}
