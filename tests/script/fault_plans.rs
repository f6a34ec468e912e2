//! Properties over plans of faults, which shrink: flat lists, no reference that
//! could dangle, the mildest value at zero.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rehearsal::protocol::NodeId;
use rehearsal::shipped::Script;
use rehearsal::sim::fault::{Action, Disk, Nth, Trigger, When};
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::{Fault, Options, Scenario, run};

use super::support::{PAPER_50, SAFE, Sketch};

const USERS: u32 = 6;
const CALM_AT: u64 = 6_000;

fn span(millis: u64) -> TimeSpan {
    TimeSpan::from_nanos(millis * 1_000_000)
}

fn user() -> impl Strategy<Value = NodeId> {
    (0..USERS as usize).prop_map(NodeId::from_index)
}

/// The `nth` message of a kind on a link is lost, late or doubled.
fn on_a_message() -> impl Strategy<Value = Fault> {
    let kind = prop_oneof![Just("data"), Just("ack")];
    let action = prop_oneof![
        (0_u64..2_000).prop_map(|late| Action::Delay(span(late))),
        (0_u64..2_000).prop_map(|later| Action::Duplicate(span(later))),
        Just(Action::Lose),
    ];
    (user(), user(), kind, 1_u64..4, action).prop_map(|(from, to, kind, nth, action)| {
        let (from, to, kind) = (Some(from), Some(to), Some(kind.to_owned()));
        let nth = Nth::new(nth).expect("from 1");
        Fault { when: When::On(Trigger::Sends { from, role: None, to, kind, nth }), action }
    })
}

/// A user is down for a while, from any of its effects on.
fn at_an_effect() -> impl Strategy<Value = Fault> {
    (user(), 1_u64..80, 0_u64..2_000).prop_map(|(of, nth, down)| {
        let action = Action::Bounce { node: of.into(), down: span(down), disk: Disk::Intact };
        let nth = Nth::new(nth).expect("from 1");
        Fault { when: When::On(Trigger::Effect { of, nth }), action }
    })
}

/// A user is cut off, or everybody hears everybody again.
fn at_a_time() -> impl Strategy<Value = Fault> {
    let action = prop_oneof![
        Just(Action::Heal),
        user().prop_map(|alone| Action::Partition(vec![vec![alone]]))
    ];
    (0..CALM_AT, action).prop_map(|(at, action)| Fault { when: When::At(span(at)), action })
}

fn plan() -> impl Strategy<Value = Vec<Fault>> {
    prop::collection::vec(prop_oneof![on_a_message(), at_an_effect(), at_a_time()], 0..30)
}

fn rehearsal(sketch: Sketch) -> Scenario<Script> {
    let expect = format!("{SAFE}, Eventually(what: AllDelivered, within: \"100s\")");
    let network = "delay: Uniform(\"1ms\", \"30ms\")".to_owned();
    let sketch = sketch.resend(70).network(network).calm_at(CALM_AT).until(200_000).expect(expect);
    sketch.scenario().expect("a right scenario")
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_repaired_form_survives_every_plan(seed: u64, faults in plan()) {
        let mut scenario = rehearsal(Sketch::of(PAPER_50));
        scenario.set_faults(faults).map_err(|reason| TestCaseError::fail(reason.to_string()))?;
        let report = run(&scenario, Options::seed(seed));
        prop_assert!(report.held(), "{:?}", report.failure);
    }
}

#[test]
fn what_breaks_the_printed_form_shrinks_to_one_fault_on_one_message() {
    let config =
        Config { failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let broken = TestRunner::new_with_rng(config, random).run(&plan(), |faults| {
        let mut scenario = rehearsal(Sketch::of(PAPER_50).printed_form());
        scenario.set_faults(faults).map_err(|reason| TestCaseError::fail(reason.to_string()))?;
        let report = run(&scenario, Options::seed(1));
        prop_assert!(report.held(), "{:?}", report.failure);
        Ok(())
    });
    let Err(TestError::Fail(_, faults)) = broken else { panic!("no plan broke it: {broken:?}") };
    let [fault] = faults.as_slice() else { panic!("not one fault but {faults:?}") };
    let mut scenario = rehearsal(Sketch::of(PAPER_50).printed_form());
    assert!(run(&scenario, Options::seed(1)).held(), "without the fault nothing breaks");
    scenario.set_faults(vec![fault.clone()]).expect("it was run before");
    assert!(!run(&scenario, Options::seed(1)).held(), "{fault} breaks it");
}
