//! When a failure was decided: the curve is what plain runs and a pencil say it is.

mod post;

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::ControlFlow;

use indexmap::IndexMap;
use rehearsal::machine::NodeId;
use rehearsal::sim::cause::{Cause, Change, Findings, Future, Inquiry, NoCause};
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::FaultName;
use rehearsal::sim::plan::{Decision, DecisionKey, Decisions, NotReproduced, Rest};
use rehearsal::sim::scenario::Changes;
use rehearsal::sim::shrink::shrink;
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::sweep::Sweep;
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Case, Options, Plan};

use post::{
    not_three_of_three, not_two_of_sixty, not_two_of_three, three_letters, three_letters_at_once,
};

fn plan(case: Case, seed: u64) -> Plan {
    let decisions = IndexMap::new();
    Plan { case, seed: Seed(seed), rest: Rest::Seed, decisions, mutant: None, fails: None }
}

fn inquiry<'a>(seeds: u32, first: u64) -> Inquiry<'a> {
    Inquiry::new().seeds(NonZeroU32::new(seeds).expect("not 0"), Seed(first))
}

fn found(inquiry: &Inquiry<'_>, plan: &Plan) -> Findings {
    inquiry.find(plan, &mut |_| ControlFlow::Continue(())).expect("it fails")
}

/// The fates of the three letters in a run of this.
fn fates(plan: &Plan) -> Vec<(DecisionKey, bool)> {
    let mut options = Options::plan(plan);
    options.decisions = options.decisions.taking_notes();
    let noted = plan.case.run(options).decisions.expect("they are noted");
    let fate = |nth: u32| {
        let key: DecisionKey = format!("n1->n2:letter#{nth}").parse().expect("a key");
        let is_lost = noted.get(&key) == Some(&Decision::Lose);
        (key, is_lost)
    };
    (1..=3).map(fate).collect()
}

/// The first seed that loses just these letters.
fn that_loses(case: &Case, lost: [bool; 3]) -> Plan {
    let mut plans = (0..1_000).map(|seed| plan(case.clone(), seed));
    let is_it = |plan: &Plan| fates(plan).iter().map(|(_, is_lost)| *is_lost).eq(lost);
    plans.find(is_it).expect("some seed does")
}

#[test]
fn p_of_failure_is_what_a_pencil_says() {
    let plan = that_loses(&three_letters("1/4", ""), [true, false, true]);
    let findings = found(&inquiry(2_000, 0), &plan);
    // Two of three are lost; one of two more; one of one more; two are lost already.
    let wanted = [312, 875, 500, 2_000];
    let counts: Vec<_> = findings.curve.iter().map(|point| point.fails).collect();
    assert_eq!(counts.len(), wanted.len());
    for (count, wanted) in counts.iter().zip(wanted) {
        // Four standard deviations of 2,000 even chances are 90.
        assert!(count.abs_diff(wanted) <= 90, "{counts:?}");
    }
    assert_eq!(counts.last(), Some(&2_000));
    assert_eq!(findings.curve.iter().map(|point| point.kept).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

/// What comes before a cut is listed, and a plain run with another seed decides the rest.
#[test]
fn what_comes_after_a_cut_is_what_a_plain_run_with_the_other_seed_has() {
    let cases = [three_letters("1/4", ""), three_letters_at_once("1/4")];
    let losses = [[true, true, false], [false, true, true], [true, true, true]];
    for (case, lost) in cases.iter().flat_map(|case| losses.map(|lost| (case, lost))) {
        let plan = that_loses(case, lost);
        let fates = fates(&plan);
        for point in &found(&inquiry(200, 1_000), &plan).curve {
            let kept = fates.iter().take(point.kept).map(|(key, is_lost)| {
                let arrives = Decision::Delay(TimeSpan::from_millis(1));
                (key.clone(), if *is_lost { Decision::Lose } else { arrives })
            });
            let kept: Vec<_> = kept.collect();
            let fails = (1_000..1_200).filter(|seed| {
                let decisions = Decisions::listed(kept.clone(), Rest::Seed);
                !case.run(Options::seed(*seed).decisions(decisions)).held()
            });
            assert_eq!(fails.count(), point.fails as usize, "{lost:?}, {} kept", point.kept);
        }
    }
}

/// Faults of every sort that chance has a say in, besides messages.
const RANDOM: &str = r#"faults: [(every: Exponential("300ms"), do: Bounce(node: "any", down: "60ms")),
    (at: Uniform("50ms", "250ms"), do: Pause(node: 1, lasts: "20ms")),
    (at: "150ms", do: Partition([[1], [2]])), (at: "210ms", do: Heal)],"#;

/// The case with those commands and nodes alone that a shrunk plan of it has.
fn with_commands_of(case: &Case, small: &Plan) -> Case {
    let left = small.case.commands(small.seed);
    let all = case.commands(small.seed).into_iter().enumerate();
    let kept = all.filter(|(_, command)| left.contains(command)).map(|(place, _)| place);
    let absent = small.case.synopsis().absent.clone();
    let changes =
        Changes { commands: Some(kept.collect()), absent: Some(absent), ..Changes::default() };
    case.with_changes(small.seed, &changes).expect("less of the same")
}

#[test]
fn a_plan_that_is_cut_before_its_first_choice_is_swept() {
    let mut has_failed_and_held = false;
    for faults in ["", RANDOM] {
        let case = three_letters("1/4", faults);
        let swarm = Sweep::of(&case).swarming(&|case, options| case.run(options));
        let sweeps =
            [(Future::Scenario, Sweep::of(&case)), (Future::Swarm, swarm.expect("it has a calm"))];
        for (future, sweep) in sweeps {
            let mut runner = sweep.runner();
            let swept: Vec<_> = (0..301).map(|seed| runner.run(Seed(seed))).collect();
            let first = swept.iter().find(|swept| swept.fingerprint.is_some()).expect("one fails");
            let others = swept.iter().filter(|swept| swept.seed != first.seed);
            let fails = others.filter(|swept| swept.fingerprint == first.fingerprint).count();
            let whole = sweep.plan(first.seed, first.fingerprint.clone());
            let small = shrink(&whole).expect("it fails").plan;
            let inquiry = inquiry(300, 0).future(future);
            assert_eq!(found(&inquiry, &whole).curve[0].fails as usize, fails, "{future:?}");
            assert!(fails < 300, "{fails}");
            // The commands and nodes of a plan stay, and another swarm would be drawn for those.
            if future == Future::Scenario {
                let reduced = with_commands_of(&case, &small);
                let sweep = Sweep::of(&reduced);
                let mut runner = sweep.runner();
                let others = (0..301).map(Seed).filter(|seed| *seed != first.seed);
                let swept = others.map(|seed| runner.run(seed).fingerprint);
                let fails = swept.filter(|found| *found == first.fingerprint).count();
                assert_eq!(found(&inquiry, &small).curve[0].fails as usize, fails, "{small}");
                has_failed_and_held |= (1..300).contains(&fails);
            }
        }
    }
    assert!(has_failed_and_held, "the same came of all seeds");
}

#[test]
fn with_all_choices_kept_every_run_fails_where_no_fault_is_left_to_chance() {
    let faults = r#"faults: [(at: "150ms", do: Crash(2)), (at: "350ms", do: Restart(2))],"#;
    let case = three_letters("1/4", faults);
    let failing: Vec<_> = (0..40).filter(|seed| !case.run(Options::seed(*seed)).held()).collect();
    assert!(failing.len() > 4, "{failing:?}");
    for seed in failing {
        let findings = found(&inquiry(10, 0), &plan(case.clone(), seed));
        assert_eq!(findings.curve.last().map(|point| point.fails), Some(10), "seed {seed}");
    }
}

#[test]
fn a_decision_without_which_the_run_passes_comes_first() {
    let plan = that_loses(&three_letters("1/4", ""), [true, false, true]);
    let findings = found(&inquiry(200, 0), &plan);
    let [first, second, ..] = findings.causes.as_slice() else { panic!("{:?}", findings.causes) };
    let is_loss = |change: &Change, nth: u32| match change {
        Change::Decision(key, Decision::Lose) => key.to_string() == format!("n1->n2:letter#{nth}"),
        _ => false,
    };
    // The second loss decides more than the first one.
    assert!(is_loss(&first.change, 3) && is_loss(&second.change, 1), "{:?}", findings.causes);
    assert_eq!([first.passes_without, second.passes_without], [Some(true); 2]);
    assert_eq!(first.fails.map(|(_, after)| after), Some(200));
    let events = findings.outcome.events.as_ref().expect("they are kept").to_vec();
    for (cause, key) in [(first, "n1->n2:letter#3"), (second, "n1->n2:letter#1")] {
        let event = cause.event.expect("it is sent");
        let event = events.iter().find(|it| it.number == event).expect("it is kept");
        assert_eq!(event.what.key().map(|key| key.to_string()).as_deref(), Some(key));
        assert_eq!(event.at, cause.at);
    }
}

#[test]
fn of_three_losses_none_alone_is_what_it_hangs_on() {
    let plan = that_loses(&three_letters("1/4", ""), [true, true, true]);
    let findings = found(&inquiry(20, 0), &plan);
    let passes: Vec<_> = findings.causes.iter().filter_map(|cause| cause.passes_without).collect();
    assert_eq!(passes, [false; 3]);
}

#[test]
fn a_run_that_fails_in_its_usual_course_says_so_first() {
    let case = three_letters("1/4", r#"faults: [(at: "50ms", do: Crash(2))],"#);
    let plan = plan(case, 0);
    let findings = found(&inquiry(20, 0), &plan);
    let first = findings.causes.first().expect("there is one");
    // Nothing was decided, so there is no P(failure) before and after it.
    assert_eq!((&first.change, first.fails), (&Change::Nothing, None));
}

#[test]
fn the_seed_of_the_plan_draws_no_future() {
    // With its own seed after the cut, a run that follows its seed would be the plan's again.
    let case = three_letters("1/4", "");
    let fails = |seed: &u64| !case.run(Options::seed(*seed)).held();
    let seed =
        (0..1_000).find(|seed| fails(seed) && !fails(&(seed + 1))).expect("the next one holds");
    let findings = found(&inquiry(1, seed), &plan(case.clone(), seed));
    assert_eq!(findings.curve[0].fails, 0);
}

#[test]
fn few_cuts_are_spent_where_p_of_failure_changes() {
    let lost = |nth| (format!("n1->n2:letter#{nth}"), Decision::Lose);
    let lost: Vec<_> = (1..=60).filter(|nth| ![30, 31].contains(nth)).map(lost).collect();
    let plan = usual(not_two_of_sixty("99/100"), lost);
    let cuts = NonZeroU32::new(12).expect("not 0");
    let curve = found(&inquiry(100, 0).cuts(cuts), &plan).curve;
    assert!(curve.len() <= 12, "{curve:?}");
    let [before, after] = [30, 31].map(|kept| {
        let point = curve.iter().find(|point| point.kept == kept);
        point.unwrap_or_else(|| panic!("{kept} is not tried: {curve:?}")).fails
    });
    // One of the other 29 arrives with a chance of a quarter.
    assert!(before < 50 && after == 100, "{before} {after}");
}

#[test]
fn a_usual_choice_between_two_strikes_of_a_fault_is_told_as_well() {
    let faults = r#"faults: [(each: Sends(from: 1), do: Delay("3ms"))],"#;
    let plan = usual::<&str>(not_three_of_three("1/2", faults), []);
    let findings = found(&inquiry(100, 0), &plan);
    let is_usual = |cause: &&Cause| matches!(cause.change, Change::Usual(_));
    let usual = findings.causes.iter().filter(is_usual).map(|cause| match &cause.change {
        Change::Usual(key) => key.to_string(),
        _ => unreachable!("the others are left out"),
    });
    let mut usual: Vec<_> = usual.collect();
    usual.sort();
    assert_eq!(usual, ["n1->n2:letter#1", "n1->n2:letter#2"], "{:?}", findings.causes);
}

/// What each sort of fault in [`RANDOM`] does.
fn does(fault: &str, what: &EventKind) -> bool {
    match fault.split_whitespace().next() {
        Some("crash") => matches!(what, EventKind::Crash { .. }),
        Some("pause") => matches!(what, EventKind::Pause { .. }),
        Some("partition") => matches!(what, EventKind::Partition { .. }),
        Some("heal") => matches!(what, EventKind::Heal),
        other => panic!("{other:?} is none of them"),
    }
}

#[test]
fn a_strike_is_shown_by_what_it_does_and_not_by_what_else_happens_then() {
    let often = r#"faults: [(every: Exponential("40ms"), do: Bounce(node: "any", down: "5ms")),
        (at: "150ms", do: Partition([[1], [2]])), (at: "210ms", do: Heal)],"#;
    let mut shown = BTreeMap::new();
    let mut late = 0;
    for case in [three_letters("1/4", RANDOM), three_letters("1/4", often)] {
        for seed in (0..150).filter(|seed| !case.run(Options::seed(*seed)).held()) {
            let findings = found(&inquiry(1, 0), &plan(case.clone(), seed));
            let events = findings.outcome.events.as_ref().expect("they are kept").to_vec();
            for cause in &findings.causes {
                let Some(event) = cause.event.map(|number| &events[number as usize - 1]) else {
                    continue;
                };
                let (fault, node) = match &cause.change {
                    Change::Fault(_, words) => (words.clone(), None),
                    Change::Decision(
                        DecisionKey::Fault { fault, .. },
                        Decision::Strike { node, .. },
                    ) => (fault.to_string(), *node),
                    _ => continue,
                };
                let fault = fault.trim_start_matches("fault(");
                assert!(does(fault, &event.what), "seed {seed}: {fault}: {event:?}");
                assert!(node.is_none() || event.what.node() == node, "seed {seed}: {event:?}");
                late += u32::from(event.at > cause.at);
                *shown.entry(fault.split(' ').next().map(str::to_owned)).or_insert(0) += 1;
            }
        }
    }
    assert!(shown.len() == 4 && shown.values().all(|count: &u32| *count >= 10), "{shown:?}");
    // A crash at a random instant waits for an effect of its node.
    assert!(late >= 10, "{late}");
}

#[test]
fn a_fault_that_only_the_plan_has_does_not_strike_after_a_cut_before_it() {
    // No letter is ever lost by chance.
    let case = three_letters("0/1", "");
    let cut = three_letters("0/1", r#"faults: [(at: "150ms", do: Partition([[1], [2]]))],"#);
    let faulty = case.with_faults(cut.synopsis().faults.clone()).expect("it fits");
    let findings = found(&inquiry(10, 0).future(Future::Scenario), &plan(faulty, 0));
    // The first letter, the cut, the other two.
    let fails: Vec<_> = findings.curve.iter().map(|point| (point.kept, point.fails)).collect();
    assert_eq!(fails, [(0, 0), (1, 0), (2, 10), (3, 10), (4, 10)]);
    let first = &findings.causes[0];
    assert!(matches!(first.change, Change::Fault(0, _)), "{first:?}");
    assert_eq!((first.passes_without, first.fails), (Some(true), Some((0, 10))));
}

#[test]
fn a_fault_that_starts_a_node_is_shown_by_its_start() {
    let absent = r#"absent: [2], faults: [(at: "0ms", do: Start(2))],"#;
    let plan = that_loses(&three_letters("1/4", absent), [true, false, true]);
    let findings = found(&inquiry(10, 0), &plan);
    let is_start = |cause: &&Cause| matches!(cause.change, Change::Fault(0, _));
    let start = findings.causes.iter().find(is_start).expect("it is taken away, too");
    let events = findings.outcome.events.as_ref().expect("they are kept");
    let event = events.iter().find(|event| Some(event.number) == start.event).expect("it is shown");
    assert_eq!(event.what.node().map(NodeId::number), Some(2));
}

/// These decisions, and everything else as `rest: Usual` has it.
fn usual<K: AsRef<str>>(case: Case, decisions: impl IntoIterator<Item = (K, Decision)>) -> Plan {
    let decisions = decisions.into_iter();
    let decisions = decisions.map(|(key, it)| (key.as_ref().parse().expect("a key"), it));
    Plan { rest: Rest::Usual, decisions: decisions.collect(), ..plan(case, 0) }
}

#[test]
fn a_fault_of_the_scenario_that_the_plan_has_lost_strikes_again_after_a_cut() {
    let case = three_letters("0/1", r#"faults: [(at: "150ms", do: Partition([[1], [2]]))],"#);
    let without = case.with_faults(Vec::new()).expect("it fits");
    let lost = ["n1->n2:letter#1", "n1->n2:letter#2"].map(|key| (key, Decision::Lose));
    let inquiry = inquiry(10, 0).future(Future::Scenario);
    let findings = found(&inquiry, &usual(without, lost));
    // It cuts off the second letter and the third; after a cut behind the second, the third.
    let fails: Vec<_> = findings.curve.iter().map(|point| point.fails).collect();
    assert_eq!(fails, [10, 10, 10, 10]);
    let case = three_letters("0/1", "");
    let lost = ["n1->n2:letter#1", "n1->n2:letter#2"].map(|key| (key, Decision::Lose));
    let fails = found(&inquiry, &usual(case, lost)).curve.into_iter().map(|point| point.fails);
    assert_eq!(fails.collect::<Vec<_>>(), [0, 0, 10, 10]);
}

#[test]
fn what_fails_behind_the_end_of_a_shrunk_plan_counts() {
    let whole = not_two_of_three("1/4");
    let until = Some(TimeSpan::from_millis(1_010));
    let changes = Changes { until, ..Changes::default() };
    let short = whole.with_changes(Seed(0), &changes).expect("it fits");
    let findings = found(&inquiry(200, 0), &usual::<&str>(short, []));
    let swept = (1..=200).filter(|seed| !whole.run(Options::seed(*seed)).held()).count();
    assert_eq!(findings.curve[0].fails as usize, swept);
}

#[test]
fn instants_that_chance_draws_are_drawn_anew_from_a_cut_on() {
    let strike = |at: u64| Decision::Strike {
        at: Some(TimeSpan::from_millis(at)),
        node: None,
        effects: None,
        does: None,
    };
    // After the first letter, at 100 ms, it has to strike within another 100 ms: 1 - 1/e^2 of
    // 1,000, and two of three equal parts of the range that is left.
    for (when, wanted) in
        [(r#"every: Exponential("50ms")"#, 865), (r#"at: Uniform("50ms", "250ms")"#, 667)]
    {
        let faults = format!("faults: [({when}, do: Partition([[1], [2]]))],");
        let case = three_letters("0/1", &faults);
        let key = format!("{}#1", FaultName::all(&case.synopsis().faults)[0]);
        let findings = found(&inquiry(1_000, 0), &usual(case, [(key.as_str(), strike(150))]));
        let after_first = findings.curve.iter().find(|point| point.kept == 1);
        let fails = after_first.expect("there are few choices").fails;
        // Four standard deviations of 1,000 such chances are 60 at most.
        assert!(fails.abs_diff(wanted) <= 60, "{when}: {fails}");
        assert_eq!(findings.curve.last().map(|point| point.fails), Some(1_000), "{when}");
    }
}

#[test]
fn the_result_is_the_same_for_any_number_of_jobs() {
    let sweep = Sweep::of(&three_letters("1/4", RANDOM));
    let sweep = sweep.swarming(&|case, options| case.run(options)).expect("it has a calm");
    let mut runner = sweep.runner();
    let failing = (0..100).map(|seed| runner.run(Seed(seed))).find(|it| it.fingerprint.is_some());
    let failing = failing.expect("one fails");
    let plan = sweep.plan(failing.seed, failing.fingerprint);
    let told = |jobs| {
        let inquiry = inquiry(16, 5).jobs(NonZeroUsize::new(jobs).expect("not 0"));
        format!("{:?}", found(&inquiry, &plan))
    };
    let one = told(1);
    assert!([2, 5].into_iter().all(|jobs| told(jobs) == one));
}

#[test]
fn a_search_that_is_ended_gives_what_it_knows_by_then() {
    let plan = that_loses(&three_letters("1/4", ""), [true, false, true]);
    let mut steps = 0;
    let ended = inquiry(10, 0).find(&plan, &mut |_| {
        steps += 1;
        if steps == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let ended = ended.expect("it fails");
    let whole = found(&inquiry(10, 0), &plan);
    assert!(!ended.is_complete && whole.is_complete);
    assert_eq!(ended.curve.len(), 2);
    assert!(ended.curve.iter().all(|point| whole.curve.contains(point)), "{:?}", ended.curve);
    assert!(ended.causes.iter().all(|cause| cause.passes_without.is_some()));
}

#[test]
fn a_run_that_holds_has_no_cause() {
    let plan = that_loses(&three_letters("1/4", ""), [false; 3]);
    let refused = inquiry(10, 0).find(&plan, &mut |_| ControlFlow::Continue(()));
    assert_eq!(refused.err(), Some(NotReproduced::Holds.into()));
}

#[test]
fn a_run_that_fails_otherwise_than_its_plan_says_has_none_that_is_asked_for() {
    let mut plan = that_loses(&three_letters("1/4", ""), [true; 3]);
    let mut fails = plan.case.run(Options::plan(&plan)).fingerprint(plan.case.synopsis());
    if let Some(fails) = &mut fails {
        fails.reason = "too few letters were written".to_owned();
    }
    plan.fails = fails;
    let refused = inquiry(10, 0).find(&plan, &mut |_| ControlFlow::Continue(()));
    assert!(
        matches!(refused, Err(NoCause::NotReproduced(NotReproduced::FailsOtherwise { .. }))),
        "{refused:?}"
    );
}

#[test]
fn a_scenario_in_which_nothing_can_go_wrong_has_no_swarm_to_draw_from() {
    let case = three_letters("1/4", r#"swarm: (share: "0/1", mishaps: 0),"#);
    let plan = that_loses(&case, [true; 3]);
    let refused =
        inquiry(10, 0).future(Future::Swarm).find(&plan, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(NoCause::NoSwarm(_))), "{refused:?}");
}
