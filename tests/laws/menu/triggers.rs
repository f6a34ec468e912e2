//! Faults that strike on an event, and their targets.

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use super::{five, letters, outputs, three, times};
use crate::courier::{AsWritten, Five, at, ms};

/// Which nodes are down at the end.
fn down(five: &Five) -> Vec<u32> {
    super::down(&five.run(1))
}

#[test]
fn a_fault_on_a_receipt_keeps_its_effects_from_happening() {
    let fault = "(when: Receives(node: 2, from: 1, kind: \"letter\", nth: 2), do: Crash(2)),";
    let five = five(letters(1, 2, &[100, 200, 300]) + &letters(3, 2, &[50]), fault);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 1"], "it took the second, and said nothing");
    assert_eq!(five.run(1).tally.delivered, 3);
}

#[test]
fn a_fault_on_an_output_strikes_right_after_it() {
    let fault = r#"(when: Emits(node: 2, text: "letter 2"), do: Crash("it")),"#;
    let five = three(fault);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2"]);
}

#[test]
fn a_fault_on_a_deadline_strikes_when_it_comes() {
    let naps = at(100, 1, "Wait(50)") + &at(100, 2, "Wait(100)") + &at(300, 1, "Wait(50)");
    let fault = r#"(when: Fires(timer: "()", nth: 2), do: Crash("it")),"#;
    let five = five(naps, fault);
    assert_eq!((outputs(&five, 1), outputs(&five, 2)), (vec!["awake".to_owned(); 2], vec![]));
}

#[test]
fn a_fault_on_a_role_strikes_when_an_input_brings_it() {
    let moods = at(100, 3, "Mood(true)") + &at(200, 3, "Mood(true)") + &at(300, 4, "Mood(true)");
    assert_eq!(down(&five(&moods, "(when: Becomes(role: 'H'), do: Crash(\"it\")),")), [3]);
    let second = "(when: Becomes(role: 'H', nth: 2), do: Crash(\"it\")),";
    assert_eq!(down(&five(&moods, second)), [4], "being happy again is no change");
    let of_five = "(when: Becomes(node: 5, role: 'H'), do: Crash(\"it\")),";
    assert!(down(&five(moods, of_five)).is_empty());
}

#[test]
fn a_trigger_can_ask_for_the_role_of_who_acts() {
    let commands = letters(1, 2, &[100]) + &at(150, 3, "Mood(true)") + &letters(3, 2, &[200]);
    let fault = "(when: Sends(role: 'H', kind: \"letter\"), do: Lose),";
    assert_eq!(outputs(&five(commands, fault), 2), ["letter 1"]);
}

#[test]
fn a_fault_on_a_role_strikes_who_has_it() {
    let moods = at(100, 3, "Mood(true)") + &at(100, 4, "Mood(true)");
    assert_eq!(down(&five(&moods, "(at: \"200ms\", do: Crash('H')),")), [3], "the first");
    let it = "(when: Becomes(role: 'H', nth: 2), do: Crash('H')),";
    assert_eq!(down(&five(&moods, it)), [4], "whose event it is, if it has the role");
    assert!(down(&five(moods, "(at: \"200ms\", do: Crash('Z')),")).is_empty(), "nobody has it");
    let back = "(at: \"200ms\", do: Crash(2)), (at: \"300ms\", do: Restart('x')),";
    assert!(down(&five("", back)).is_empty(), "x is who is down");
}

#[test]
fn a_fault_on_anybody_strikes_one_to_whom_it_can_be_done() {
    let fault = "(at: \"100ms\", do: Crash(2)), (at: \"200ms\", do: Crash(\"any\")),";
    let mut struck: Vec<_> = (0..40)
        .flat_map(|seed| {
            let down = super::down(&five("", fault).run(seed));
            assert_eq!(down.len(), 2, "seed {seed}");
            down
        })
        .collect();
    struck.sort_unstable();
    struck.dedup();
    assert_eq!(struck, [1, 2, 3, 4, 5], "node 2, and each of the others at times");
}

#[test]
fn a_fault_strikes_once_and_at_the_event_it_counts_to() {
    let fault = "(when: Sends(from: 1, nth: 2), do: Bounce(node: 3, down: \"1ms\")),";
    let five = five(letters(1, 2, &[100, 200, 300, 400]), fault);
    assert_eq!(times(&five, |what| matches!(what, EventKind::Crash { .. })), ["200"]);
    assert_eq!(five.run(1).strikes, [1]);
}

#[test]
fn no_event_sets_off_a_fault_in_the_calm() {
    let fault = "(when: Sends(from: 1, nth: 2), do: Crash(3)),";
    let five = five(letters(1, 2, &[100, 200]), fault).calm_at(ms(150));
    assert!(down(&five).is_empty());
    assert_eq!(five.run(1).unstruck(), [0]);
}

#[test]
fn a_fault_on_a_message_to_nobody_strikes_in_vain() {
    for action in ["Lose", "Corrupt", "Delay(\"1s\")", "Duplicate(\"1s\")"] {
        let fault = format!("(when: Sends(from: 1, nth: 1), do: {action}),");
        let report = five(letters(1, 6, &[100]), fault).run(1);
        assert_eq!((report.held(), &*report.strikes), (true, &[1][..]), "{action}");
        assert_eq!(report.tally.lost[&Lost::Down], 1, "{action}");
    }
}
