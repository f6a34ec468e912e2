//! Shrinking: what is left of a failing run fails in the same way, and nothing
//! more can go.

mod refusals;
mod usual;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use indexmap::IndexMap;
use rehearsal::shipped::Script;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::{Action, Disk, Target, When};
use rehearsal::sim::plan::{Decision, DecisionKey, Rest};
use rehearsal::sim::scenario::Changes;
use rehearsal::sim::shrink::{Shrinker, Shrunk, shrink};
use rehearsal::sim::{Case, Files, Fingerprint, Options, Plan, Protocol, Scenario};

use crate::courier::{AsWritten as _, Couriers, Five, ROUGH, at, couriers, ms, node};

/// The paper's algorithm, which does not survive a lost acknowledgement.
fn script(form: &str) -> Case {
    let network = r#"delay: Uniform("1ms", "20ms"), loss: "10/100", duplicate: "5/100""#;
    script_over(form, network, "")
}

fn script_over(form: &str, network: &str, faults: &str) -> Case {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/lossy.ron");
    let text = format!(
        r#"(
            claim: "A lossy network is survived.",
            protocol: Script((form: {form}, script: "paper-50.txt", resend: "50ms")),
            nodes: 6,
            network: ({network}),
            faults: [{faults}],
            calm_at: "1s",
            until: "9s",
            expect: [Eventually(what: AllDelivered, within: "7s")],
        )"#
    );
    Scenario::<Script>::parse("lossy.ron", &text, Files::beside(&file)).expect("it is right").into()
}

/// Of a run with this seed nothing is listed yet.
fn plan(case: Case, seed: u64) -> Plan {
    let (seed, decisions) = (Seed(seed), IndexMap::new());
    Plan { case, seed, rest: Rest::Seed, decisions, mutant: None, fails: None }
}

fn lossy(seed: u64) -> Plan {
    plan(script("AsPrinted"), seed)
}

fn shrunk(plan: &Plan) -> Shrunk {
    shrink(plan).expect("it fails")
}

fn failure(plan: &Plan) -> Option<Fingerprint> {
    plan.case.run(Options::plan(plan)).fingerprint(plan.case.synopsis())
}

/// The plan with other decisions, and with these changes of its scenario.
fn varied(plan: &Plan, decisions: IndexMap<DecisionKey, Decision>, changes: &Changes) -> Plan {
    let case = plan.case.with_changes(plan.seed, changes).expect("less of the same");
    Plan { case, seed: plan.seed, rest: plan.rest, decisions, mutant: None, fails: None }
}

/// Every plan that lacks one decision, fault, command or node of this one. It knows
/// nothing of how plans are shrunk.
fn with_one_part_less(plan: &Plan) -> Vec<(String, Plan)> {
    let all = || plan.decisions.clone();
    let mut fewer = Vec::new();
    for key in plan.decisions.keys() {
        let mut decisions = all();
        decisions.shift_remove(key);
        fewer.push((key.to_string(), varied(plan, decisions, &Changes::default())));
    }
    let synopsis = plan.case.synopsis();
    for place in 0..synopsis.faults.len() {
        let mut faults = synopsis.faults.clone();
        let gone = format!("{:?}", faults.remove(place));
        let changes = Changes { faults: Some(faults), ..Changes::default() };
        fewer.push((gone, varied(plan, all(), &changes)));
    }
    let commands = plan.case.commands(plan.seed);
    for place in 0..commands.len() {
        let others = (0..commands.len()).filter(|other| *other != place).collect();
        let changes = Changes { commands: Some(others), ..Changes::default() };
        fewer.push((format!("{:?}", commands[place]), varied(plan, all(), &changes)));
    }
    fewer
}

#[test]
fn of_a_lossy_run_one_lost_acknowledgement_is_left() {
    for seed in 0..5 {
        let Shrunk { plan, before, after, is_minimal, .. } = shrunk(&lossy(seed));
        assert!(is_minimal && before.decisions > 100, "{before}");
        assert_eq!((after.nodes, after.faults, after.decisions), (6, 0, 1), "seed {seed}: {after}");
        let (key, decision) = plan.decisions.first().expect("there is one");
        assert!(matches!(key, DecisionKey::Message(it) if it.kind == "ack"), "{key}");
        assert_eq!(*decision, Decision::Lose);
    }
}

#[test]
fn a_shrunk_plan_is_the_same_the_second_time_and_for_any_number_of_jobs() {
    let first = shrunk(&lossy(3));
    for jobs in [1, 2, 5] {
        let jobs = NonZeroUsize::new(jobs).expect("not 0");
        let again = Shrinker::new().jobs(jobs);
        let again = again.shrink(&lossy(3), &mut |_| ControlFlow::Continue(())).expect("it fails");
        assert_eq!(again.plan.to_string(), first.plan.to_string(), "{jobs} jobs");
        assert_eq!(again.tried, first.tried, "{jobs} jobs");
        let twin = |shrunk: &Shrunk| shrunk.twin.as_ref().map(|twin| twin.plan.to_string());
        assert_eq!(twin(&again), twin(&first), "{jobs} jobs");
    }
}

fn rolls() -> String {
    (0..60).map(|turn| at(turn * 7, turn % 5 + 1, "Roll")).collect()
}

/// Everything that can go wrong, in one scenario. It fails because n4 is down.
fn busy() -> Five {
    couriers().over(ROUGH).commands(rolls()).wrong(
        r#"(at: "13ms", do: Skew(node: 2, by: Ahead("1s"))), (at: "20ms", do: Partition([[1, 2]])),
            (at: "310001us", do: Bounce(node: 4, down: "123456us", disk: Wiped)),
            (when: Sends(from: 1, kind: "letter"), do: Lose), (at: "2s", do: Pause(node: 3)),"#,
    )
}

fn busy_plan(five: &Five) -> Plan {
    plan(five.scenario().into(), 7)
}

#[test]
fn nothing_can_go_from_a_shrunk_plan() {
    let odd = busy().commands(at(500, 3, "Mood(true)")).claims("Always(Even)");
    let down = busy().claims("Always(Up)");
    for first in [lossy(1), lossy(2), busy_plan(&odd), busy_plan(&down)] {
        let shrunk = shrunk(&first);
        let fails = failure(&shrunk.plan).expect("it fails");
        assert_eq!(Some(&fails), failure(&first).as_ref());
        for (part, fewer) in with_one_part_less(&shrunk.plan) {
            assert_ne!(failure(&fewer).as_ref(), Some(&fails), "without {part} it fails, too");
        }
    }
}

/// It reads back as the same plan, whose run fails as it says.
#[track_caller]
fn assert_replays_from_its_text<P: Protocol>(shrunk: &Shrunk) {
    let plan = Plan::parse::<P>("small.ron", &shrunk.plan.to_string()).expect("it can be read");
    let [first, again] = [&shrunk.plan, &plan].map(|plan| plan.case.run(Options::plan(plan)));
    assert_eq!(first.digest, again.digest);
    assert_eq!(first.fingerprint(plan.case.synopsis()), plan.fails);
    assert!(plan.fails.is_some() && again.unmet.is_empty());
}

#[test]
fn a_shrunk_plan_replays_from_its_text() {
    let odd = busy().commands(at(500, 3, "Mood(true)")).claims("Always(Even)");
    assert_replays_from_its_text::<Script>(&shrunk(&lossy(4)));
    let odd = shrunk(&busy_plan(&odd));
    assert_eq!((odd.after.commands, odd.after.unusual()), (1, 0), "{}", odd.after);
    assert_replays_from_its_text::<Couriers>(&odd);
}

#[test]
fn the_commands_of_a_workload_shrink_like_those_of_a_file() {
    let five = couriers().over(ROUGH).random(200).commands(at(3, 5, "Panic"));
    let shrunk = shrunk(&busy_plan(&five));
    assert_eq!((shrunk.before.commands, shrunk.after.commands), (201, 1));
    let text = shrunk.plan.to_string();
    let plan = Plan::parse::<Couriers>("small.ron", &text).expect("it can be read");
    assert_eq!(failure(&plan), plan.fails, "{text}");
}

#[test]
fn what_is_left_is_as_mild_and_as_round_as_it_can_be() {
    let shrunk = shrunk(&busy_plan(&busy().claims("Always(Up)")));
    let [fault] = &shrunk.plan.case.synopsis().faults[..] else { panic!("{}", shrunk.after) };
    let down = ms(0);
    let action = Action::Bounce { node: Target::Node(node(4)), down, disk: Disk::Intact };
    assert_eq!((&fault.when, &fault.action), (&When::At(ms(0)), &action));
}

#[test]
fn a_fault_that_struck_at_random_is_left_as_one_that_strikes_at_its_time() {
    let often = r#"(every: Exponential("40ms"), do: Bounce(node: "any", down: "1ms")),"#;
    let shrunk = shrunk(&busy_plan(&couriers().wrong(often).claims("Always(Up)")));
    let [fault] = &shrunk.plan.case.synopsis().faults[..] else { panic!("{}", shrunk.after) };
    assert!(matches!(fault.when, When::At(_)), "{fault:?}");
    assert_eq!(shrunk.after.decisions, 0);
}

#[test]
fn of_the_links_that_a_fault_names_or_draws_those_that_matter_are_left() {
    let network = r#"delay: Fixed("10ms"), sessions: ()"#;
    for (action, is) in [
        ("Cut([(1, 2), (2, 5), (4, 6), (5, 6)])", "cut "),
        ("CutAny(15)", "cut "),
        ("CutAny(8)", "cut "),
        ("Break([(1, 2), (2, 5), (4, 6), (5, 6)])", "break "),
        ("BreakAny(15)", "break "),
        ("BreakAny(8)", "break "),
    ] {
        let fault = format!(r#"(at: "65ms", do: {action}), (at: "90ms", do: Heal)"#);
        let plan = plan(script_over("AsPrinted", network, &fault), 1);
        let shrunk = shrink(&plan).unwrap_or_else(|error| panic!("{action}: {error:?}"));
        let faults = &shrunk.plan.case.synopsis().faults;
        let left: Vec<_> = faults.iter().map(|fault| fault.action.to_string()).collect();
        // One link, or any one.
        let is_one = |left: &String| left.starts_with(is) && left.matches('n').count() <= 3;
        assert!(left.len() == 1 && left.iter().all(is_one), "{action}: {left:?}");
    }
}

#[test]
fn a_twin_holds_and_is_one_change_away() {
    let shrunk = shrunk(&lossy(3));
    let twin = shrunk.twin.as_ref().expect("there is one");
    assert_eq!(failure(&twin.plan), None);
    let key = shrunk.plan.decisions.keys().next().expect("there is one");
    assert_eq!(twin.without, format!("\"{key}\": Lose"));
    let [failing, passing] = [&shrunk.plan, &twin.plan].map(|plan| plan.decisions.len());
    assert_eq!((failing, passing), (1, 0));
    let [failing, passing] = [&shrunk.plan, &twin.plan].map(|plan| plan.case.synopsis().clone());
    assert_eq!(failing, passing);
}

#[test]
fn a_plan_that_fails_otherwise_is_no_smaller_one() {
    // Without the crash an odd number should be happy in the end, and nobody is. The only
    // courier cannot go, so nothing else keeps the crash in the plan.
    let crash = r#"(at: "310ms", do: Bounce(node: 1, down: "10ms")),"#;
    let one = couriers().nodes(1).wrong(crash).claims("Always(Up), AtEnd(Not(Even))");
    let first = busy_plan(&one);
    let shrunk = shrunk(&first);
    assert_eq!(failure(&shrunk.plan), failure(&first));
    assert_eq!(shrunk.after.faults, 1, "{}", shrunk.after);
}

#[test]
fn a_plan_that_fails_otherwise_is_no_twin() {
    let happy = busy().commands(at(10, 3, "Mood(true)"));
    let two = busy_plan(&happy.claims("Always(Up), AtEnd(Not(Even))"));
    let fails = failure(&two).expect("it fails at the crash");
    let shrunk = shrunk(&two);
    assert_eq!(failure(&shrunk.plan), Some(fails));
    assert_eq!((shrunk.after.commands, shrunk.after.faults), (0, 1), "{}", shrunk.after);
    // Without the crash the run gets to its end, where an odd number should be happy.
    assert!(shrunk.twin.is_none(), "{:?}", shrunk.twin);
}

#[test]
fn a_search_that_is_ended_gives_the_smallest_plan_so_far() {
    let first = lossy(3);
    let ended = Shrinker::new().shrink(&first, &mut |_| ControlFlow::Break(())).expect("it fails");
    assert!(!ended.is_minimal && ended.tried > 0);
    assert_eq!(failure(&ended.plan), failure(&first));
    assert!(ended.after.decisions > shrunk(&first).after.decisions, "{}", ended.after);
}
