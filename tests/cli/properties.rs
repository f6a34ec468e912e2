//! What a property leaves behind when it fails can be replayed.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rehearsal::Exit;
use rehearsal::shipped::Script;
use rehearsal::sim::Scenario;
use rehearsal::sim::plan::{Plan, path_hash};
use rehearsal::sim::shrink::shrink;
use rehearsal::sim::strategy::{self, Kind, Menu};

use super::{Folder, LOSSY, with};

/// The files of a property of this name about this scenario, which are gone in the end.
struct Left {
    first: PathBuf,
    small: PathBuf,
}

impl Left {
    fn by(name: &str, scenario: &Scenario<Script>) -> Self {
        let hash = path_hash(Path::new(scenario.name()));
        let [first, small] = ["", "-small"]
            .map(|which| Path::new("rehearsal-failures").join(format!("{name}-{hash}{which}.ron")));
        Self { first, small }
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        for file in [&self.first, &self.small] {
            // There is none if the test failed early.
            let _ = fs::remove_file(file);
        }
    }
}

#[test]
fn the_smallest_plan_of_a_property_that_fails_is_left_and_replays() {
    let name = "the_smallest_plan_of_a_property_that_fails_is_left_and_replays";
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
    let again = format!("again: rehearsal replay {}", left.small.display());
    assert!(why.message().ends_with(&again), "{why}");
    let read = |file| {
        let text = fs::read_to_string(file).expect("the plan is there");
        Plan::parse::<Script>("plan.ron", &text).expect("what is written can be read")
    };
    let (first, small) = (read(&left.first), read(&left.small));
    assert!(first.case.synopsis().faults.len() >= faults.len(), "the first case that fails");
    let again = shrink(&first).expect("it fails").plan;
    assert_eq!(again.to_string(), small.to_string(), "it is what the shrinker gives");
    folder.ends(&format!("replay {}", left.small.display()), Exit::Violated);
}
