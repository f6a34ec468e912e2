//! How properties are asked: of every node, of some node, of the world, and of
//! what a protocol remembers of the run.

use std::cell::Cell;

use rehearsal::machine::{Effect, Input, NodeId};
use rehearsal::sim::{
    Answer, Coverage, Expect, Files, Keep, NodeEvent, Nodes, Observed, Options, Plain, Predicate,
    Protocol, Question, Reason, Report, Scenario, World, run,
};
use serde::Deserialize;

use crate::courier::{Courier, Order, Setting, at};

/// Couriers whose every part of a step is remembered.
enum Remembered {}

#[derive(Debug, Deserialize)]
enum Property {
    EachHappy,
    SomeHappy,
    /// Both are happy, or neither is.
    AllAlike,
    NoneKept,
    /// Has the name of a combination, and holds always.
    Quiet,
    /// Never holds: its detail is the memory.
    Told,
}

thread_local! {
    static DETAILS: Cell<u32> = const { Cell::new(0) };
}

impl Protocol for Remembered {
    const NAME: &'static str = "Remembered";
    type Config = ();
    type Machine = Courier;
    type Property = Property;
    type Memory = Vec<String>;
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), me: NodeId, nodes: &Nodes) -> Result<Courier, Reason> {
        <crate::courier::Couriers as Protocol>::build(&Setting::default(), me, nodes)
    }

    fn observe(memory: &mut Vec<String>, world: &World<Courier>, observed: &Observed<'_, Courier>) {
        let Observed { node, incarnation, now, own_time, ref event, .. } = *observed;
        let stored = world.storage(node).get(&()).copied();
        let what = match event {
            NodeEvent::Input(Input::Start(_)) => "starts".to_owned(),
            NodeEvent::Input(Input::Command(Order::KeepAndTell(number))) => {
                format!("takes {number}")
            }
            NodeEvent::Effect(Effect::Save { value, .. }) => {
                format!("saves {value:?} over {stored:?}")
            }
            NodeEvent::Effect(Effect::Emit(output)) if output.starts_with("kept") => {
                format!("tells {output} with {stored:?}")
            }
            NodeEvent::StepEnd => "rests".to_owned(),
            NodeEvent::Crash => format!("crashes with {stored:?}"),
            _ => return,
        };
        assert_eq!(world.own_time(node), own_time);
        memory.push(format!("{node}.{incarnation} {now} {own_time} {what}"));
    }

    fn holds(property: &Property, question: Question<'_, Courier, Vec<String>>) -> Answer {
        match property {
            Property::EachHappy => question.of_every_node(|view, node| {
                if is_happy(view, node) {
                    return Ok(());
                }
                Err(view.violation("a node is unhappy", || {
                    DETAILS.set(DETAILS.get() + 1);
                    format!("{node} is unhappy")
                }))
            }),
            Property::SomeHappy => {
                question.of_some_node("no node is happy", |view, node| is_happy(view, node))
            }
            Property::AllAlike => question.of_world(|view| {
                let happy = view.nodes().filter(|node| is_happy(view, *node)).count();
                if happy % view.nodes().len() == 0 { Ok(()) } else { Err("they differ") }
            }),
            Property::NoneKept => question.of_world(|view| {
                let is_kept = |line: &String| line.contains("saves");
                if view.memory().iter().any(is_kept) { Err("a number was kept") } else { Ok(()) }
            }),
            Property::Quiet => question.of_world(|_| Ok::<_, &str>(())),
            Property::Told => {
                question.of_world(|view| Err(view.violation("told", || view.memory().join("\n"))))
            }
        }
    }
}

fn is_happy(world: &World<Courier>, node: NodeId) -> bool {
    world.machine(node).is_some_and(Courier::is_happy)
}

/// Two nodes, 10 s.
fn scenario(commands: &str, faults: &str, expect: &str) -> Scenario<Remembered> {
    let text = format!(
        "(claim: \"Properties are asked.\", protocol: Remembered(()), nodes: 2, until: \"10s\",
        network: (delay: Fixed(\"1ms\")), commands: [{commands}], faults: [{faults}],
        calm_at: \"5s\", expect: [{expect}])"
    );
    Scenario::parse("properties.ron", &text, Files::none()).expect("a right scenario")
}

fn ran(commands: &str, faults: &str, expect: &str) -> Report<Remembered> {
    run(&scenario(commands, faults, expect), Options::seed(0).keep(Keep::Trace))
}

/// What failed, when and at which event, and why.
#[track_caller]
fn assert_fails(report: &Report<Remembered>, check: &str, (at, event): (&str, &str), reason: &str) {
    let failure = report.failure.as_ref().expect("it fails");
    let (failed, failed_at) = (failure.check.to_string(), failure.at.to_string());
    assert_eq!((&*failed, &*failed_at, &*failure.event), (check, at, event));
    assert_eq!(failure.reason, reason);
}

/// A plan has the scenario as text, where `Quiet` is the property.
#[test]
fn a_combination_with_the_name_of_a_property_is_refused_in_code() {
    let builder = Scenario::<Remembered>::builder(()).claim("It is refused.").nodes(2);
    let expect = Expect::Always(Predicate::not(Predicate::Quiet));
    let Err(refused) = builder.expect(expect).build_without_text() else { panic!("it is taken") };
    assert_eq!(
        refused.to_string(),
        "expect[0].Always.Not: `Quiet` is the name of a property of this protocol (rename the \
         property: no scenario of the protocol can have the combination)"
    );
    assert!(ran("", "", "Always(Quiet)").held(), "a file means the property");
}

/// What the protocol remembered of a run with this command, a line for each part of a step.
fn remembered(command: &str, faults: &str) -> Vec<String> {
    let report = ran(command, faults, "Reaches(Told)");
    let failure = report.outcome.failure.expect("it never holds");
    failure.detail.lines().map(str::to_owned).collect()
}

fn first_alone() -> String {
    at(100, 1, "Mood(true)") + &at(200, 1, "Mood(false)")
}

#[test]
fn a_property_of_some_node_holds_while_it_is_so_of_one() {
    let report = ran(
        &first_alone(),
        "",
        "Reaches(SomeHappy), LeadsTo(from: SomeHappy, to: EachHappy, within: \"1s\")",
    );
    assert_eq!(report.since[0].map(|at| at.to_string()), Some("100".to_owned()));
    let check = "LeadsTo(SomeHappy, EachHappy)";
    assert_fails(&report, check, ("6000", "deadline"), "a node is unhappy");
}

#[test]
fn a_property_of_the_world_is_asked_after_every_event_whatever_node_changed() {
    let report = ran(&first_alone(), "", "Always(AllAlike)");
    assert_fails(&report, "Always(AllAlike)", ("100", "command"), "they differ");
}

#[test]
fn a_run_that_never_reaches_what_it_should_has_failed_at_its_end() {
    let report = ran(&first_alone(), "", "Reaches(EachHappy)");
    assert_fails(&report, "Reaches(EachHappy)", ("10000", "deadline"), "a node is unhappy");
    assert!(report.stuck.is_none(), "it is no liveness failure");
    let both = first_alone() + &at(150, 2, "Mood(true)");
    let report = ran(&both, "", "Reaches(EachHappy)");
    assert!(report.held(), "{:?}", report.failure);
    assert_eq!(report.since, [Some(rehearsal::machine::Time::from_millis(150))]);
}

#[test]
fn what_a_run_should_reach_is_judged_on_a_lying_disk_too() {
    let lies = "(at: \"1ms\", do: LyingDisk(1)),";
    let report = ran("", lies, "Reaches(SomeHappy), Eventually(what: EachHappy, within: \"1s\")");
    assert_eq!(report.safety_alone, Some("a disk lied"));
    assert_fails(&report, "Reaches(SomeHappy)", ("10000", "deadline"), "no node is happy");
}

#[test]
fn what_a_run_reaches_is_no_gap_in_a_sweeps_coverage() {
    let scenario = scenario("", "", "Reaches(SomeHappy), Sometimes(EachHappy)");
    let mut coverage = Coverage::of(&scenario.synopsis());
    coverage.add(&run(&scenario, Options::seed(0)));
    assert_eq!(coverage.never().collect::<Vec<_>>(), ["Sometimes(EachHappy)"]);
}

#[test]
fn the_details_of_a_violation_are_asked_for_once_on_failure() {
    DETAILS.set(0);
    let report = ran(&first_alone(), "", "Sometimes(EachHappy)");
    assert!(report.held());
    assert_eq!(DETAILS.get(), 0);
    let failure =
        ran("", "", "Always(EachHappy)").outcome.failure.expect("n1 is unhappy at its start");
    assert_eq!((&*failure.detail, DETAILS.get()), ("n1 is unhappy", 1));
}

#[test]
fn a_protocol_remembers_each_part_of_a_step_in_order() {
    assert_eq!(
        remembered(&at(100, 1, "KeepAndTell(7)"), ""),
        [
            "n1.1 0 0 starts",
            "n1.1 0 0 rests",
            "n2.1 0 0 starts",
            "n2.1 0 0 rests",
            "n1.1 100 100 takes 7",
            "n1.1 100 100 saves Some(7) over None",
            "n1.1 100 100 tells kept 7 with Some(7)",
            "n1.1 100 100 rests",
        ]
    );
}

#[test]
fn what_a_crash_keeps_from_happening_is_not_remembered() {
    // Both nodes have one effect at their start.
    let crash =
        "(when: Effect(of: 1, nth: 2), do: Bounce(node: 1, down: \"50ms\", disk: LosesLast)),";
    assert_eq!(
        remembered(&at(100, 1, "KeepAndTell(7)"), crash)[4..],
        [
            "n1.1 100 100 takes 7",
            "n1.1 100 100 saves Some(7) over None",
            "n1.1 100 100 crashes with None",
            "n1.2 150 150 starts",
            "n1.2 150 150 rests",
        ]
    );
}

#[test]
fn a_protocol_is_told_what_the_nodes_own_clock_shows() {
    let skew = "(at: \"50ms\", do: Skew(node: 1, by: Ahead(\"1s\"))),";
    assert_eq!(remembered(&at(100, 1, "KeepAndTell(7)"), skew)[4], "n1.1 100 1100 takes 7");
}

#[test]
fn a_property_that_uses_the_memory_fails_at_the_event_that_changed_it() {
    let report = ran(&at(100, 2, "KeepAndTell(7)"), "", "Always(NoneKept)");
    assert_fails(&report, "Always(NoneKept)", ("100", "command"), "a number was kept");
}

#[test]
fn a_run_starts_with_an_empty_memory() {
    let scenario = scenario(&at(100, 1, "KeepAndTell(7)"), "", "Reaches(Told)");
    let mut runner = rehearsal::sim::Runner::new(&scenario);
    let details: Vec<_> = (0..2)
        .map(|_| runner.run(Options::seed(0)).outcome.failure.expect("it never holds").detail)
        .collect();
    assert_eq!(details[0], details[1]);
}

#[test]
fn threads_can_share_a_scenario() {
    fn is_send_sync<T: Send + Sync>() {}
    is_send_sync::<Scenario<Remembered>>();
    is_send_sync::<Scenario<rehearsal::shipped::Chat>>();
}
