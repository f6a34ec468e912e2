//! A planted bug is chosen per run: runs side by side have different ones.

use std::thread;

use rehearsal::machine::mutant;
use rehearsal::prelude::*;
use rehearsal::sim::{Options, Runner, Scenario, run};
use serde::{Deserialize, Serialize};

/// Tells whether `Loud` and `Quiet` are selected, at every start.
struct Herald;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hail;

impl Message for Hail {
    fn kind(&self) -> &'static str {
        "hail"
    }
}

impl Machine for Herald {
    type Message = Hail;
    type Command = Nothing;
    type Output = (bool, bool);
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, _: Input<Self>, cx: &mut Context<'_, Self>) {
        let is_loud = mutant!(Loud);
        cx.emit((is_loud, mutant!(Quiet)));
    }
}

impl Protocol for Herald {
    const NAME: &'static str = "Herald";
    type Config = ();
    type Machine = Self;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), _: NodeId, _: &Nodes) -> Result<Self, Reason> {
        Ok(Self)
    }

    fn holds(never: &Nothing, _: Question<'_, Self>) -> Answer {
        match *never {}
    }
}

fn scenario() -> Scenario<Herald> {
    let text = "(claim: \"Bugs are planted.\", protocol: Herald(()), nodes: 1, until: \"1s\",
        network: (delay: Fixed(\"1ms\")), expect: [])";
    Scenario::parse("herald.ron", text, Files::none()).expect("a right scenario")
}

fn heard(scenario: &Scenario<Herald>, options: Options) -> ((bool, bool), bool) {
    let report = run(scenario, options);
    (report.world.outputs(NodeId::from_index(0))[0], report.mutant_reached)
}

#[test]
fn two_threads_share_a_scenario_and_run_it_with_different_bugs() {
    let scenario = scenario();
    let with = |name: &'static str| {
        let scenario = &scenario;
        move || (0..200).map(|_| heard(scenario, Options::seed(0).mutant(name))).collect::<Vec<_>>()
    };
    let (loud, quiet) = thread::scope(|scope| {
        let (loud, quiet) = (scope.spawn(with("Loud")), scope.spawn(with("Quiet")));
        (loud.join().expect("no panic"), quiet.join().expect("no panic"))
    });
    assert!(loud.iter().all(|heard| *heard == ((true, false), true)));
    assert!(quiet.iter().all(|heard| *heard == ((false, true), true)));
}

#[test]
fn the_next_run_of_a_runner_has_no_bug_left_over() {
    let scenario = scenario();
    let mut runner = Runner::new(&scenario);
    let node = NodeId::from_index(0);
    let first = runner.run(Options::seed(0).mutant("Loud"));
    assert_eq!(first.world.outputs(node)[0], (true, false));
    let second = runner.run(Options::seed(0));
    assert_eq!((second.world.outputs(node)[0], second.mutant_reached), ((false, false), false));
}

#[test]
fn a_name_that_no_code_asks_for_is_not_reached() {
    assert_eq!(heard(&scenario(), Options::seed(0).mutant("Lowd")), ((false, false), false));
}

#[test]
fn a_bug_of_a_run_takes_the_place_of_the_one_around_it_for_that_run() {
    let scenario = scenario();
    let (inner, is_outer_reached) =
        mutant::with("Loud", || heard(&scenario, Options::seed(0).mutant("Quiet")));
    assert_eq!((inner, is_outer_reached), (((false, true), true), false));
    let (after, is_outer_reached) = mutant::with("Loud", || {
        let _ = heard(&scenario, Options::seed(0).mutant("Quiet"));
        heard(&scenario, Options::seed(0))
    });
    assert_eq!((after, is_outer_reached), (((true, false), false), true));
}
