//! What is delivered when a user crashes before its first step and stays down.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::graph::Waits;
use super::support::{PAPER_50, Run, Sketch, Talk, node, properties};

/// The messages that do not touch the crashed user, nor wait for one that does.
fn expected(talk: &Talk, crashed: usize) -> BTreeSet<usize> {
    let touches = |number: usize| {
        let (from, to) = talk.messages[number - 1];
        from == crashed || to == crashed
    };
    Waits::new(talk.messages.len(), &talk.projections()).without(touches)
}

fn run_without(source: &str, crashed: usize) -> Run {
    let sketch = Sketch::of(source).until(10_000);
    sketch.fault(format!("at: \"0ms\", do: Crash({crashed})")).run()
}

#[test]
fn without_user_1_the_paper_delivers_messages_2_4_and_7() {
    assert_eq!(run_without(PAPER_50, 1).delivered(), BTreeSet::from([2, 4, 7]));
}

#[test]
fn a_user_that_crashes_at_once_takes_no_step_and_what_does_not_wait_for_it_is_delivered() {
    let talk = Talk::read(PAPER_50);
    for crashed in 1..=6 {
        let run = run_without(PAPER_50, crashed);
        run.assert_held();
        let (world, user) = (&run.0.world, node(crashed));
        assert!(!world.is_up(user) && world.outputs(user).is_empty(), "user {crashed}");
        assert_eq!(run.delivered(), expected(&talk, crashed), "without user {crashed}");
    }
}

proptest! {
    #![proptest_config(properties())]

    #[test]
    fn a_crashed_user_holds_up_only_what_waits_for_it(
        talk in super::cost::talk(),
        crashed in any::<prop::sample::Index>(),
    ) {
        let crashed = crashed.index(talk.users) + 1;
        let run = run_without(&talk.source(), crashed);
        prop_assert!(run.0.held(), "{:?}", run.0.failure);
        prop_assert_eq!(run.delivered(), expected(&talk, crashed));
    }
}
