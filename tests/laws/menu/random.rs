//! Faults that strike again and again, at random or at a beat.

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::plan::{Decision, Decisions, Rest};
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Keep, Options, run};

use super::{at, letters, millis};
use crate::courier::{AsWritten, Five, ROUGH, couriers, fates, keyed, ms};

fn five(faults: &str) -> Five {
    couriers().wrong(faults).calm_at(ms(8_000))
}

fn crashes_of(events: &[Event]) -> Vec<(Time, u32)> {
    let crash = |event: &Event| match event.what {
        EventKind::Crash { node } => Some((event.at, node.number())),
        _ => None,
    };
    events.iter().filter_map(crash).collect()
}

fn crashes(five: &Five, seed: u64) -> Vec<(Time, u32)> {
    crashes_of(&five.events(seed))
}

const OFTEN: &str = r#"(every: Exponential("500ms"), do: Bounce(node: "any", down: "100ms")),"#;

#[test]
fn a_fault_with_a_beat_strikes_at_every_beat_until_the_calm() {
    let beat = r#"(every: Fixed("1500ms"), do: Bounce(node: 2, down: "100ms")),"#;
    let told: Vec<_> = crashes(&five(beat), 1).iter().map(|(at, _)| *at).collect();
    assert_eq!(told, [1_500, 3_000, 4_500, 6_000, 7_500].map(millis));
}

#[test]
fn a_random_fault_strikes_as_often_as_its_rate_says_and_any_node() {
    let all: Vec<_> = (0..50).flat_map(|seed| crashes(&five(OFTEN), seed)).collect();
    // 16 in 8 s, 800 in 50 runs, with a deviation of 28. A node that is down is not struck, and
    // of those that wait for an effect, the last ones before the calm do not strike.
    assert!((620..=820).contains(&all.len()), "{}", all.len());
    for number in 1..=5 {
        let own = all.iter().filter(|(_, node)| *node == number).count();
        assert!((100..=220).contains(&own), "{own} of {} on node {number}", all.len());
    }
}

#[test]
fn random_faults_keep_to_the_budget() {
    let long = r#"(every: Exponential("100ms"), do: Bounce(node: "any", down: "2s")),"#;
    let most = |five: Five| {
        let (mut down, mut most) = (0_u32, 0);
        for event in five.events(1) {
            match event.what {
                EventKind::Crash { .. } => down += 1,
                EventKind::Start { incarnation, .. } if incarnation > 1 => down -= 1,
                _ => {}
            }
            most = most.max(down);
        }
        (most, five.run(1).safety_alone)
    };
    assert_eq!(most(five(long).budget(2)), (2, None));
    assert_eq!(most(five(long)), (5, None));
}

#[test]
fn random_faults_have_nothing_to_do_with_the_fates_of_messages_or_with_each_other() {
    let letters = letters(1, 2, &[100, 200, 300, 4_000, 5_000]);
    let with = |faults: &str| five(faults).over(ROUGH).commands(&letters);
    let pauses = r#"(every: Exponential("300ms"), do: Pause(node: "any", lasts: "1ms")),"#;
    assert_eq!(fates(&with(pauses).events(3)), fates(&with("").events(3)));
    let both = format!("{OFTEN} {pauses}");
    assert_eq!(crashes(&with(&both), 3), crashes(&with(OFTEN), 3));
}

/// A crash that waits for an effect may find its node down, by another crash.
#[test]
fn a_plan_of_crashes_that_overtake_each_other_replays_alike() {
    let faults = r#"(every: Exponential("37ms"), do: Crash("any")),
        (every: Exponential("50ms"), do: Restart("any")), (every: Exponential("60ms"), do: Wipe("any")),"#;
    let five = five(faults).commands(letters(1, 2, &[5, 40, 90, 130])).calm_at(ms(200));
    assert_replays_alike(&five, 300);
}

/// A plan that lists every unusual decision replays the runs of so many seeds to the byte.
#[track_caller]
fn assert_replays_alike(five: &Five, seeds: u64) {
    for seed in 0..seeds {
        let noting = Decisions::default().taking_notes();
        let noted = run(&five.scenario(), Options::seed(seed).decisions(noting)).outcome;
        let decisions = noted.decisions.expect("they were noted");
        let listed = Decisions::listed(decisions, Rest::Usual);
        let again = run(&five.scenario(), Options::seed(seed).decisions(listed));
        assert_eq!(again.digest, noted.digest, "seed {seed}");
    }
}

/// A crash that waits for effects in vain strikes the node that had the role, which
/// another one may have by then.
#[test]
fn a_plan_of_the_usual_keeps_the_node_that_a_fault_on_a_role_has_found() {
    let turn =
        |turn: u32| at(turn * 30, turn % 5 + 1, &format!("Mood({})", !turn.is_multiple_of(3)));
    let moods: String = (0..300).map(turn).collect();
    let often = r#"(every: Exponential("60ms"), do: Bounce(node: 'H', down: "8ms")),"#;
    let five = couriers().commands(moods).wrong(often);
    assert!(five.run(0).strikes[0] > 10);
    assert_replays_alike(&five, 60);
}

#[test]
fn a_strike_that_a_plan_lists_for_a_node_that_is_down_strikes_no_other() {
    let faults = r#"(at: "1s", do: Crash(2)), (at: "2s", do: Bounce(node: "any", down: "1ms")),"#;
    let node = |number| Some(NodeId::new(number).expect("from 1"));
    for (target, strikes) in [(node(2), 0), (node(4), 1)] {
        let strike = Decision::Strike { at: None, node: target, effects: None, does: None };
        let listed = Decisions::listed(keyed([("faults[1]#1", strike)]), Rest::Usual);
        let report = run(&five(faults).scenario(), Options::seed(1).decisions(listed));
        assert_eq!(report.strikes, [1, strikes]);
    }
}

#[test]
fn what_a_plan_lists_of_faults_is_listed_again_when_its_run_is_written_out() {
    let faults = r#"(name: "beat", every: Fixed("900ms"), do: Bounce(node: "any", down: "1ms")),
        (name: "one", at: "2s", do: Crash(3)), (name: "each", each: Sends(from: 1), do: Lose),
        (name: "late", at: Uniform("100ms", "7900ms"), do: Crash(2)),"#;
    let five = five(faults).commands(letters(1, 2, &[100, 200]));
    let strike = |at, number| Decision::Strike {
        at: Some(ms(at)),
        node: NodeId::new(number),
        effects: None,
        does: None,
    };
    let listed = keyed([
        ("fault(beat)#3", strike(1_500, 4)),
        ("fault(one)#1", Decision::Spare),
        ("fault(each)#2", Decision::Spare),
    ]);
    let noting = Decisions::listed(listed.clone(), Rest::Usual).taking_notes();
    let noted = run(&five.scenario(), Options::seed(1).decisions(noting)).outcome;
    let decisions = noted.decisions.expect("they were noted");
    for (key, decision) in &listed {
        assert_eq!(decisions.get(key), Some(decision), "{key}");
    }
    let again = Decisions::listed(decisions, Rest::Usual);
    assert_eq!(run(&five.scenario(), Options::seed(1).decisions(again)).digest, noted.digest);
}

#[test]
fn of_the_usual_no_random_fault_strikes() {
    let usual = Decisions::listed([], Rest::Usual);
    let report = run(&five(OFTEN).scenario(), Options::seed(5).decisions(usual));
    assert_eq!(report.strikes, [0]);
}

#[test]
fn a_plan_can_spare_one_strike_and_leave_the_others() {
    let by_seed = crashes(&five(OFTEN), 5);
    let spared = keyed([("faults[0]#3", Decision::Spare)]);
    let options = Options::seed(5).keep(Keep::Trace);
    let options = options.decisions(Decisions::listed(spared, Rest::Seed));
    let left =
        crashes_of(&run(&five(OFTEN).scenario(), options).outcome.events.expect("kept").to_vec());
    assert!(!left.contains(&by_seed[2]));
    assert!(left.contains(&by_seed[0]) && left.contains(&by_seed[1]));
}

#[test]
fn a_fault_that_strikes_at_every_nanosecond_and_finds_nobody_is_stopped() {
    let faults = r#"(every: Fixed("1ns"), do: Crash('Z')),"#;
    let report = couriers().wrong(faults).max_events(1_000).run(1);
    let failure = report.outcome.failure.expect("it never ends");
    assert_eq!(failure.reason, "too many events");
}

#[test]
fn no_strike_that_a_plan_lists_disturbs_the_calm() {
    let faults =
        r#"(every: Exponential("1h"), do: Flap(sides: [[1], [2]], cut: "1ms", open: "1ms")),"#;
    let strike = Decision::Strike { at: Some(ms(9_000)), node: None, effects: None, does: None };
    let listed = Decisions::listed(keyed([("faults[0]#1", strike)]), Rest::Usual);
    let report = run(&five(faults).scenario(), Options::seed(1).decisions(listed));
    assert_eq!(report.strikes, [0]);
}

#[test]
fn a_fault_that_does_nothing_has_not_struck() {
    let idle = r#"(at: "1s", do: Restart(1)), (at: "1s", do: Resume(1)), (at: "1s", do: Release(from: 1, to: 2)),
        (at: "1s", do: Crash(2)), (at: "2s", do: Pause(node: 2)), (at: "3s", do: Bounce(node: 2, down: "1ms")),"#;
    assert_eq!(five(idle).run(1).unstruck(), [0, 1, 2, 4, 5]);
}
