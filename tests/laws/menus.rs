//! What a menu makes fits its scenario, has nothing that is not on it, and
//! shrinks to the least.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rehearsal::sim::fault::{Action, Disk, Trigger, When};
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::strategy::{Kind, Menu};
use rehearsal::sim::{Fault, Files, Scenario};

use crate::courier::{AsWritten, Couriers, couriers, ms};

fn scenario(nodes: u32, rest: &str) -> Scenario<Couriers> {
    let text = format!(
        "(claim: \"A menu.\", protocol: Courier(()), nodes: {nodes}, network: (delay: Fixed(\"1ms\")),
        expect: [], {rest})"
    );
    Scenario::parse("menu.ron", &text, Files::none()).expect("a right scenario")
}

/// So many plans of a menu, the same ones each time.
fn some(menu: &Menu, count: usize) -> Vec<Vec<Fault>> {
    let (mut runner, plans) = (TestRunner::deterministic(), menu.plans());
    (0..count).map(|_| plans.new_tree(&mut runner).expect("a plan").current()).collect()
}

#[test]
fn no_menu_makes_a_fault_that_its_scenario_refuses() {
    for (nodes, rest) in [
        (1, "until: \"1s\""),
        (1, "until: \"1ns\""),
        (2, "until: \"7ns\", calm_at: \"1ns\""),
        (2, "until: \"1h\", calm_at: \"1min\", calm_for: [2]"),
        (3, "until: \"5ms\", calm_at: \"3ms\", absent: [1, 3]"),
        (9, "until: \"1s\", calm_at: \"0ms\""),
        (4, "until: \"1s\", calm_at: \"500ms\", upgrade: Courier(())"),
        (40, "until: \"584h\", calm_at: \"583h\", calm_for: [1, 40], absent: [7]"),
    ] {
        let scenario = scenario(nodes, rest);
        let menu = Menu::everything(&scenario).messages(["letter"]).roles(['H', 'x']);
        let longest = TimeSpan::from_nanos(u64::MAX);
        for plan in some(&menu, 100).into_iter().chain(some(&menu.lasting(longest), 100)) {
            let refused = scenario.with_faults(plan).err();
            assert_eq!(refused, None, "{nodes} nodes, {rest}");
        }
    }
}

#[test]
fn what_is_not_on_the_menu_does_not_happen() {
    let scenario = couriers().calm_at(ms(5_000)).scenario();
    let actions = |menu: &Menu| {
        let faults = some(menu, 200).into_iter().flatten();
        faults.map(|fault| fault.action).collect::<Vec<_>>()
    };
    assert!(actions(&Menu::nothing(&scenario)).is_empty());
    let losses = actions(&Menu::nothing(&scenario).with(Kind::Lose));
    assert!(losses.len() > 500 && losses.iter().all(|action| *action == Action::Lose));
    let survivable = actions(&Menu::survivable(&scenario));
    assert!(!survivable.iter().any(|action| matches!(
        action,
        Action::Wipe(_)
            | Action::Amnesia(_)
            | Action::Upgrade(_)
            | Action::LyingDisk(_)
            | Action::Start(_)
            | Action::Bounce { disk: Disk::Wiped, .. }
    )));
    let without = actions(&Menu::survivable(&scenario).without(Kind::Clock));
    assert!(!without.iter().any(|action| matches!(
        action,
        Action::Skew { .. } | Action::Step { .. } | Action::Drift { .. }
    )));
    assert!(without.iter().any(|action| matches!(action, Action::Pause { .. })));
}

#[test]
fn whoever_goes_down_comes_back_and_what_is_cut_or_held_is_open_again() {
    let scenario = couriers().scenario();
    let kinds = [Kind::Crash, Kind::Partition, Kind::Hold, Kind::Pause];
    let menu = kinds.into_iter().fold(Menu::nothing(&scenario), Menu::with);
    let until = scenario.until().as_nanos();
    for plan in some(&menu, 300) {
        for (place, fault) in plan.iter().enumerate() {
            let ends = |end: &Action| plan[place..].iter().any(|later| later.action == *end);
            let (end, is_late) = match (&fault.action, &fault.when) {
                (Action::Crash(node), _) => (Action::Restart(node.clone()), false),
                (Action::Pause { node, lasts: None }, When::At(at)) => {
                    (Action::Resume(node.clone()), at.as_nanos() > until / 2)
                }
                (Action::Hold { from, to }, When::At(at)) => {
                    (Action::Release { from: *from, to: *to }, at.as_nanos() > until / 2)
                }
                (Action::Partition(_) | Action::Cut(_), When::At(at)) => {
                    (Action::Heal, at.as_nanos() > until / 2)
                }
                _ => continue,
            };
            assert!(is_late || ends(&end), "{fault} without an end in {plan:?}");
        }
    }
}

/// A bug that takes three faults, each of at least so much.
fn breaks(plan: &[Fault]) -> bool {
    let crashes = plan.iter().any(|fault| {
        let When::At(at) = fault.when else { return false };
        matches!(&fault.action, Action::Bounce { node, down, .. }
            if node.to_string() == "n3" && at.as_nanos() > 1_234_000_000 && down.as_nanos() >= 250_000_000)
    });
    let loses = plan.iter().any(|fault| {
        matches!(&fault.when, When::On(Trigger::Sends { from: Some(from), nth, .. })
            if from.number() >= 2 && nth.get() >= 3 && fault.action == Action::Lose)
    });
    let delays =
        plan.iter().any(|fault| matches!(fault.action, Action::Delay(by) if by.as_nanos() > 0));
    crashes && loses && delays
}

#[test]
fn a_plan_shrinks_to_the_faults_that_matter_each_as_mild_as_can_be() {
    let scenario = couriers().calm_at(ms(5_000)).scenario();
    let plans = Menu::survivable(&scenario).messages(["letter", "ball"]).at_most(30).plans();
    let config = Config {
        failure_persistence: None,
        cases: 5_000,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let broken = TestRunner::new_with_rng(config, random).run(&plans, |plan| {
        if breaks(&plan) { Err(TestCaseError::fail("broken")) } else { Ok(()) }
    });
    let Err(TestError::Fail(_, plan)) = broken else { panic!("no plan broke it: {broken:?}") };
    let mut told: Vec<_> = plan.iter().map(ToString::to_string).collect();
    told.sort();
    assert_eq!(
        told,
        ["crash n3 for 250ms at 1235ms", "delay to 1ms n1->n2 letter #1", "lose n2->n1 letter #3",]
    );
}
