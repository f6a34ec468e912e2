//! Faults that strike every message that fits, from one event or instant to another.

use rehearsal::sim::network::Lost;

use super::{arrivals, deliveries, five, letters, outputs};
use crate::courier::{AsWritten, Five, at, ms};

/// Six letters from node 1 to node 2, one every 100 ms from 100 ms on.
fn six(faults: &str) -> Five {
    five(letters(1, 2, &[100, 200, 300, 400, 500, 600]), faults)
}

/// The numbers of the letters that node 2 got.
fn got(five: &Five) -> String {
    let letters = outputs(five, 2);
    letters.iter().filter_map(|text| text.strip_prefix("letter ")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_filter_strikes_from_its_nth_message_on_as_often_as_it_says() {
    assert_eq!(got(&six(r"(each: Sends(from: 1, nth: 2), times: 3, do: Lose),")), "1 5 6");
    assert_eq!(got(&six(r"(each: Sends(from: 1, nth: 5), do: Lose),")), "1 2 3 4");
    assert_eq!(got(&six(r"(each: Sends(from: 3), do: Lose),")), "1 2 3 4 5 6");
    let report = six(r"(each: Sends(to: 2), do: Corrupt),").run(1);
    assert_eq!((report.strikes[0], report.tally.lost[&Lost::Corrupt]), (6, 6));
}

#[test]
fn a_filter_by_text_takes_a_star_for_any_characters() {
    assert_eq!(got(&six(r#"(each: Sends(text: "letter 4"), do: Lose),"#)), "1 2 3 5 6");
    assert_eq!(got(&six(r#"(each: Sends(text: "* 4"), do: Lose),"#)), "1 2 3 5 6");
    assert_eq!(got(&six(r#"(each: Sends(text: "letter*"), times: 2, do: Lose),"#)), "3 4 5 6");
    assert_eq!(got(&six(r#"(each: Sends(text: "letter"), do: Lose),"#)), "1 2 3 4 5 6");
    let crash = r#"(when: Receives(node: 2, text: "letter 3"), do: Crash("it")),"#;
    assert_eq!(got(&six(crash)), "1 2");
}

#[test]
fn a_window_is_open_from_one_instant_to_another() {
    let between = r#"(each: Sends(from: 1), from: "200ms", until: "400ms", do: Lose),"#;
    assert_eq!(got(&six(between)), "1 4 5 6");
    let second = r#"(when: Sends(from: 1, nth: 2), from: "300ms", do: Lose),"#;
    assert_eq!(got(&six(second)), "1 2 3 5 6", "what came before is not counted");
}

#[test]
fn a_window_opens_with_its_events_one_after_the_other() {
    // Letters arrive 10 ms after they are sent, and node 2 tells of each.
    let after = r#"(after: [Emits(node: 2, text: "letter 3")], each: Sends(from: 1), do: Lose),"#;
    assert_eq!(got(&six(after)), "1 2 3");
    let wrong_order = r#"(after: [Emits(node: 2, text: "letter 4"), Emits(node: 2, text: "letter 2")],
        each: Sends(from: 1), do: Lose),"#;
    assert_eq!(got(&six(wrong_order)), "1 2 3 4 5 6");
    let counted = r"(after: [Emits(node: 2, nth: 2), Emits(node: 2, nth: 2)],
        when: Sends(from: 1, nth: 2), do: Lose),";
    // The start of node 2 is its first output, letter 1 the second; then letters 2 and 3.
    assert_eq!(got(&six(counted)), "1 2 3 4 6");
}

#[test]
fn the_event_that_opens_or_closes_a_window_does_not_count() {
    let opens = r"(after: [Sends(from: 1)], when: Sends(from: 1), do: Lose),";
    assert_eq!(got(&six(opens)), "1 3 4 5 6");
    let closes = r#"(each: Sends(from: 1), before: Sends(text: "letter 3"), do: Lose),"#;
    assert_eq!(got(&six(closes)), "3 4 5 6");
    let both = r"(after: [Sends(from: 1)], each: Sends(from: 1), before: Sends(from: 1, nth: 3), do: Lose),";
    assert_eq!(got(&six(both)), "1 4 5 6");
}

#[test]
fn what_is_withheld_departs_in_its_order_when_the_window_closes() {
    let until = r#"(each: Sends(from: 1), until: "350ms", do: Withhold),"#;
    assert_eq!(deliveries(&six(until)), ["360", "360", "360", "410", "510", "610"]);
    assert_eq!(got(&six(until)), "1 2 3 4 5 6");
    let event = r"(each: Sends(from: 1), times: 2, before: Sends(from: 1, nth: 4), do: Withhold),";
    assert_eq!(deliveries(&six(event)), ["310", "410", "410", "410", "510", "610"]);
    let calm = r"(each: Sends(from: 1, nth: 3), do: Withhold),";
    assert_eq!(deliveries(&six(calm).calm_at(ms(700)))[2..], ["710", "710", "710", "710"]);
    assert_eq!(deliveries(&six(calm)), ["110", "210"], "without a calm they wait to the end");
}

#[test]
fn on_a_fifo_link_nothing_overtakes_what_is_withheld() {
    let first = r#"(when: Sends(from: 1), until: "350ms", do: Withhold),"#;
    assert_eq!(got(&six(first)), "2 3 1 4 5 6");
    let fifo = six(first).over(r#"delay: Fixed("10ms"), fifo: All"#);
    assert_eq!(got(&fifo), "1 2 3 4 5 6");
    assert_eq!(deliveries(&fifo), ["360", "360", "360", "410", "510", "610"]);
}

#[test]
fn on_a_fifo_link_each_message_waits_for_the_window_of_its_own_fault_and_for_those_before_it() {
    let two = r#"(when: Sends(text: "letter 1"), until: "250ms", do: Withhold),
        (when: Sends(text: "letter 2"), until: "450ms", do: Withhold),"#;
    let fifo = || six(two).over(r#"delay: Fixed("10ms"), fifo: All"#);
    assert_eq!(deliveries(&fifo()), ["260", "460", "460", "460", "510", "610"]);
    let lasts = two.replace("450ms\", do: Withhold", "450ms\", do: Withhold, lasting: true");
    let fifo = six(&lasts).over(r#"delay: Fixed("10ms"), fifo: All"#).calm_at(ms(350));
    assert_eq!(deliveries(&fifo), ["260", "460", "460", "460", "510", "610"]);
}

#[test]
fn what_is_withheld_does_not_pass_a_lasting_hold_at_the_calm() {
    let faults = r#"(at: "50ms", do: Hold(from: 1, to: 2), lasting: true),
        (when: Sends(text: "letter 2"), do: Withhold),"#;
    assert!(deliveries(&six(faults).calm_at(ms(350))).is_empty());
}

#[test]
fn what_is_withheld_on_a_held_link_waits_for_both() {
    let both = r#"(each: Sends(from: 1), until: "250ms", do: Withhold),
        (at: "50ms", do: Hold(from: 1, to: 2)), (at: "450ms", do: Release(from: 1, to: 2)),"#;
    assert_eq!(deliveries(&six(both)), ["460", "460", "460", "460", "510", "610"]);
    assert_eq!(got(&six(both)), "1 2 3 4 5 6");
}

#[test]
fn a_withheld_message_that_chance_has_lost_stays_lost() {
    let lossy = six(r#"(each: Sends(from: 1), until: "700ms", do: Withhold),"#);
    let lossy = lossy.over(r#"delay: Fixed("10ms"), loss: "1/2""#);
    let report = lossy.run(3);
    let lost = report.tally.lost.get(&Lost::Loss).copied().unwrap_or_default();
    assert!((1..6).contains(&lost), "{lost}");
    assert_eq!(arrivals(&lossy).len() as u64, 6 - lost);
}

#[test]
fn several_faults_on_one_message_act_in_the_order_of_the_file() {
    let both = r#"(each: Sends(from: 1, nth: 2), times: 1, do: Delay("250ms")),
        (each: Sends(from: 1, nth: 2), times: 1, do: Duplicate("20ms")),"#;
    assert_eq!(deliveries(&six(both)), ["110", "310", "410", "450", "470", "510", "610"]);
}

#[test]
fn a_save_sets_off_a_fault_before_what_follows_it_in_its_step() {
    let keeps = at(100, 2, "KeepAndTell(7)") + &at(300, 2, "Look");
    let crash = r#"(when: Saves(node: 2), do: Bounce(node: "it", down: "50ms")),"#;
    let told = outputs(&five(&keeps, crash), 2);
    assert!(told[0].ends_with("{(): 7}"), "it finds what it saved and did not tell it: {told:?}");
    let lost = r#"(when: Saves(node: 2, cell: "(*"), do: Bounce(node: 2, down: "50ms", disk: LosesLast)),"#;
    let told = outputs(&five(&keeps, lost), 2);
    assert!(told[0].ends_with("{}"), "{told:?}");
    let never = r#"(when: Saves(node: 2, cell: "vote"), do: Crash("it")),"#;
    assert_eq!(five(&keeps, never).run(1).unstruck(), [0]);
}
