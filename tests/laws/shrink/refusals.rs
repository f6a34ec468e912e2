//! What cannot be shrunk, and what a smaller plan must not slip to.

use std::ops::ControlFlow;

use indexmap::IndexMap;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::{Action, Fault, When};
use rehearsal::sim::plan::NotReproduced;
use rehearsal::sim::plan::Rest;
use rehearsal::sim::scenario::Changes;
use rehearsal::sim::shrink::{NotShrinkable, Shrinker, Shrunk, shrink};
use rehearsal::sim::{Case, Plan};

use super::{busy, busy_plan, failure, lossy, plan, rolls, script, shrunk};
use crate::courier::{AsWritten as _, at, couriers, ms, node};

fn shrunk_while(must_hold: &Case, seed: u64) -> Result<Shrunk, NotShrinkable> {
    let shrinker = Shrinker::new().must_hold(must_hold);
    shrinker.shrink(&lossy(seed), &mut |_| ControlFlow::Continue(()))
}

#[test]
fn a_run_that_holds_or_fails_otherwise_is_not_shrunk() {
    let held = shrink(&plan(script("Repaired"), 1)).expect_err("it holds");
    assert_eq!(held, NotReproduced::Holds.into());
    let mut other = lossy(1);
    other.fails = failure(&busy_plan(&busy().claims("Always(Up)")));
    let refusal = shrink(&other).expect_err("it fails otherwise");
    let NotShrinkable::NotReproduced(NotReproduced::FailsOtherwise { .. }) = refusal else {
        panic!("{refusal}")
    };
    assert!(refusal.to_string().contains("a user is stuck"), "{refusal}");
}

#[test]
fn a_smaller_plan_counts_only_where_the_repaired_configuration_holds() {
    let repaired = script("Repaired");
    let small = shrunk_while(&repaired, 3).expect("it fails");
    assert_eq!(small.plan.to_string(), shrunk(&lossy(3)).plan.to_string());
}

#[test]
fn a_scenario_that_must_hold_and_does_not_is_refused() {
    let refusal = shrunk_while(&script("AsPrinted"), 3).expect_err("it fails, too");
    assert!(matches!(refusal, NotShrinkable::FailsAnyway { .. }), "{refusal}");
}

#[test]
fn a_scenario_that_must_hold_has_the_same_commands_and_can_take_the_same_faults() {
    let failing = busy().claims("Always(Up)");
    for other in [couriers(), couriers().commands(rolls()).calm_at(ms(5))] {
        let other = Case::from(other.scenario());
        let shrinker = Shrinker::new().must_hold(&other);
        let plan = busy_plan(&failing);
        let refusal = shrinker.shrink(&plan, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(refusal, Err(NotShrinkable::DoesNotFit(_))), "{refusal:?}");
    }
}

/// A courier without its command is unhappy whatever else happens, and that is not
/// the failure of the run. A courier that never starts is not asked about.
#[test]
fn what_fails_because_a_command_is_missing_is_another_failure() {
    let moods: String = (1..=5).map(|node| at(10, node, "Mood(true)")).collect();
    let five = couriers().commands(moods).calm_at(ms(50));
    let five = five.wrong(r#"(at: "20ms", do: Bounce(node: 2, down: "5ms")),"#);
    let five = five.claims(r#"Eventually(what: Happy, within: "1s")"#);
    let shrunk = shrunk(&busy_plan(&five));
    let left = (shrunk.after.nodes, shrunk.after.commands, shrunk.after.faults);
    assert_eq!(left, (1, 1, 1), "{}", shrunk.after);
}

/// A user whose partners never start is always stuck.
#[test]
fn what_fails_because_a_node_is_missing_is_another_failure_even_if_a_fault_starts_the_others() {
    let start = Fault::new(When::At(ms(200)), Action::Start(node(6)));
    let changes =
        Changes { absent: Some(vec![node(6)]), faults: Some(vec![start]), ..Changes::default() };
    let late = script("AsPrinted").with_changes(Seed(0), &changes).expect("it fits");
    let undisturbed =
        |of: &Plan| Plan { decisions: IndexMap::new(), rest: Rest::Usual, ..of.clone() };
    let failing = (0..20).map(|seed| plan(late.clone(), seed)).find(|it| failure(it).is_some());
    let failing = failing.expect("an acknowledgement is lost");
    assert_eq!(failure(&undisturbed(&failing)), None);
    let small = shrunk(&failing).plan;
    assert_eq!(failure(&undisturbed(&small)), None, "{:?}", small.decisions);
}
