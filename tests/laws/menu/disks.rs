//! What becomes of what was saved.

use super::{node, outputs};
use crate::courier::{AsWritten, at, couriers, ms};

/// What node 1 finds at its second start after it was told all that.
fn found(commands: String, faults: &str) -> String {
    let faults = faults.to_owned();
    let report = couriers().commands(commands).wrong(faults).run(1);
    assert_eq!(report.world.incarnation(node(1)), Some(2));
    let mut told = report.world.outputs(node(1)).iter().rev();
    let second = told.find(|told| told.starts_with("start")).expect("it starts");
    second[second.find('{').expect("storage in braces")..].to_owned()
}

const BOUNCE: &str = r#"(at: "500ms", do: Bounce(node: 1, down: "10ms"#;

#[test]
fn a_crash_loses_no_save_unless_it_is_told_to() {
    let saves = at(100, 1, "Keep(7)") + &at(200, 1, "Keep(8)");
    assert_eq!(found(saves.clone(), &format!(r#"{BOUNCE}")),"#)), "{(): 8}");
    assert_eq!(found(saves, &format!(r#"{BOUNCE}", disk: Intact)),"#)), "{(): 8}");
}

#[test]
fn a_crash_can_lose_the_last_save_of_all() {
    let saves = at(100, 1, "Keep(7)") + &at(200, 1, "Keep(8)");
    assert_eq!(found(saves, &format!(r#"{BOUNCE}", disk: LosesLast)),"#)), "{(): 7}");
    let first = at(100, 1, "Keep(7)");
    assert_eq!(found(first, &format!(r#"{BOUNCE}", disk: LosesLast)),"#)), "{}");
}

#[test]
fn a_crash_can_tear_the_last_save_which_leaves_neither_the_old_nor_the_new() {
    let saves = at(100, 1, "Keep(7)") + &at(200, 1, "Keep(8)");
    assert_eq!(found(saves, &format!(r#"{BOUNCE}", disk: TearsLast)),"#)), "{}");
}

#[test]
fn a_save_is_durable_once_a_later_effect_of_its_node_has_happened() {
    let told = at(100, 1, "Keep(7)") + &at(200, 1, "KeepAndTell(8)");
    assert_eq!(found(told.clone(), &format!(r#"{BOUNCE}", disk: LosesLast)),"#)), "{(): 8}");
    assert_eq!(found(told, &format!(r#"{BOUNCE}", disk: TearsLast)),"#)), "{(): 8}");
}

#[test]
fn a_crash_between_save_and_telling_can_lose_the_save() {
    // Effect 1 tells of the start; 2 saves 7, 3 saves 8, and 4 would tell of it.
    let told = at(100, 1, "Keep(7)") + &at(200, 1, "KeepAndTell(8)");
    let lost =
        r#"(when: Effect(of: 1, nth: 3), do: Bounce(node: 1, down: "1ms", disk: LosesLast)),"#;
    assert_eq!(found(told, lost), "{(): 7}");
}

#[test]
fn a_wipe_takes_a_node_down_and_leaves_nothing_of_what_it_saved() {
    let wiped = r#"(at: "500ms", do: Wipe(1)), (at: "600ms", do: Restart(1)),"#;
    assert_eq!(found(at(100, 1, "Keep(7)"), wiped), "{}");
    let down = r#"(at: "400ms", do: Crash(1)), (at: "500ms", do: Wipe(1)), (at: "600ms", do: Restart(1)),"#;
    assert_eq!(found(at(100, 1, "Keep(7)"), down), "{}");
    assert_eq!(found(at(100, 1, "Keep(7)"), &format!(r#"{BOUNCE}", disk: Wiped)),"#)), "{}");
}

#[test]
fn with_amnesia_a_node_starts_again_without_what_it_saved() {
    let forgets = r#"(at: "500ms", do: Crash(1)), (at: "600ms", do: Amnesia(1)),"#;
    assert_eq!(found(at(100, 1, "Keep(7)"), forgets), "{}");
}

#[test]
fn amnesia_of_a_node_that_is_up_does_nothing() {
    let faults =
        r#"(at: "500ms", do: Amnesia(1)), (at: "600ms", do: Bounce(node: 1, down: "1ms")),"#;
    assert_eq!(found(at(100, 1, "Keep(7)"), faults), "{(): 7}");
}

#[test]
fn a_disk_that_lies_keeps_nothing_from_then_on_through_a_crash() {
    let saves =
        at(100, 1, "Keep(7)") + &at(300, 1, "KeepAndTell(8)") + &at(400, 1, "KeepAndTell(9)");
    let lies = format!(r#"(at: "200ms", do: LyingDisk(1)), {BOUNCE}")),"#);
    assert_eq!(found(saves.clone(), &lies), "{(): 7}");
    let twice = format!(r#"{lies} (at: "700ms", do: Bounce(node: 1, down: "1ms")),"#);
    let later = saves + &at(600, 1, "Keep(10)");
    let report = couriers().commands(later).wrong(twice).run(1);
    let last = report.world.outputs(node(1)).last().expect("it starts").clone();
    assert!(last.ends_with("{(): 10}"), "after a crash the disk is honest: {last}");
}

#[test]
fn what_was_wiped_from_a_disk_that_lies_does_not_come_back() {
    let faults = r#"(at: "200ms", do: Crash(1)), (at: "300ms", do: LyingDisk(1)), (at: "400ms", do: Amnesia(1)),
        (at: "500ms", do: Bounce(node: 1, down: "1ms")),"#;
    let report = couriers().commands(at(100, 1, "Keep(7)")).wrong(faults).run(1);
    let last = report.world.outputs(node(1)).last().expect("it starts").clone();
    assert!(last.ends_with("{}"), "{last}");
}

#[test]
fn a_run_with_a_lying_disk_is_judged_on_safety_alone() {
    let five = |faults: &str, expect| {
        couriers()
            .wrong(faults)
            .commands(at(4_000, 2, "Mood(false)"))
            .calm_at(ms(2_000))
            .claims(expect)
    };
    let liveness = r#"Always(Up), Eventually(what: Happy, within: "3s")"#;
    assert!(!five("", liveness).run(1).held());
    let lying = r#"(at: "1s", do: LyingDisk(1)),"#;
    let report = five(lying, liveness).run(1);
    assert_eq!((report.held(), report.safety_alone), (true, Some("a disk lied")));
    assert!(!five(lying, "Always(Happy)").run(1).held(), "safety counts as ever");
}

#[test]
fn the_calm_makes_what_a_lying_disk_holds_durable() {
    let commands = at(300, 1, "Keep(8)");
    let faults = r#"(at: "200ms", do: LyingDisk(1)), (when: Receives(node: 1), do: Bounce(node: 1, down: "1ms")),
        (at: "900ms", do: Crash(2)),"#;
    let five = couriers().commands(commands).wrong(faults).calm_at(ms(1_000));
    assert_eq!(five.run(1).world.storage(node(1)).get(&()), Some(&8));
    assert!(outputs(&five, 1).is_empty());
}
