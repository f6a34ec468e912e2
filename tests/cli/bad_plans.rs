//! A plan that decides what cannot be decided is refused with its place, its
//! path and a remedy.

use rehearsal::Exit;

use super::mistakes::Right;
use super::{Folder, with};

/// A plan of two faults: one that strikes once, and one that does again and again.
const PLAN: Right = Right {
    name: "p.ron",
    text: r#"(
    format: 1,
    name: "x.ron",
    seed: 0,
    decisions: {
        "faults[0]#1": Spare,
    },
    files: {"two.txt": "Users\n10.0.2.15,2881,anna\n10.0.2.15,2882,bert\nMessage\nanna,bert,hi\n"},
    scenario: (
        claim: "Two talk.",
        protocol: Script((form: Repaired, script: "two.txt", resend: "50ms")),
        nodes: 2,
        network: (delay: Fixed("10ms")),
        faults: [
            (at: "5ms", do: Pause(node: "any", lasts: "1ms")),
            (every: Exponential("1s"), do: Pause(node: "any", lasts: "1ms")),
        ],
        until: "3s",
        expect: [],
    ),
)
"#,
    complaint,
};

/// The complaint about a plan, which must be the same whether it is checked or replayed.
#[track_caller]
fn complaint(plan: &str) -> String {
    let folder = Folder::new().file("p.ron", plan);
    let complaint = folder.refused("replay ./p.ron");
    assert_eq!(folder.refused("check ./p.ron"), complaint);
    complaint
}

const DECISION: &str = r#""faults[0]#1": Spare"#;

#[test]
fn a_plan_of_decisions_that_can_be_made_is_right() {
    for decision in [
        DECISION,
        r#""faults[0]#1": Strike(node: 2)"#,
        r#""faults[1]#1": Strike(at: "120ms", node: 2)"#,
        r#""faults[1]#30": Strike(at: "120ms")"#,
        r#""faults[1]#2": Spare"#,
        r#""fault(pause any node for 1ms at 5ms)#1": Strike(node: 2)"#,
        r#""fault(pause any node for 1ms every exponential 1s)#2": Spare"#,
    ] {
        let plan = with(PLAN.text, DECISION, decision);
        Folder::new().file("p.ron", plan).ends("check ./p.ron", Exit::Held);
    }
}

const MISTAKES: &str = r#"
! format 9 is not known
= help: this version reads formats 1 to 2
    format: 1 => format: ^9 | format

! in format 1 other values were usual
= help: write the plan anew: `rehearsal run SCENARIO --seed N --rest usual --plan FILE`
    seed: 0, => seed: 0, rest: ^Usual, | rest

! `n1-n2` names no decision: write `n2->n3:answer#1`, `n3:timer(answer)#2`, `n3:draw#4`, `n3:command#2` or `fault(crash n3 at 1s)#1`
    ^"n1-n2": Lose |

! duplicate key `n1:draw#1`
    "n1:draw#1": Draw(1), ^"n1:draw#1": Draw(2) |

! of a message: `Lose`, `Corrupt`, `Delay(..)` or `Duplicate([..])`
    "n1->n2:data#1": ^Draw(3) |
! of a draw: `Draw(..)`
    "n1:draw#1": ^Lose |
! of a fault: `Strike(at: .., node: .., does: ..)` or `Spare`
    "faults[0]#1": ^Lose |

! there is no `faults[7]`
= help: faults are counted from 0: `faults[0]` to `faults[1]`
    "faults[7]#1": ^Spare | decisions.faults[7]#1

! there is no `fault(pause any node for 2ms at 5ms)`
= help: did you mean `fault(pause any node for 1ms at 5ms)`?
    "fault(pause any node for 2ms at 5ms)#1": ^Spare |
! there are two decisions about this strike
= help: remove one of the two
    "faults[0]#1": Spare, "fault(pause any node for 1ms at 5ms)#1": ^Strike(node: 2) |
! `faults[1]` does not strike within a step
= help: leave `effects` out: only a crash at random gaps has it
    "faults[1]#1": ^Strike(at: "120ms", effects: 2) | decisions.faults[1]#1

! `faults[0]` strikes once, and this is strike 2
= help: write `faults[0]#1`
    "faults[0]#2": ^Spare | decisions.faults[0]#2

! a strike of a fault that strikes at random has a time
= help: give it: `Strike(at: "120ms")`
    "faults[1]#1": ^Strike(node: 2) | decisions.faults[1]#1
! `faults[0]` has a time of its own
= help: leave `at` out here, and change the fault
    "faults[0]#1": ^Strike(at: "9ms") | decisions.faults[0]#1

! of a command: `Drop` or `At(..)`
    "n1:command#1": ^Spare | decisions.n1:command#1
! `faults[0]` cannot partition 1 | 2
= help: of the same size: a `Partition` for a `Split`, a `Cut` for a `CutAny`, a `Break` for a `BreakAny`
    "faults[0]#1": ^Strike(does: Partition([[1], [2]])) | decisions.faults[0]#1

! there is no node 9 of 2
= help: nodes are 1 to 2
    "faults[0]#1": ^Strike(node: 9) | decisions.faults[0]#1

! `faults[0]` names its target, so there is none to choose
= help: leave `node` out, or let the fault strike "any" or a role
    Spare => ^Strike(node: 2) & (at: "5ms", do: Pause(node: "any" => (at: "5ms", do: Pause(node: 1 | decisions.faults[0]#1

! nothing stands between a node and itself
= help: name two different nodes
    Spare => ^Strike(does: Break([(1, 1)])) & Fixed("10ms") => Fixed("10ms"), sessions: () & (at: "5ms", do: Pause(node: "any", lasts: "1ms")) => (at: "5ms", do: BreakAny(1)) |
! there is no node 9 of 2
= help: nodes are 1 to 2
    Spare => ^Strike(does: Break([(1, 9)])) & Fixed("10ms") => Fixed("10ms"), sessions: () & (at: "5ms", do: Pause(node: "any", lasts: "1ms")) => (at: "5ms", do: BreakAny(1)) |
! a session neither loses, doubles nor damages a single message
= help: remove the decision, or `Delay` the message
    "n1->n2:data#1": ^Lose & Fixed("10ms") => Fixed("10ms"), sessions: () | decisions.n1->n2:data#1
    "n2->n1:data#1": ^Duplicate(["1ms", "2ms"]) & Fixed("10ms") => Fixed("10ms"), sessions: () |
"#;

#[test]
fn a_mistake_in_a_plan_is_refused() {
    PLAN.refuses(DECISION, MISTAKES);
}
