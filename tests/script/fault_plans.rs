//! Properties over plans of faults, and what is left of one that breaks
//! something.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rehearsal::shipped::Script;
use rehearsal::sim::strategy::{self, Kind, Menu};
use rehearsal::sim::{Fault, Options, Scenario, run};

use super::support::{PAPER_50, SAFE, Sketch, properties};

fn rehearsal(sketch: Sketch) -> Scenario<Script> {
    let expect = format!("{SAFE}, Eventually(what: AllDelivered, within: \"100s\")");
    let network = "delay: Uniform(\"1ms\", \"30ms\")".to_owned();
    let sketch = sketch.resend(70).network(network).calm_at(6_000).until(200_000).expect(expect);
    sketch.scenario().expect("a right scenario")
}

fn menu(scenario: &Scenario<Script>) -> Menu {
    Menu::survivable(scenario).messages(["data", "ack"]).on_the_first(80)
}

/// What a property shrinks to, from a fixed seed of its own.
fn shrunk(
    scenario: &Scenario<Script>,
    plans: &BoxedStrategy<Vec<Fault>>,
    name: &str,
) -> Vec<Fault> {
    let config = Config { max_shrink_iters: 20_000, ..properties() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let broken = TestRunner::new_with_rng(config, random).run(plans, |faults| {
        strategy::rehearse(scenario, 1, faults, name)?;
        Ok(())
    });
    // It was to fail: nobody is to find its plans among failures.
    let plans = fs::read_dir("rehearsal-failures").expect("a case that fails leaves its plan");
    let is_its = |file: &PathBuf| file.file_name().is_some_and(|file| file_is_of(file, name));
    let plans: Vec<_> = plans.map(|file| file.expect("a file").path()).filter(is_its).collect();
    assert_eq!(plans.len(), 2, "the first case that failed, and the smallest plan: {plans:?}");
    for plan in plans {
        fs::remove_file(plan).expect("it can be removed");
    }
    match broken {
        Err(TestError::Fail(_, faults)) => faults,
        other => panic!("no plan broke it: {other:?}"),
    }
}

/// Is this the plan of a property of that name?
fn file_is_of(file: &OsStr, name: &str) -> bool {
    file.to_string_lossy().strip_prefix(name).is_some_and(|hash| hash.starts_with('-'))
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn the_repaired_form_survives_every_plan(
        seed in strategy::seeds(),
        faults in menu(&rehearsal(Sketch::of(PAPER_50))).plans(),
    ) {
        let scenario = rehearsal(Sketch::of(PAPER_50));
        strategy::rehearse(&scenario, seed, faults, "the_repaired_form_survives_every_plan")?;
    }
}

/// The faults that are left of plans of one kind, in words; that they break it
/// and that nothing breaks without them.
fn least(kind: Kind) -> Vec<String> {
    let scenario = rehearsal(Sketch::of(PAPER_50).printed_form());
    let menu = Menu::nothing(&scenario).with(kind).messages(["data", "ack"]);
    let faults = shrunk(&scenario, &menu.plans(), &format!("the_printed_form-{kind:?}"));
    let holds = |faults: &[Fault]| {
        let scenario = scenario.with_faults(faults.to_vec()).expect("they were run before");
        run(&scenario, Options::seed(1)).held()
    };
    assert!(!holds(&faults), "{faults:?} break it");
    for place in 0..faults.len() {
        let others = [&faults[..place], &faults[place + 1..]].concat();
        assert!(holds(&others), "{others:?} do not break it");
    }
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn what_breaks_the_printed_form_shrinks_to_one_fault_on_one_message() {
    for (kind, what) in
        [(Kind::Lose, "lose "), (Kind::Corrupt, "corrupt "), (Kind::Delay, "delay ")]
    {
        let faults = least(kind);
        let [fault] = faults.as_slice() else { panic!("not one fault but {faults:?}") };
        assert!(fault.starts_with(what) && fault.ends_with("ack #1"), "{fault}");
    }
}

#[test]
fn a_crash_that_breaks_the_printed_form_shrinks_to_one_crash() {
    let faults = least(Kind::Crash);
    assert!(matches!(faults.as_slice(), [crash] if crash.starts_with("crash ")), "{faults:?}");
}
