//! A scenario that is wrong is refused with its place, its path and a remedy.

use rehearsal::Exit;

use super::mistakes::Right;
use super::{Folder, with};

pub(super) const SCENARIO: Right = Right {
    name: "x.ron",
    text: r#"(
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
"#,
    complaint,
};

/// The complaint about a scenario, which must be the same from every command that reads one.
#[track_caller]
fn complaint(scenario: &str) -> String {
    let folder = Folder::with_paper().file("x.ron", scenario);
    let complaint = folder.refused("run ./x.ron --trace ./t.jsonl --plan ./p.ron");
    assert_eq!(folder.refused("check ./x.ron"), complaint);
    complaint
}

#[track_caller]
fn complaint_with(part: &str, by: &str) -> String {
    complaint(&with(SCENARIO.text, part, by))
}

#[test]
fn a_scenario_is_right_if_no_mistake_is_made() {
    let folder = Folder::with_paper().file("x.ron", SCENARIO.text);
    assert_eq!(folder.ends("check ./x.ron", Exit::Held), "ok    x.ron\n");
}

#[test]
fn a_misspelt_field_is_told_the_right_ones() {
    insta::assert_snapshot!(complaint_with("do: Crash", "doo: Crash"), @r#"
     --> x.ron:7:23
      |
    7 |         (at: "100ms", doo: Crash(3)),
      |                       ^^^ unknown field `doo`
      |
      = path: faults[0].doo
      = expected: `at`, `when`, `each`, `every`, `after`, `from`, `before`, `until`, `times`, `do`, `lasting` or `name`
      = help: did you mean `do`?
    "#);
}

#[test]
fn a_misspelt_protocol_is_told_the_registered_ones() {
    insta::assert_snapshot!(complaint_with("Script(", "Scrip("), @r#"
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
fn an_eventually_that_is_due_after_the_end_is_told_the_time() {
    insta::assert_snapshot!(complaint_with(r#"within: "2s""#, r#"within: "4s""#), @r#"
      --> x.ron:11:53
       |
    11 |     expect: [Eventually(what: AllDelivered, within: "4s")],
       |                                                     ^^^^ the run ends at 3s, before this is due
       |
       = path: expect[0].Eventually.within
       = help: calm is at 1s: set `until` to 5s or later
    "#);
}

const MISTAKES: &str = r#"
! there is no node 9 of 6
= help: nodes are 1 to 6
    Crash(3) => Crash(^9) | faults[0].do.Crash
    Crash(3) => Partition([[1, ^9]]) | faults[0].do.Partition[0][1]
    at: "100ms" => when: Sends(from: ^9) | faults[0].when.Sends.from

! `5/3` is more than certain
= help: write it as a fraction from "0/1" to "1/1": "3/100"
    "0/1" => ^"5/3" | network.loss

! `Eventually` counts from the calm, and there is none
= help: the calm ends all disturbances, cuts and pauses, too: to ask for something while they go on, write `LeadsTo`, or give a `calm_at` and mark the faults that outlive it with `lasting: true`
    calm_at: "1s", => & [Eventually => [^Eventually | expect[0]

! field `nodes` appears twice
= help: remove one of the two
    nodes: 6, => nodes: 6,\n    ^nodes: 6, | nodes

! a span of time cannot be negative
= help: write it with a unit, ns, us, ms, s, min or h: "10ms"
    "100ms" => ^"-100ms" | faults[0].at
    "100ms" => ^-100 | faults[0].at

! unknown variant `Repared`
= help: did you mean `Repaired`?
    Repaired => ^Repared | protocol.Script.form

! missing field `protocol`
= help: did you mean `protocol` by `protocl`?
    protocol: Script => protocl: ^Script | protocl

! missing field `resend`
    Script((form => Script(^(form & , resend: "50ms" => | protocol.Script
! missing field `nodes`
    (\n    claim => ^(\n    claim & nodes: 6, => |

! `Script` takes one value in parentheses
= help: a struct has parentheses of its own: `Script((..))`
    Script((form: Repaired, => Script((), ^form: Repaired, ( | protocol.Script

! a fault at 3s never comes: the run ends at 3s
= help: let it happen sooner, or set `until` to a later time
    "100ms" => ^"3s" | faults[0].at

! a fault after the calm, which begins at 1s
= help: after the calm nodes may only be restarted, unless the fault says `lasting: true`
    "100ms" => ^"1s" | faults[0].at

! `until` is not after `calm_at`, which is 1s
= help: what is expected after the calm needs time: let the run end later
    until: "3s" => until: ^"1s" | until

! node 2 stands twice
= help: a node is on one side of a partition
    Crash(3) => Partition([[1, 2], [3, ^2]]) | faults[0].do.Partition[1][1]

! 1 rows for 6 nodes
= help: give a row for every sender, and in it a span for every receiver
    loss: "0/1" => latency: ^[["1ms"]] | network.latency
! 1 spans for 6 nodes
    loss: "0/1" => latency: [^["1ms"], ["1ms"], ["1ms"], ["1ms"], ["1ms"], []] | network.latency[0]

! a fault strikes at a time, on an event, or again and again
= help: give exactly one of `at`, `when`, `each` and `every`
    (at: "100ms" => ^(at: "100ms", when: Sends() | faults[0]
    (at: "100ms", => ^( | faults[0]

! events are counted from 1
= help: the first one is `nth: 1`
    at: "100ms" => when: Sends(nth: ^0) | faults[0].when.Sends.nth

! the script has 6 users, and there are 7 nodes
= help: let there be a node for each user: 6
    "paper-50.txt" => ^"paper-50.txt" & nodes: 6 => nodes: 7 | protocol.Script.script

! there can be 1 to 1048576 nodes
    nodes: 6 => nodes: ^0 |

! cannot read `paper.txt`: No such file or directory (os error 2)
= help: the path is relative to the folder of the file that names it
    "paper-50.txt" => ^"paper.txt" | protocol.Script.script
! `/etc/hosts` is not relative to the file that names it
= help: name it as seen from the folder of that file
    "paper-50.txt" => ^"/etc/hosts" | protocol.Script.script

! a scenario needs a claim
= help: say in a sentence what it demonstrates
    "A crash is survived." => ^" " | claim
"#;

#[test]
fn a_mistake_in_a_scenario_is_refused() {
    SCENARIO.refuses("", MISTAKES);
}
