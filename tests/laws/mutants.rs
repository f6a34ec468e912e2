//! A planted bug is chosen per run: runs side by side have different ones.

use std::thread;

use rehearsal::machine::mutant;
use rehearsal::sim::{Options, Report, Runner, Scenario, run};

use crate::courier::{AsWritten, Couriers, at, couriers, node};

/// One courier, who tells of `Loud` and `Quiet`.
fn scenario() -> Scenario<Couriers> {
    couriers().nodes(1).commands(at(0, 1, "Confess")).scenario()
}

/// Which of the two were selected, and whether the selected one was reached.
fn told(report: &Report<Couriers>) -> (String, bool) {
    (report.world.outputs(node(1))[1].clone(), report.mutant_reached)
}

fn heard(scenario: &Scenario<Couriers>, options: Options) -> (String, bool) {
    told(&run(scenario, options))
}

fn loud() -> (String, bool) {
    ("loud true, quiet false".to_owned(), true)
}

fn quiet() -> (String, bool) {
    ("loud false, quiet true".to_owned(), true)
}

/// No bug was selected, or one that no code asks for.
fn neither() -> (String, bool) {
    ("loud false, quiet false".to_owned(), false)
}

#[test]
fn two_threads_share_a_scenario_and_run_it_with_different_bugs() {
    let scenario = scenario();
    let with = |name: &'static str| {
        let scenario = &scenario;
        move || (0..200).map(|_| heard(scenario, Options::seed(0).mutant(name))).collect::<Vec<_>>()
    };
    let (told_loud, told_quiet) = thread::scope(|scope| {
        let (loud, quiet) = (scope.spawn(with("Loud")), scope.spawn(with("Quiet")));
        (loud.join().expect("no panic"), quiet.join().expect("no panic"))
    });
    assert!(told_loud.iter().all(|told| *told == loud()));
    assert!(told_quiet.iter().all(|told| *told == quiet()));
}

#[test]
fn the_next_run_of_a_runner_has_no_bug_left_over() {
    let scenario = scenario();
    let mut runner = Runner::new(&scenario);
    assert_eq!(told(&runner.run(Options::seed(0).mutant("Loud"))), loud());
    assert_eq!(told(&runner.run(Options::seed(0))), neither());
}

#[test]
fn a_name_that_no_code_asks_for_is_not_reached() {
    assert_eq!(heard(&scenario(), Options::seed(0).mutant("Lowd")), neither());
}

#[test]
fn a_bug_of_a_run_takes_the_place_of_the_one_around_it_for_that_run() {
    let scenario = scenario();
    let (inner, is_outer_reached) =
        mutant::with("Loud", || heard(&scenario, Options::seed(0).mutant("Quiet")));
    assert_eq!((inner, is_outer_reached), (quiet(), false));
    let ((after, _), is_outer_reached) = mutant::with("Loud", || {
        let _ = heard(&scenario, Options::seed(0).mutant("Quiet"));
        heard(&scenario, Options::seed(0))
    });
    assert_eq!((after, is_outer_reached), (loud().0, true));
}
