//! A scenario that is wrong is refused with its place, its path and a remedy.

use super::{Folder, with};

pub(super) const GOOD: &str = r#"(
    claim: "A crash is survived.",
    protocol: Script((form: Repaired, script: "paper-50.txt", resend: "50ms")),
    nodes: 6,
    network: (delay: Fixed("10ms"), loss: "0/1"),
    faults: [
        (at: "100ms", do: Crash(3)),
    ],
    calm_at: "1s",
    until: "3s",
    expect: [Eventually(what: AllDelivered, within: "2s")],
)
"#;

/// The complaint about the scenario with one part of it replaced, which must
/// be the same from every command that reads one.
#[track_caller]
pub(super) fn complaint(part: &str, by: &str) -> String {
    let folder = Folder::with_paper().file("x.ron", with(GOOD, part, by));
    let complaint = folder.refused("run ./x.ron --trace ./t.jsonl --plan ./p.ron");
    assert_eq!(folder.refused("check ./x.ron"), complaint);
    complaint
}

/// Place, path, what is wrong, and the remedy.
#[track_caller]
pub(super) fn is_told(
    (part, by): (&str, &str),
    (place, path): (&str, &str),
    wrong: &str,
    remedy: &str,
) {
    let complaint = complaint(part, by);
    let first = complaint.lines().next().unwrap_or_default();
    assert!(first.ends_with(&format!("--> x.ron:{place}")), "{complaint}");
    assert!(complaint.contains(&format!("= path: {path}\n")), "{complaint}");
    assert!(complaint.contains(&format!("^ {wrong}\n")), "{complaint}");
    assert!(complaint.contains(&format!("= help: {remedy}\n")), "{complaint}");
}

#[test]
fn the_scenario_is_right_but_for_what_each_test_changes() {
    let folder = Folder::with_paper().file("x.ron", GOOD);
    assert_eq!(folder.ends("check ./x.ron", rehearsal::Exit::Held), "ok    x.ron\n");
}

#[test]
fn a_misspelt_protocol_field_is_told_the_right_name() {
    let remedy = "did you mean `protocol` by `protocl`?";
    is_told(("protocol", "protocl"), ("3:14", "protocl"), "missing field `protocol`", remedy);
}

#[test]
fn a_misspelt_field_is_told_the_right_ones() {
    insta::assert_snapshot!(complaint("do: Crash", "doo: Crash"), @r#"
     --> x.ron:7:23
      |
    7 |         (at: "100ms", doo: Crash(3)),
      |                       ^^^ unknown field `doo`
      |
      = path: faults[0].doo
      = expected: `at`, `when`, `every`, `do` or `name`
      = help: did you mean `do`?
    "#);
}

#[test]
fn a_misspelt_protocol_is_told_the_registered_ones() {
    insta::assert_snapshot!(complaint("Script(", "Scrip("), @r#"
     --> x.ron:3:15
      |
    3 |     protocol: Scrip((form: Repaired, script: "paper-50.txt", resend: "50ms")),
      |               ^^^^^ unknown protocol `Scrip`
      |
      = path: protocol
      = expected: `Script`
      = help: did you mean `Script`?
    "#);
}

#[test]
fn a_node_that_does_not_exist_is_underlined() {
    insta::assert_snapshot!(complaint("Crash(3)", "Crash(9)"), @r#"
     --> x.ron:7:33
      |
    7 |         (at: "100ms", do: Crash(9)),
      |                                 ^ there is no node 9 of 6
      |
      = path: faults[0].do.Crash
      = help: nodes are 1 to 6
    "#);
    let wrong = "there is no node 9 of 6";
    let at = ("7:42", "faults[0].do.Partition[0][1]");
    is_told(("Crash(3)", "Partition([[1, 9]])"), at, wrong, "nodes are 1 to 6");
    let at = ("7:28", "faults[0].when.Sends.from");
    is_told((r#"at: "100ms""#, "when: Sends(from: 9)"), at, wrong, "nodes are 1 to 6");
}

#[test]
fn a_ratio_above_one_is_refused() {
    insta::assert_snapshot!(complaint("0/1", "5/3"), @r#"
     --> x.ron:5:43
      |
    5 |     network: (delay: Fixed("10ms"), loss: "5/3"),
      |                                           ^^^^^ `5/3` is more than certain
      |
      = path: network.loss
      = help: write it as a fraction from "0/1" to "1/1": "3/100"
    "#);
}

#[test]
fn an_eventually_that_is_due_after_the_end_is_told_the_time() {
    insta::assert_snapshot!(complaint(r#"within: "2s""#, r#"within: "4s""#), @r#"
      --> x.ron:11:53
       |
    11 |     expect: [Eventually(what: AllDelivered, within: "4s")],
       |                                                     ^^^^ the run ends at 3s, before this is due
       |
       = path: expect[0].Eventually.within
       = help: calm is at 1s: set `until` to 5s or later
    "#);
}

#[test]
fn an_eventually_without_a_calm_is_refused() {
    let wrong = "`Eventually` counts from the calm, and there is none";
    let at = ("10:14", "expect[0]");
    is_told(("    calm_at: \"1s\",\n", ""), at, wrong, "give the scenario a `calm_at`");
}

#[test]
fn a_field_given_twice_is_refused() {
    let wrong = "field `nodes` appears twice";
    let twice = ("nodes: 6,", "nodes: 6,\n    nodes: 6,");
    is_told(twice, ("5:5", "nodes"), wrong, "remove one of the two");
}

#[test]
fn a_negative_time_is_refused() {
    let remedy = "write it with a unit, ns, us, ms, s, min or h: \"10ms\"";
    let wrong = "a span of time cannot be negative";
    is_told(("\"100ms\"", "\"-100ms\""), ("7:14", "faults[0].at"), wrong, remedy);
    is_told(("\"100ms\"", "-100"), ("7:14", "faults[0].at"), wrong, remedy);
}

#[test]
fn a_misspelt_form_is_told_the_right_ones() {
    let at = ("3:29", "protocol.Script.form");
    let wrong = "unknown variant `Repared`";
    is_told(("Repaired", "Repared"), at, wrong, "did you mean `Repaired`?");
}

#[test]
fn a_missing_field_is_missed_in_its_struct() {
    let missing = complaint(r#", resend: "50ms""#, "");
    assert!(missing.starts_with(" --> x.ron:3:22\n"), "{missing}");
    assert!(missing.contains("^ missing field `resend`\n"), "{missing}");
    assert!(missing.contains("= path: protocol.Script\n"), "{missing}");
    let missing = complaint("    nodes: 6,\n", "");
    assert!(missing.starts_with(" --> x.ron:1:1\n"), "{missing}");
    assert!(missing.contains("^ missing field `nodes`\n"), "{missing}");
}

#[test]
fn a_configuration_without_its_own_parentheses_is_shown_them() {
    let missing = complaint("Script((form: Repaired,", "Script((), form: Repaired, (");
    assert!(missing.contains("a struct has parentheses of its own: `Script((..))`"), "{missing}");
}

#[test]
fn a_fault_that_never_comes_is_refused() {
    let wrong = "a fault at 3s never comes: the run ends at 3s";
    let remedy = "let it happen sooner, or set `until` to a later time";
    is_told(("\"100ms\"", "\"3s\""), ("7:14", "faults[0].at"), wrong, remedy);
}

#[test]
fn a_fault_after_the_calm_is_refused() {
    let wrong = "a fault after the calm, which begins at 1s";
    let remedy = "after the calm nodes may only be restarted";
    is_told(("\"100ms\"", "\"1s\""), ("7:14", "faults[0].at"), wrong, remedy);
}

#[test]
fn an_end_that_is_not_after_the_calm_is_refused() {
    let wrong = "`until` is not after `calm_at`, which is 1s";
    let remedy = "what is expected after the calm needs time: let the run end later";
    is_told((r#"until: "3s""#, r#"until: "1s""#), ("10:12", "until"), wrong, remedy);
}

#[test]
fn a_partition_that_names_a_node_twice_is_refused() {
    let at = ("7:50", "faults[0].do.Partition[1][1]");
    let sides = ("Crash(3)", "Partition([[1, 2], [3, 2]])");
    is_told(sides, at, "node 2 stands twice", "a node is on one side of a partition");
}

#[test]
fn a_latency_matrix_of_the_wrong_size_is_refused() {
    let remedy = "give a row for every sender, and in it a span for every receiver";
    let row = (r#"loss: "0/1""#, r#"latency: [["1ms"]]"#);
    is_told(row, ("5:46", "network.latency"), "1 rows for 6 nodes", remedy);
    let rows = format!("latency: [{}]", [r#"["1ms"]"#; 6].join(", "));
    let column = (r#"loss: "0/1""#, rows.as_str());
    is_told(column, ("5:47", "network.latency[0]"), "1 spans for 6 nodes", remedy);
}

#[test]
fn a_loss_without_a_message_is_refused() {
    let wrong = "this acts on a message, and no message is named";
    let at = ("7:27", "faults[0].do");
    is_told(("Crash(3)", "Lose"), at, wrong, "give `when: Sends(..)`");
}

#[test]
fn a_fault_with_both_a_time_and_an_event_is_refused_as_is_one_with_neither() {
    let wrong = "a fault strikes at a time, on an event, or again and again";
    let remedy = "give exactly one of `at`, `when` and `every`";
    let at = ("7:9", "faults[0]");
    is_told((r#"at: "100ms""#, r#"at: "100ms", when: Sends()"#), at, wrong, remedy);
    is_told((r#"at: "100ms", "#, ""), at, wrong, remedy);
}

#[test]
fn the_event_before_the_first_is_refused() {
    let at = ("7:27", "faults[0].when.Sends.nth");
    let wrong = "events are counted from 1";
    is_told((r#"at: "100ms""#, "when: Sends(nth: 0)"), at, wrong, "the first one is `nth: 1`");
}

#[test]
fn a_number_of_nodes_other_than_the_scripts_is_refused() {
    let at = ("3:47", "protocol.Script.script");
    let wrong = "the script has 6 users, and there are 7 nodes";
    is_told(("nodes: 6", "nodes: 7"), at, wrong, "let there be a node for each user: 6");
    let none = complaint("nodes: 6", "nodes: 0");
    assert!(none.starts_with(" --> x.ron:4:12\n"), "{none}");
    assert!(none.contains("^ there can be 1 to 1048576 nodes\n"), "{none}");
}

#[test]
fn a_script_that_is_not_beside_the_scenario_is_refused() {
    let at = ("3:47", "protocol.Script.script");
    let wrong = "cannot read `paper.txt`: No such file or directory (os error 2)";
    let remedy = "the path is relative to the folder of the file that names it";
    is_told(("paper-50.txt", "paper.txt"), at, wrong, remedy);
    let wrong = "`/etc/hosts` is not relative to the file that names it";
    let remedy = "name it as seen from the folder of that file";
    is_told(("paper-50.txt", "/etc/hosts"), at, wrong, remedy);
}

#[test]
fn a_scenario_without_a_claim_is_refused() {
    let remedy = "say in a sentence what it demonstrates";
    let empty = ("A crash is survived.", " ");
    is_told(empty, ("2:12", "claim"), "a scenario needs a claim", remedy);
}
