//! What a property leaves behind when it fails can be replayed.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rehearsal::Exit;
use rehearsal::shipped::Script;
use rehearsal::sim::Scenario;
use rehearsal::sim::plan::{Plan, path_hash};
use rehearsal::sim::strategy::{self, Kind, Menu};

use super::{Folder, LOSSY, with};

/// The file of a property of this name about this scenario, which is gone in the end.
struct Left(PathBuf);

impl Left {
    fn by(name: &str, scenario: &Scenario<Script>) -> Self {
        let hash = path_hash(Path::new(scenario.name()));
        Self(Path::new("rehearsal-failures").join(format!("{name}-{hash}.ron")))
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        // There is none if the test failed early.
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn the_least_plan_of_a_property_that_fails_is_left_and_replays() {
    let name = "the_least_plan_of_a_property_that_fails_is_left_and_replays";
    let lossless = with(LOSSY, ", loss: \"10/100\", duplicate: \"5/100\"", "");
    let folder = Folder::with_paper().file("x.ron", lossless);
    let scenario = Scenario::<Script>::open(&folder.path("x.ron")).expect("a right scenario");
    let left = Left::by(name, &scenario);
    let plans = Menu::nothing(&scenario).with(Kind::Lose).with(Kind::Crash).plans();

    let config =
        Config { failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[1; 32]);
    let broken = TestRunner::new_with_rng(config, random).run(&plans, |faults| {
        strategy::rehearse(&scenario, 3, faults, name)?;
        Ok(())
    });

    let Err(TestError::Fail(why, faults)) = broken else { panic!("it held: {broken:?}") };
    let again = format!("again: rehearsal replay {}", left.0.display());
    assert!(why.message().ends_with(&again), "{why}");
    let text = fs::read_to_string(&left.0).expect("the plan is there");
    let plan = Plan::parse::<Script>("plan.ron", &text).expect("what is written can be read");
    assert_eq!(plan.case.synopsis().faults, faults, "the last case that failed is the least");
    folder.ends(&format!("replay {}", left.0.display()), Exit::Violated);
}
