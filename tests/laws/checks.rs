//! When a check holds and when it does not.

use std::time::Duration;

use rehearsal::machine::Time;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::{Check, Expect, StuckUntil, Untested, story};

use crate::courier::{AsWritten, Fact, Five, at, couriers, ms, node};

fn moods(moods: &[(u32, bool)], expect: &str) -> Five {
    let change = |(millis, happy): &(u32, bool)| -> String {
        (1..=5).map(|node| at(*millis, node, &format!("Mood({happy})"))).collect()
    };
    let commands: String = moods.iter().map(change).collect();
    couriers().commands(commands).claims(expect).calm_at(ms(2_000))
}

fn failure(five: &Five) -> Option<(String, String, String)> {
    let failure = five.run(0).outcome.failure?;
    Some((failure.check.to_string(), failure.at.to_string(), failure.event))
}

const EVENTUALLY: &str = r#"Eventually(what: Happy, within: "1s")"#;

#[test]
fn always_fails_at_the_first_event_after_which_it_does_not_hold() {
    let failed = failure(&moods(&[(0, true)], "Always(Happy)"));
    assert_eq!(failed, Some(("Always(Happy)".into(), "0".into(), "start".into())));
}

#[test]
fn eventually_holds_if_it_does_from_the_deadline_on() {
    let at_the_deadline = failure(&moods(&[(3_000, true)], EVENTUALLY));
    assert_eq!(at_the_deadline, None, "the deadline's instant counts");
    assert_eq!(failure(&moods(&[(100, true), (200, false), (2_500, true)], EVENTUALLY)), None);
}

#[test]
fn eventually_fails_at_the_deadline_if_it_does_not_hold_then() {
    let failed = Some(("Eventually(Happy)".into(), "3000".into(), "deadline".into()));
    assert_eq!(failure(&moods(&[(3_001, true)], EVENTUALLY)), failed);
    assert_eq!(failure(&moods(&[(100, true), (200, false)], EVENTUALLY)), failed);
}

#[test]
fn eventually_fails_if_it_ceases_to_hold_after_the_deadline() {
    let failed = failure(&moods(&[(2_500, true), (5_000, false)], EVENTUALLY));
    assert_eq!(failed, Some(("Eventually(Happy)".into(), "5000".into(), "command".into())));
}

#[test]
fn a_liveness_failure_tells_what_was_still_to_come() {
    // The deadline at 3 s is passed when the letter arrives, which is then still on its way.
    let commands = at(2_950, 1, "Wait(600)") + &at(2_995, 2, "Send(to: 3, letter: 1)");
    let five = couriers().commands(commands).claims(EVENTUALLY).calm_at(ms(2_000));
    let stuck = five.run(0).outcome.stuck.expect("nobody is happy");
    let deadlines: Vec<_> = stuck.nodes.iter().map(|node| node.deadlines.len()).collect();
    assert_eq!(deadlines, [1, 0, 0, 0, 0]);
    let waits: Vec<_> = stuck.messages.iter().map(|message| message.until).collect();
    assert_eq!(waits, [StuckUntil::Arrival(Time::from_millis(3_005))]);
    let alone = five.commands(at(2_950, 1, "Wait(600)"));
    let stuck = alone.run(0).outcome.stuck.expect("nobody is happy");
    assert_eq!(stuck.nodes[0].deadlines.len(), 1, "the next event is the deadline");
}

#[test]
fn a_liveness_failure_tells_what_waits_for_a_paused_node() {
    let commands = at(600, 2, "Send(to: 4, letter: 1)");
    let five = couriers()
        .commands(commands)
        .wrong(r#"(at: "500ms", do: Pause(node: 4, lasts: "5s")),"#)
        .claims(r#"LeadsTo(from: Up, to: Happy, within: "1s")"#);
    let stuck = five.run(0).outcome.stuck.expect("nobody is happy");
    assert!(stuck.to_string().contains("waits until n4 is resumed"), "{stuck}");
    assert_eq!(stuck.messages[0].until, StuckUntil::Resume);
}

#[test]
fn a_panic_in_a_step_is_a_violation_with_its_place() {
    let five = couriers().commands(at(70, 4, "Panic"));
    let failure = five.run(0).outcome.failure.expect("it panicked");
    let (check, at) = (failure.check.to_string(), failure.at.to_string());
    assert_eq!((&*check, &*at, &*failure.event), ("no_panic", "70", "command"));
    assert!(failure.reason.starts_with("panicked at tests/laws/courier.rs:"), "{failure:?}");
    assert!(failure.detail.starts_with("n4 panicked") && failure.detail.ends_with(": told to"));
}

#[test]
fn a_run_in_which_time_stands_still_is_stopped() {
    let five = couriers().over(r#"delay: Fixed("0ms")"#).commands(at(5, 1, "Throw(2)"));
    let failure = five.run(0).outcome.failure.expect("it never ends");
    assert_eq!((&*failure.check.to_string(), &*failure.reason), ("progress", "time stands still"));
}

#[test]
fn an_instant_may_bring_any_number_of_events_that_were_planned() {
    let report = couriers().nodes(120_000).run(0);
    assert_eq!((report.held(), report.tally.events), (true, 120_000));
}

#[test]
fn a_deadline_at_the_end_of_time_is_kept_too() {
    let end = TimeSpan::from_nanos(u64::MAX);
    let five = couriers().calm_at(ms(0)).until(end).expect(Expect::eventually(Fact::Happy, end));
    assert!(!five.run(0).held());
}

#[test]
fn a_run_with_too_many_events_is_stopped() {
    let report = couriers().commands(at(5, 1, "Throw(2)")).max_events(50).run(0);
    assert_eq!(report.tally.events, 51);
    assert_eq!(report.outcome.failure.expect("it is stopped").reason, "too many events");
}

#[test]
fn a_run_ends_before_the_instant_at_which_it_is_to_end() {
    let five = couriers().commands(at(9_990, 1, "Send(to: 2, letter: 1)"));
    assert_eq!(five.run(0).tally.delivered, 0, "it would arrive at 10 s sharp");
}

#[test]
fn a_node_that_is_taken_down_by_anothers_effect_is_judged_at_that_event() {
    let five = couriers()
        .commands(at(50, 1, "Send(to: 3, letter: 1)"))
        .wrong("(when: Sends(from: 1, nth: 1), do: Crash(2)),")
        .claims("Always(Up)");
    let failed = Some(("Always(Up)".into(), "50".into(), "command".into()));
    assert_eq!(failure(&five), failed);
}

#[test]
fn what_a_machine_that_panicked_left_behind_is_not_looked_at() {
    let report = couriers().commands(at(70, 4, "Panic")).run(0);
    assert!(!report.world.is_up(node(4)) && report.world.is_up(node(1)));
}

#[test]
fn a_run_in_which_no_node_is_ever_up_has_not_held() {
    let crashes: String =
        (1..=5).map(|node| format!("(at: \"0ms\", do: Crash({node})),")).collect();
    let report = couriers().wrong(crashes).claims("Always(Happy)").run(0);
    let failure = report.outcome.failure.expect("nothing was put to the test");
    assert_eq!((&*failure.check.to_string(), &*failure.reason), ("tested", "no node was ever up"));
}

#[test]
fn an_eventually_that_asks_about_no_node_is_no_reason_to_say_ok() {
    let crashes: String = (1..=5).map(|node| format!("(at: \"1s\", do: Crash({node})),")).collect();
    let five = couriers().wrong(crashes).calm_at(ms(2_000));
    let alone = five.clone().claims(EVENTUALLY).run(0);
    let failure = alone.outcome.failure.expect("nothing was put to the test");
    assert_eq!(failure.reason, "no line of `expect` was put to the test");
    assert_eq!(failure.detail, "Eventually(Happy): no node was up that it asks about");
    let beside = five.claims(EVENTUALLY).claims("Reaches(Up)").run(0);
    assert!(beside.held());
    assert_eq!(beside.untested, [Some(Untested::NobodyUp), None]);
}

#[test]
fn a_leads_to_whose_cause_never_held_is_no_reason_to_say_ok() {
    let leads = r#"LeadsTo(from: Happy, to: Up, within: "1s")"#;
    let alone = couriers().claims(leads).run(0);
    let failure = alone.outcome.failure.expect("nothing was put to the test");
    assert_eq!(failure.detail, "LeadsTo(Happy, Up): its cause never held");
    let caused = moods(&[(100, true)], leads).run(0);
    assert!(caused.held());
    assert_eq!(caused.untested, [None]);
}

/// The cause holds 500 ms before the end, and the effect, which never comes, had a second.
#[test]
fn a_leads_to_that_was_not_due_before_the_end_is_no_reason_to_say_ok() {
    // A property alone has a path of its own through the judge.
    for to in ["Even", "Not(Every(Up))"] {
        let leads = format!(r#"LeadsTo(from: Happy, to: {to}, within: "1s")"#);
        let late = moods(&[(9_500, true)], &leads).run(0);
        let failure = late.outcome.failure.expect("nothing was put to the test");
        let expected = format!("LeadsTo(Happy, {to}): the run ended before its effect was due");
        assert_eq!(failure.detail, expected);
    }
}

#[test]
fn a_leads_to_whose_effect_comes_is_tested_however_long_it_could_have_waited() {
    for to in ["Even", "All([Even, Every(Up)])"] {
        let leads = format!(r#"LeadsTo(from: Happy, to: {to}, within: "1s")"#);
        let met = moods(&[(9_500, true)], &leads).commands(at(9_600, 1, "Mood(false)")).run(0);
        assert!(met.held());
        assert_eq!(met.untested, [None]);
    }
}

#[test]
fn a_run_tells_the_longest_time_that_a_leads_to_took_from_its_cause_or_from_the_calm() {
    // An odd number is happy as long as the first one is.
    let mood = |millis, is_happy: bool| at(millis, 1, &format!("Mood({is_happy})"));
    for to in ["Even", "All([Even, Every(Up)])"] {
        let leads = format!(r#"LeadsTo(from: Happy, to: {to}, within: "1s")"#);
        let twice = moods(&[(3_000, true)], &leads)
            .commands(mood(3_300, false) + &mood(4_000, true) + &mood(4_100, false));
        assert_eq!(twice.run(0).took, [Some(Duration::from_millis(300))]);
        let over_the_calm = moods(&[(1_900, true)], &leads).commands(mood(2_150, false));
        assert_eq!(over_the_calm.run(0).took, [Some(Duration::from_millis(150))]);
    }
}

#[test]
fn a_run_judged_on_safety_alone_of_which_only_liveness_was_expected_has_not_held() {
    let crashes: String = (1..=2).map(|node| format!("(at: \"1s\", do: Crash({node})),")).collect();
    let five = couriers().wrong(crashes).budget(1).calm_at(ms(2_000)).claims(EVENTUALLY);
    let alone = five.run(0);
    let failure = alone.outcome.failure.clone().expect("nothing was put to the test");
    assert_eq!(
        (failure.check, &*failure.reason),
        (Check::Tested, "no line of `expect` was put to the test",)
    );
    assert_eq!(failure.detail, "Eventually(Happy): only safety was judged");
    let told = story::tell(&five.scenario(), Seed(0), &alone);
    assert!(told.contains("judged on safety alone: more nodes were down"), "{told}");
    assert!(five.clone().claims("Always(Happy)").run(0).failure.is_some(), "safety is judged");
    let reached = five.claims("Reaches(Up)").run(0);
    assert!(reached.held(), "{:?}", reached.failure);
}

#[test]
fn a_scenario_that_expects_nothing_asks_for_progress_without_a_panic() {
    let report = couriers().run(0);
    let told = story::tell(&couriers().scenario(), Seed(0), &report);
    assert!(told.ends_with("ok    progress without a panic\n"), "{told}");
}

#[test]
fn a_command_whose_node_is_down_is_told_as_not_heard() {
    let five = couriers().commands(at(50, 3, "Mood(true)") + &at(60, 2, "Mood(true)"));
    let absent = five.clone().absent([crate::courier::node(3)]).run(0);
    let told = story::tell(&couriers().scenario(), Seed(0), &absent);
    assert!(told.contains("not heard: n3 has not started"), "{told}");
    let report = five.wrong("(at: \"20ms\", do: Crash(3)),").run(0);
    assert_eq!(report.tally.unheard, 1);
    let told = story::tell(&couriers().scenario(), Seed(0), &report);
    assert!(told.contains("not heard: n3 is down"), "{told}");
    assert!(told.contains("not heard: 1 command, whose node was not up"), "{told}");
}
