//! Disturbances that outlive the calm, and what liveness asks then.

use rehearsal::sim::fault::{Action, Sends};
use rehearsal::sim::network::Lost;
use rehearsal::sim::{Check, Expect};

use super::{deadlines, deliveries, five, letters, node, outputs};
use crate::courier::{AsWritten, Fact, Five, at, couriers, ms};

/// A letter before the calm at 500 ms, and two in it.
fn calm(faults: &str) -> Five {
    five(letters(1, 2, &[100, 600, 700]), faults).calm_at(ms(500))
}

#[test]
fn the_calm_ends_a_disturbance_unless_it_is_to_last() {
    for (fault, before, calmed) in [
        ("at: \"0ms\", do: Cut([(1, 2)])", 0, 2),
        ("at: \"0ms\", do: Partition([[1], [2]])", 0, 2),
        ("at: \"0ms\", do: OneWay(from: [1], to: [2])", 0, 2),
        ("at: \"0ms\", do: Split([1, 1, 1, 1, 1])", 0, 2),
        ("each: Sends(from: 1), do: Lose", 0, 2),
        ("each: Sends(from: 1), do: Corrupt", 0, 2),
        ("at: \"0ms\", do: Hold(from: 1, to: 2)", 0, 3),
        ("each: Sends(from: 1), do: Withhold", 0, 3),
        ("at: \"50ms\", do: Pause(node: 2)", 0, 3),
    ] {
        assert_eq!(deliveries(&calm(&format!("({fault}),"))).len(), calmed, "{fault}");
        let lasting = calm(&format!("({fault}, lasting: true),"));
        assert_eq!(deliveries(&lasting).len(), before, "{fault}");
        let held = lasting.run(1).held();
        assert!(held, "{fault}");
    }
}

#[test]
fn the_calm_puts_back_a_timer_that_was_put_off() {
    let waits = at(100, 1, "Wait(450)");
    let put_off = |more: &str| {
        let fault = format!(
            r#"(at: "150ms", do: PutOff(node: 1, timer: "()", by: "1s"){more}),
            (at: "200ms", do: PutOff(node: 1, timer: "()", by: "1s"){more}),"#
        );
        deadlines(&five(&waits, fault).calm_at(ms(500)))
    };
    assert_eq!(put_off(""), ["550"]);
    assert_eq!(put_off(", lasting: true"), ["2550"]);
    let overdue = at(100, 1, "Wait(50)");
    let fault = r#"(at: "110ms", do: PutOff(node: 1, timer: "()", by: "1s")),"#;
    assert_eq!(deadlines(&five(&overdue, fault).calm_at(ms(500))), ["500"]);
}

#[test]
fn a_lasting_delay_is_no_matter_to_the_calm() {
    let late = r#"(each: Sends(from: 1), do: Delay("450ms")),"#;
    assert_eq!(deliveries(&calm(late)), ["510", "610", "710"]);
    let lasting = r#"(each: Sends(from: 1), do: Delay("450ms"), lasting: true),"#;
    assert_eq!(deliveries(&calm(lasting)), ["550", "1050", "1150"]);
}

#[test]
fn a_clock_that_stays_wrong_does_not_run_true_in_the_calm() {
    let waits = at(600, 1, "Wait(100)");
    let slow = |more: &str| format!(r#"(at: "0ms", do: Drift(node: 1, by: Slow("1/2")){more}),"#);
    let calm = |faults: String| five(&waits, faults).calm_at(ms(500));
    assert_eq!(deadlines(&calm(slow(""))), ["700"]);
    assert_eq!(deadlines(&calm(slow(", lasting: true"))), ["800"]);
}

#[test]
fn a_lasting_fault_may_strike_in_the_calm_and_again_and_again() {
    let crash = r#"(at: "550ms", do: Bounce(node: 2, down: "100ms"), lasting: true),"#;
    assert_eq!(calm(crash).run(1).tally.lost[&Lost::Down], 1);
    let beats = r#"(every: Fixed("300ms"), do: Bounce(node: 3, down: "1ms"), lasting: true),"#;
    assert_eq!(calm(beats).until(ms(2_000)).run(1).strikes[0], 6);
    let flaps =
        r#"(at: "0ms", do: Flap(sides: [[1]], cut: "150ms", open: "500ms"), lasting: true),"#;
    assert_eq!(outputs(&calm(flaps), 2), ["letter 2"], "cut to 150 ms, and from 650 to 800");
}

#[test]
fn a_withheld_message_is_let_go_in_the_calm_by_the_end_of_its_window() {
    let fault = r#"(each: Sends(from: 1), until: "650ms", do: Withhold, lasting: true),"#;
    assert_eq!(deliveries(&calm(fault)), ["660", "660", "710"]);
    let event =
        r#"(each: Sends(from: 1), before: Sends(text: "letter 3"), do: Withhold, lasting: true),"#;
    assert_eq!(deliveries(&calm(event)), ["710", "710", "710"]);
}

#[test]
fn liveness_asks_the_nodes_that_it_names() {
    let down = || {
        let crash = Action::crash(node(3)).at(ms(550)).lasting();
        couriers().calm_at(ms(500)).until(ms(2_000)).fault(crash)
    };
    let up = |of: &[u32]| {
        let up = Expect::eventually(Fact::Up, ms(1_000)).of(of.iter().map(|it| node(*it)));
        down().expect(up).run(1)
    };
    assert!(up(&[1, 2, 4, 5]).held());
    let all = up(&[1, 2, 3, 4, 5]);
    let failure = all.failure.as_ref().expect("node 3 is down");
    assert_eq!(failure.check, Check::Liveness("Eventually(Up of n1 n2 n3 n4 n5)".to_owned()));
    let unnamed = down().expect(Expect::eventually(Fact::Up, ms(1_000))).build();
    let reason = unnamed.expect_err("a fault outlives the calm").to_string();
    assert!(reason.contains("which nodes is this asked of?"), "{reason}");
    let of_world = down().expect(Expect::eventually(Fact::Even, ms(1_000))).build();
    assert!(of_world.is_ok(), "what is about the world asks no node");
}

#[test]
fn what_a_lasting_fault_did_stays_though_an_ordinary_one_does_the_same() {
    for [lasting, ordinary] in [
        ["do: Pause(node: 2)", "do: Pause(node: 2)"],
        ["do: Hold(from: 1, to: 2)", "do: Hold(from: 1, to: 2)"],
    ] {
        let faults =
            format!(r#"(at: "50ms", {lasting}, lasting: true), (at: "60ms", {ordinary}),"#);
        assert!(deliveries(&calm(&faults)).is_empty(), "{faults}");
    }
    let waits = at(600, 1, "Wait(100)");
    let clocks = r#"(at: "0ms", do: Drift(node: 1, by: Slow("1/2")), lasting: true),
        (at: "10ms", do: Drift(node: 1, by: Fast("1/2"))),"#;
    assert_eq!(deadlines(&five(&waits, clocks).calm_at(ms(500))), ["700"], "the last rate counts");
}

#[test]
fn a_disk_that_lies_for_good_lies_in_the_calm_until_a_crash() {
    let keeps = at(600, 2, "Keep(7)") + &at(800, 2, "Keep(8)");
    let crash = r#"(at: "700ms", do: Bounce(node: 2, down: "10ms"), lasting: true),
        (at: "900ms", do: Bounce(node: 2, down: "10ms"), lasting: true),"#;
    let found = |more: &str| {
        let faults = format!(r#"(at: "100ms", do: LyingDisk(2){more}), {crash}"#);
        let told = outputs(&five(&keeps, faults).calm_at(ms(500)), 2);
        told.iter()
            .map(|text| text.rsplit(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["7}", "8}"]);
    assert_eq!(found(", lasting: true"), ["{}", "8}"]);
}

#[test]
fn a_core_keeps_its_calm_beside_what_lasts() {
    let cut = Action::Cut(vec![(node(4), node(5))]).at(ms(0)).lasting();
    let lossy = Action::Lose.each(Sends::any().from(node(4))).lasting();
    let five = couriers().calm_at(ms(500)).faults([cut, lossy]);
    let five =
        five.commands(letters(1, 2, &[600]) + &letters(5, 4, &[600]) + &letters(4, 1, &[600]));
    assert_eq!(outputs(&five, 2), ["letter 1"]);
    assert!(outputs(&five, 4).is_empty());
    assert!(outputs(&five, 1).is_empty());
}
