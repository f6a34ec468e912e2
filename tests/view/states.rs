use std::collections::BTreeMap;
use std::path::Path;

use rehearsal::machine::NodeId;
use rehearsal::sim::{Case, Keep, Options, Outcome};

use crate::pages::stock;

const SCENARIOS: [&str; 5] = [
    "election/lost-answer.ron",
    "deadlock/grant-in-flight.ron",
    "faults/crash-on-save.ron",
    "ordering/takeover-fenced.ron",
    "chat/rough.ron",
];

fn case(name: &str) -> Case {
    let case = rehearsal::shipped::cli().scenario(Path::new(&stock(name)));
    case.unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

fn traced(seed: u64) -> Options {
    Options::seed(seed).keep(Keep::Trace)
}

fn without_states(outcome: Outcome) -> Outcome {
    let mut outcome = outcome;
    outcome.states = None;
    outcome
}

#[test]
fn to_keep_states_changes_nothing_else_of_a_run() {
    for name in SCENARIOS {
        let case = case(name);
        for seed in 0..3 {
            let kept = case.run(traced(seed).states_from(1));
            let states = kept.states.as_ref().expect("they were asked for");
            assert!(states.steps.iter().any(|step| step.after.is_some()), "{name}");
            assert_eq!(without_states(kept), case.run(traced(seed)), "{name}, seed {seed}");
        }
    }
}

#[test]
fn without_events_to_name_no_states_are_kept() {
    let outcome = case("election/lost-answer.ron").run(Options::seed(0).states_from(1));
    assert_eq!(outcome.states, None);
}

/// From wherever states are kept, what a node was before its first step is what it was after the
/// one before, as a run that keeps all of them tells.
#[test]
fn the_state_before_a_step_is_that_after_the_node_s_step_before() {
    for name in SCENARIOS {
        let case = case(name);
        let all = case.run(traced(0).states_from(1)).states.expect("states");
        for from in [2, 30, 60, 90] {
            let part = case.run(traced(0).states_from(from)).states.expect("states");
            let later: Vec<_> = all.steps.iter().filter(|step| step.event >= from).collect();
            assert_eq!(part.steps.len(), later.len(), "{name} from {from}");
            let mut last: BTreeMap<NodeId, Option<String>> = BTreeMap::new();
            for step in all.steps.iter().filter(|step| step.event < from) {
                last.insert(step.node, step.after.clone());
            }
            for (step, expected) in part.steps.iter().zip(later) {
                assert_eq!(step.after, expected.after);
                if let Some(before) = &step.before {
                    let known = last.remove(&step.node).flatten();
                    assert_eq!(Some(before), known.as_ref(), "{name}: event {}", step.event);
                }
            }
        }
    }
}

#[test]
fn who_waits_is_told_at_every_change() {
    let outcome = case("deadlock/paper-behind-a-cycle.ron").run(traced(0).states_from(u64::MAX));
    let states = outcome.states.expect("states");
    assert_eq!(states.steps, []);
    let mut waits: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for change in states.waits {
        waits.insert(change.node.number(), change.on.iter().map(|node| node.number()).collect());
    }
    // n1 waits behind the cycle of n3 and n6.
    assert_eq!((&waits[&3][..], &waits[&6][..]), (&[5, 6][..], &[3][..]));
    assert!(waits[&1].contains(&3), "{waits:?}");
}
