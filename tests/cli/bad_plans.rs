//! A plan that decides what cannot be decided is refused with its place, its
//! path and a remedy.

use rehearsal::Exit;

use super::{Folder, with};

/// A plan of two faults: one that strikes once, and one that does again and again.
const PLAN: &str = r#"(
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
"#;

#[track_caller]
fn is_told(decision: &str, key: &str, wrong: &str, remedy: &str) {
    let folder = Folder::new().file("p.ron", with(PLAN, r#""faults[0]#1": Spare"#, decision));
    let refused = folder.refused("replay ./p.ron");
    assert_eq!(folder.refused("check ./p.ron"), refused);
    assert!(refused.starts_with(" --> p.ron:6:"), "{refused}");
    assert!(refused.contains(&format!("^ {wrong}\n")), "{refused}");
    assert!(refused.contains(&format!("= path: decisions.{key}\n")), "{refused}");
    assert!(refused.contains(&format!("= help: {remedy}\n")), "{refused}");
}

#[test]
fn the_plan_is_right_but_for_what_each_test_changes() {
    for decision in [
        r#""faults[0]#1": Spare"#,
        r#""faults[0]#1": Strike(node: 2)"#,
        r#""faults[1]#1": Strike(at: "120ms", node: 2)"#,
        r#""faults[1]#30": Strike(at: "120ms")"#,
        r#""faults[1]#2": Spare"#,
        r#""fault(pause any node for 1ms at 5ms)#1": Strike(node: 2)"#,
        r#""fault(pause any node for 1ms every exponential 1s)#2": Spare"#,
    ] {
        let plan = with(PLAN, r#""faults[0]#1": Spare"#, decision);
        Folder::new().file("p.ron", plan).ends("check ./p.ron", Exit::Held);
    }
}

#[test]
fn a_decision_on_a_fault_that_does_not_exist_is_refused() {
    let remedy = "faults are counted from 0: `faults[0]` to `faults[1]`";
    is_told(r#""faults[7]#1": Spare"#, "faults[7]#1", "there is no `faults[7]`", remedy);
}

#[test]
fn a_misspelt_fault_is_told_the_right_one() {
    let key = "fault(pause any node for 2ms at 5ms)#1";
    let wrong = "there is no `fault(pause any node for 2ms at 5ms)`";
    let remedy = "did you mean `fault(pause any node for 1ms at 5ms)`?";
    is_told(&format!("\"{key}\": Spare"), key, wrong, remedy);
}

#[test]
fn two_decisions_about_one_strike_are_refused() {
    let both = r#""faults[0]#1": Spare, "fault(pause any node for 1ms at 5ms)#1": Strike(node: 2)"#;
    let key = "fault(pause any node for 1ms at 5ms)#1";
    is_told(both, key, "there are two decisions about this strike", "remove one of the two");
}

#[test]
fn only_a_crash_at_random_gaps_strikes_within_a_step() {
    let decision = r#""faults[1]#1": Strike(at: "120ms", effects: 2)"#;
    let remedy = "leave `effects` out: only a crash at random gaps has it";
    is_told(decision, "faults[1]#1", "`faults[1]` does not strike within a step", remedy);
}

#[test]
fn a_second_strike_of_a_fault_that_strikes_once_is_refused() {
    let wrong = "`faults[0]` strikes once, and this is strike 2";
    is_told(r#""faults[0]#2": Spare"#, "faults[0]#2", wrong, "write `faults[0]#1`");
}

#[test]
fn a_strike_has_a_time_where_the_fault_has_none_and_only_there() {
    let wrong = "a strike of a fault that strikes `every` so often has a time";
    let remedy = "give it: `Strike(at: \"120ms\")`";
    is_told(r#""faults[1]#1": Strike(node: 2)"#, "faults[1]#1", wrong, remedy);
    let wrong = "`faults[0]` has a time of its own";
    let remedy = "leave `at` out here, and change the fault";
    is_told(r#""faults[0]#1": Strike(at: "9ms")"#, "faults[0]#1", wrong, remedy);
}

#[test]
fn a_strike_on_a_node_that_does_not_exist_is_refused() {
    let wrong = "there is no node 9 of 2";
    is_told(r#""faults[0]#1": Strike(node: 9)"#, "faults[0]#1", wrong, "nodes are 1 to 2");
}

#[test]
fn a_choice_of_a_target_where_there_is_none_is_refused() {
    let folder = Folder::new().file(
        "p.ron",
        with(
            &PLAN.replacen("Pause(node: \"any\"", "Pause(node: 1", 1),
            r#""faults[0]#1": Spare"#,
            r#""faults[0]#1": Strike(node: 2)"#,
        ),
    );
    let refused = folder.refused("replay ./p.ron");
    assert!(
        refused.contains("^ `faults[0]` names its target, so there is none to choose\n"),
        "{refused}"
    );
    let remedy = "leave `node` out, or let the fault strike \"any\"";
    assert!(refused.contains(&format!("= help: {remedy}\n")), "{refused}");
}
