//! The plan is the artefact: what it says is what happens.

use indexmap::IndexMap;
use proptest::prelude::*;
use rehearsal::sim::plan::{Decision, Decisions, Rest};
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::{Keep, Options, Plan, Report, run};

use crate::courier::{AsWritten, Couriers, Five, ROUGH, at, couriers, keyed, letters, ms, plan};

/// Without faults.
fn quiet() -> Five {
    couriers().over(ROUGH).random(100).calm_at(ms(2_000))
}

fn busy() -> Five {
    quiet().wrong(
        r#"(at: "500ms", do: Bounce(node: 4, down: "300ms")),
            (at: "1s", do: Partition([[1, 2]])), (at: "1500ms", do: Heal),
            (every: Exponential("20ms"), do: Pause(node: "any", lasts: "1ms")),"#,
    )
}

fn noted(five: &Five, seed: u64) -> Report<Couriers> {
    let options = Options::seed(seed).decisions(Decisions::default().taking_notes());
    run(&five.scenario(), options)
}

/// A plan as it reads back from its text.
fn reread(plan: &Plan) -> Plan {
    Plan::parse::<Couriers>("plan.ron", &plan.to_string()).expect("what is written can be read")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_lists_every_unusual_decision_replays_the_run_to_the_byte(seed: u64) {
        let report = noted(&busy(), seed);
        let listed = report.decisions.clone().expect("they were noted");
        let is_strike = |what: &Decision| matches!(what, Decision::Strike { .. });
        prop_assert!(listed.len() > 50 && listed.values().any(is_strike));
        let plan = reread(&plan(busy().scenario(), seed, Rest::Usual, listed));
        let again = plan.case.run(Options::plan(&plan));
        prop_assert_eq!(again.digest, report.digest);
        prop_assert!(again.unmet.is_empty(), "{:?}", again.unmet);
    }

    #[test]
    fn a_plan_that_lists_nothing_replays_the_run_to_the_byte(seed: u64) {
        let report = noted(&busy(), seed);
        let plan = reread(&plan(busy().scenario(), seed, Rest::Seed, IndexMap::new()));
        prop_assert_eq!(plan.case.run(Options::plan(&plan)).digest, report.digest);
    }
}

/// Strikes that find nobody are no decisions, so they must not count towards the bound on events.
#[test]
fn a_run_that_ends_by_its_bound_is_repeated_though_faults_have_found_nobody() {
    let idle = r#"(at: "0ms", do: Crash(4)),
        (every: Exponential("20ms"), do: Bounce(node: 4, down: "1ms")),"#;
    let five = quiet().wrong(idle);
    let noting = Options::seed(1).decisions(Decisions::default().taking_notes());
    let report = run(&five.scenario(), noting.most_events(60));
    assert_eq!(report.failure.as_ref().map(|it| &*it.reason), Some("too many events"));
    let listed = report.decisions.clone().expect("they were noted");
    let plan = plan(five.scenario(), 1, Rest::Usual, listed);
    let again = plan.case.run(Options::plan(&plan).most_events(60));
    assert_eq!((again.digest, &again.failure), (report.digest, &report.failure));
}

#[test]
fn with_nothing_listed_and_the_rest_usual_a_run_is_undisturbed() {
    let options = Options::seed(3).decisions(Decisions::listed([], Rest::Usual)).keep(Keep::Trace);
    let report = run(&quiet().scenario(), options);
    assert!(report.tally.lost.is_empty() && report.tally.duplicates == 0);
    for node in report.world.nodes() {
        // The least number, and one more for each node before.
        let usual = format!("rolled {}", node.number());
        let told = report.world.outputs(node).iter();
        let rolled: Vec<_> = told.filter(|told| told.starts_with("rolled")).collect();
        assert!(!rolled.is_empty() && rolled.iter().all(|told| **told == usual), "{rolled:?}");
    }
}

#[test]
fn a_listed_decision_overrides_the_seed_and_moves_no_other() {
    let rolls: String = (0..20).map(|turn| at(turn * 10, 2, "Roll")).collect();
    let rolling = busy().commands(rolls);
    let taken = |decisions: Decisions| {
        let options = Options::seed(3).decisions(decisions.taking_notes());
        run(&rolling.scenario(), options).outcome.decisions.expect("they were noted")
    };
    let before = taken(Decisions::default());
    let listed = keyed([("n2:draw#1", Decision::Draw(42))]);
    let draw = listed[0].0.clone();
    assert!(matches!(before.get(&draw), Some(Decision::Draw(_))));
    let after = taken(Decisions::listed(listed, Rest::Seed));
    assert_eq!(after[&draw], Decision::Draw(42));
    let draws = before.keys().filter(|key| key.to_string().starts_with("n2:draw#")).count();
    assert!(draws > 2, "there are later draws that could move");
    let changed = before.iter().filter(|(key, value)| after.get(*key) != Some(value)).count();
    assert_eq!(changed, 1);
}

#[test]
fn a_decision_about_what_never_happens_is_reported_as_unmet() {
    let keys = ["n1->n2:pigeon#1", "n1:timer(tea)#1", "n1~7:draw#1", "n9:draw#1"];
    let listed = keyed(keys.map(|key| (key, Decision::Lose)));
    let decisions = Decisions::listed(listed, Rest::Seed);
    let report = run(&busy().scenario(), Options::seed(3).decisions(decisions));
    let mut unmet: Vec<_> = report.unmet.iter().map(ToString::to_string).collect();
    unmet.sort();
    assert_eq!(unmet, keys);
    assert_eq!(report.digest, busy().run(3).digest);
}

#[test]
fn no_plan_disturbs_the_calm() {
    let calm = couriers().commands(letters()).calm_at(ms(0));
    let listed = keyed([
        ("n1->n2:letter#1", Decision::Lose),
        ("n1->n2:letter#2", Decision::Duplicate(vec![TimeSpan::ZERO, TimeSpan::ZERO])),
        ("n1->n2:letter#3", Decision::Delay(TimeSpan::from_nanos(9_000_000_000))),
    ]);
    let decisions = Decisions::listed(listed, Rest::Seed);
    let report = run(&calm.scenario(), Options::seed(3).decisions(decisions));
    assert_eq!(report.digest, calm.run(3).digest);
}

#[test]
fn faults_that_were_set_by_hand_are_in_the_plan() {
    let scenario = busy().scenario();
    let only = scenario.faults()[..1].to_vec();
    let scenario = scenario.with_faults(only).expect("they are right");
    let report = run(&scenario, Options::seed(8));
    let faults = scenario.faults().to_vec();
    let plan = reread(&plan(scenario, 8, Rest::Seed, IndexMap::new()));
    assert_eq!(plan.case.synopsis().faults, faults);
    assert_eq!(plan.case.run(Options::plan(&plan)).digest, report.digest);
}
