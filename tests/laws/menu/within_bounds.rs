//! Faults of which chance decides when and what, within bounds.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::plan::{Decision, Decisions, Rest};
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Options, run};

use super::{millis, node};
use crate::courier::{AsWritten, Five, couriers, keyed, ms};

fn five(faults: &str) -> Five {
    couriers().wrong(faults).calm_at(ms(8_000))
}

fn crashes(five: &Five, seed: u64) -> Vec<(Time, u32)> {
    let crash = |event: rehearsal::sim::trace::Event| match event.what {
        EventKind::Crash { node } => Some((event.at, node.number())),
        _ => None,
    };
    five.events(seed).into_iter().filter_map(crash).collect()
}

#[test]
fn a_fault_strikes_at_as_many_random_instants_of_its_range_as_it_says() {
    let faults =
        r#"(at: Uniform("1s", "2s"), times: 4, do: Bounce(node: AnyOf([2, 4]), down: "0ms")),"#;
    let all: Vec<_> = (0..100).flat_map(|seed| crashes(&five(faults), seed)).collect();
    assert_eq!(all.len(), 400);
    assert!(all.iter().all(|(at, _)| (millis(1_000)..=millis(2_000)).contains(at)));
    let early = all.iter().filter(|(at, _)| *at < millis(1_250)).count();
    // A quarter of 400, with a deviation of 9.
    assert!((60..=140).contains(&early), "{early}");
    let mut nodes: BTreeMap<u32, usize> = BTreeMap::new();
    for (_, node) in &all {
        *nodes.entry(*node).or_default() += 1;
    }
    assert_eq!(nodes.keys().collect::<Vec<_>>(), [&2, &4]);
    // Half of 400, with a deviation of 10.
    assert!((150..=250).contains(&nodes[&2]), "{nodes:?}");
    assert_eq!(crashes(&five(r#"(at: Uniform("1s", "2s"), do: Crash(1)),"#), 5).len(), 1);
}

#[test]
fn a_random_fault_keeps_to_its_window_and_its_limit() {
    let faults = r#"(name: "p", every: Exponential("50ms"), from: "1s", until: "3s", do: Pause(node: "any", lasts: "1ms")),"#;
    let pauses = |faults: &str, seed| {
        let events = five(faults).events(seed).into_iter();
        events
            .filter(|event| matches!(event.what, EventKind::Pause { .. }))
            .map(|it| it.at)
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = (0..20).flat_map(|seed| pauses(faults, seed)).collect();
    assert!(all.iter().all(|at| (millis(1_000)..millis(3_000)).contains(at)));
    // 40 in each run, with a deviation of 28 in all.
    assert!((680..=920).contains(&all.len()), "{}", all.len());
    let limited = faults.replace("do:", "times: 3, do:");
    assert!((0..20).all(|seed| pauses(&limited, seed).len() == 3));
    assert_eq!(pauses(&limited, 7), pauses(faults, 7)[..3]);
}

#[test]
fn a_crash_within_a_step_does_not_come_after_the_window() {
    let faults = r#"(every: Exponential("300ms"), until: "2s", do: Bounce(node: 2, down: "0ms")),"#;
    let letters = super::letters(2, 1, &[2_001, 2_002, 2_003, 2_004, 2_005, 2_006]);
    for seed in 0..200 {
        let crashes = crashes(&five(faults).commands(&letters), seed);
        assert!(crashes.iter().all(|(at, _)| *at < millis(2_000)), "{seed}: {crashes:?}");
    }
}

#[test]
fn a_restart_at_a_random_instant_may_come_after_the_calm() {
    let faults = r#"(at: "1s", do: Crash(2)), (at: Uniform("8500ms", "9s"), do: Restart(2)),"#;
    let report = five(faults).until(ms(9_500)).run(1);
    assert_eq!(report.strikes, [1, 1]);
    assert!(report.world.is_up(node(2)));
}

#[test]
fn a_split_has_sides_of_the_sizes_it_says_and_any_nodes() {
    let sides = |seed| {
        let split = five(r#"(at: "1s", do: Split([2, 1])),"#).events(seed).into_iter();
        let mut splits = split.filter_map(|event| match event.what {
            EventKind::Partition { sides } => Some(sides),
            _ => None,
        });
        splits.next().expect("it has been split")
    };
    let all: BTreeSet<_> = (0..400).map(sides).collect();
    assert!(all.iter().all(|sides| sides[0].len() == 2 && sides[1].len() == 1));
    assert!(all.iter().all(|sides| !sides[0].contains(&sides[1][0])));
    assert_eq!(all.len(), 30, "two of five, and one of three");
}

#[test]
fn a_random_cut_cuts_as_many_links_as_it_says_both_ways() {
    let cut = |seed| {
        let events = five(r#"(at: "1s", do: CutAny(2)),"#).events(seed).into_iter();
        let mut cuts = events.filter_map(|event| match event.what {
            EventKind::Cut { links } => Some(links),
            _ => None,
        });
        cuts.next().expect("they were cut")
    };
    let all: BTreeSet<Vec<(NodeId, NodeId)>> = (0..600).map(cut).collect();
    assert_eq!(all.len(), 45, "two of ten pairs");
    assert!(all.iter().all(|links| links.len() == 4 && links[0] == (links[1].1, links[1].0)));
}

#[test]
fn a_plan_says_when_and_what_and_the_usual_is_the_first_of_its_bounds() {
    let faults = r#"(at: Uniform("1s", "2s"), times: 2, do: Crash(AnyOf([3, 4]))), (at: "3s", do: Split([1])),"#;
    let usual = Decisions::listed([], Rest::Usual);
    let report = run(&five(faults).scenario(), Options::seed(1).decisions(usual));
    assert_eq!(report.strikes, [2, 1]);
    assert!(!report.world.is_up(node(3)) && !report.world.is_up(node(4)));
    let strike = |at, number: u32| Decision::Strike {
        at: Some(ms(at)),
        node: NodeId::new(number),
        effects: None,
        does: None,
    };
    let listed = keyed([("faults[0]#1", strike(1_700, 4)), ("faults[0]#2", Decision::Spare)]);
    let listed = Decisions::listed(listed, Rest::Usual);
    let report = run(&five(faults).scenario(), Options::seed(1).decisions(listed));
    assert_eq!(report.strikes, [1, 1]);
    assert!(report.world.is_up(node(3)) && !report.world.is_up(node(4)));
}

#[test]
fn an_instant_that_the_run_does_not_reach_is_listed_too() {
    let faults = r#"(at: Uniform("5ms", "900ms"), do: Crash(2)),"#;
    let five = couriers().wrong(faults).claims("Always(Happy)");
    for seed in 0..5 {
        let noting = Decisions::default().taking_notes();
        let noted = run(&five.scenario(), Options::seed(seed).decisions(noting)).outcome;
        assert!(noted.failure.is_some(), "it fails at the first event");
        let decisions = noted.decisions.expect("they were noted");
        assert!(decisions.keys().any(|key| key.to_string().contains("crash n2")), "{decisions:?}");
    }
}
