//! A scenario made in code is the one that a file would say.

use std::fs;
use std::path::PathBuf;

use indexmap::IndexMap;
use proptest::test_runner::TestCaseError;
use rehearsal::sim::fault::{Action, Disk, Receives, Sends, Shift, Target, Trigger, Window};
use rehearsal::sim::network::{Distribution, Fifo, Network, Reorder};
use rehearsal::sim::plan::{NoText, Rest};
use rehearsal::sim::scenario::Builder;
use rehearsal::sim::source::Ratio;
use rehearsal::sim::{Expect, Files, Options, Plan, Report, Scenario, run, strategy};

use crate::courier::{Couriers, Fact, Order, Setting, Vehicle, ms, node};

fn some(numerator: u32) -> Ratio {
    Ratio::new(numerator, 10).expect("a ratio")
}

fn five() -> Builder<Couriers> {
    Scenario::builder(Setting::default()).nodes(5)
}

/// Something of everything that a scenario can say.
fn busy() -> Builder<Couriers> {
    let rough = Network {
        loss: some(1),
        duplicate: some(2),
        reorder: Some(Reorder { share: some(3), by: ms(50) }),
        fifo: Fifo::Links(vec![(node(1), node(2))]),
        ..Network::from(Distribution::Uniform(ms(1), ms(30)))
    };
    five()
        .claim("A \"quoted\" claim \\ with a line's\nend.")
        .absent([node(5)])
        .network(rough)
        .upgrade(Setting::edition(2))
        .workload(200, Distribution::Exponential(ms(9)))
        .command(ms(5), node(1), Order::Send { to: node(2), letter: 7 })
        .command(ms(6), node(3), Order::KeepAndTell(3))
        .faults([
            Action::crash(node(1)).at(ms(100)),
            Action::Restart(Target::Any).at(ms(150)),
            Action::Start(node(5)).at(ms(200)),
            Action::bounce('H', ms(30)).every(Distribution::Fixed(ms(300))),
            Action::Lose.when(Sends::of("letter").from(node(2)).nth(2)),
            Action::Delay(ms(400)).when(Sends::any().role('.').to(node(4))),
            Action::pause(Target::It, ms(20)).when(Receives::of("letter").at(node(3)).nth(3)),
            Action::crash(Target::It).when(Trigger::effect(node(4), 30)),
            Action::Upgrade(node(4).into()).at(ms(800)),
            Action::Skew { node: node(2).into(), by: Shift::Ahead(ms(3)) }.at(ms(10)),
            Action::Partition(vec![vec![node(1), node(2)], vec![node(3)]]).at(ms(500)),
            Action::Heal.at(ms(600)),
            Action::Bounce { node: Target::Any, down: ms(9), disk: Disk::TearsLast }.at(ms(700)),
            Action::Lose.each(Sends::any().text("letter 7*").nth(2)).times(3),
            Action::Delay(ms(70))
                .each(Sends::any().from(node(2)))
                .after(Trigger::emits("start*"))
                .after(Receives::of("letter").text("* 3"))
                .not_before(ms(20))
                .before(Trigger::saves("()"))
                .until(ms(900)),
            Action::Withhold.each(Sends::any().from(node(5))).until(ms(400)).lasting(),
            Action::Fire { node: node(3).into(), timer: "()".to_owned() }.within(ms(100), ms(900)),
            Action::PutOff { node: Target::It, timer: "()".to_owned(), by: ms(5) }
                .when(Trigger::fires("()")),
            Action::Split(vec![2, 1]).within(ms(300), ms(400)).times(2),
            Action::CutAny(2)
                .every(Distribution::Exponential(ms(200)))
                .not_before(ms(100))
                .until(ms(1_500)),
            Action::pause(Target::AnyOf(vec![node(3), node(4)]), ms(7)).at(ms(450)),
            Action::Cut(vec![(node(3), node(4))]).at(ms(2_500)).lasting(),
        ])
        .command_on(Sends::of("letter").nth(9), Window::default(), node(2), Order::Look)
        .workload_stops_at_calm()
        .budget(2)
        .calm_at(ms(2_000))
        .calm_for([node(1), node(2)])
        .until(ms(3_000))
        .max_events(50_000)
        .expect(Expect::sometimes(Fact::Happy))
        .expect(Expect::leads_to(Fact::Happy, Fact::Up, ms(100)).of([node(1), node(2)]))
}

fn played(scenario: &Scenario<Couriers>) -> Report<Couriers> {
    run(scenario, Options::seed(5))
}

fn plan(scenario: Scenario<Couriers>) -> Plan {
    crate::courier::plan(scenario, 5, Rest::Seed, IndexMap::new())
}

#[test]
fn a_scenario_made_in_code_reads_back_from_its_plan_and_runs_to_the_same_bytes() {
    let built = busy().build().expect("a right scenario");
    let report = played(&built);
    let text = plan(built).text().expect("its values can be written");
    let again = Plan::parse::<Couriers>("plan.ron", &text).expect("a right plan");
    let again = again.case.scenario::<Couriers>().expect("it is about couriers");
    assert_eq!(played(again).digest, report.digest);
    assert!(report.tally.sent_in_all() > 100 && report.tally.delivered > 50);
    assert_eq!(again.claim(), "A \"quoted\" claim \\ with a line's\nend.");
    assert_eq!(again.budget(), Some(2));
    assert_eq!(again.max_events(), 50_000);
    assert_eq!(again.expect().len(), 2);
    assert_eq!(again.faults(), busy().build().expect("a right scenario").faults());
    let unstruck = report.unstruck();
    assert!(unstruck.len() < 6, "most of it happens: all but {unstruck:?}");
    assert!(again.upgrade().is_some() && !again.is_core(node(3)));
}

#[test]
fn an_option_of_a_variant_named_none_reads_back() {
    for vehicle in [None, Some(Vehicle::None)] {
        let setting = Setting::vehicle(vehicle);
        let built = Scenario::<Couriers>::builder(setting).build().expect("a right scenario");
        let text = plan(built).text().expect("its values can be written");
        let again = Plan::parse::<Couriers>("plan.ron", &text).expect("a right plan");
        let again = again.case.scenario::<Couriers>().expect("it is about couriers");
        assert_eq!(*again.config(), Setting::vehicle(vehicle), "{text}");
    }
}

#[test]
fn what_is_not_said_is_three_nodes_ten_milliseconds_and_ten_seconds() {
    let built = Scenario::<Couriers>::builder(Setting::default()).build();
    let text = r#"(claim: "x", protocol: Courier(()), nodes: 3, until: "10s",
        network: (delay: Fixed("10ms")), expect: [])"#;
    let read = Scenario::<Couriers>::parse("x.ron", text, Files::none());
    let (built, read) = (built.expect("a right scenario"), read.expect("a right scenario"));
    assert_eq!(played(&built).digest, played(&read).digest);
    assert_eq!(built.network(), read.network());
    assert_eq!(built.until(), read.until());
    assert_eq!(built.max_events(), read.max_events());
    assert_eq!(built.calm_at(), None);
    assert_eq!(built.claim(), "What is expected of `Courier` holds.");
}

/// The same mistake, made in code and in a file whose other parts are right.
#[track_caller]
fn assert_refused_alike(built: Builder<Couriers>, written: &str) {
    let reason = built.build().expect_err("it is wrong").to_string();
    let has = |field: &str| written.starts_with(field);
    let field = |name: &str, usual: &str| {
        if has(name) { String::new() } else { format!("{name}: {usual}, ") }
    };
    let text = format!(
        "({}{}{}{}{}protocol: Courier(()), {written})",
        field("claim", "\"x\""),
        field("nodes", "5"),
        field("until", "\"10s\""),
        field("network", "(delay: Fixed(\"10ms\"))"),
        field("expect", "[]"),
    );
    let diagnostic = Scenario::<Couriers>::parse("x.ron", &text, Files::none());
    let diagnostic = diagnostic.expect_err("it is wrong");
    let help = diagnostic.help().map_or(String::new(), |help| format!(" ({help})"));
    assert_eq!(reason, format!("{}: {}{help}", diagnostic.path(), diagnostic.message()));
}

#[test]
fn a_mistake_is_refused_in_the_same_words_as_in_a_file() {
    assert_refused_alike(five().claim(" "), r#"claim: " ""#);
    assert_refused_alike(five().nodes(0), "nodes: 0");
    assert_refused_alike(five().until(ms(0)), r#"until: "0ms""#);
    assert_refused_alike(five().absent([node(6)]), "absent: [6]");
    assert_refused_alike(
        five().delay(Distribution::Uniform(ms(2), ms(1))),
        r#"network: (delay: Uniform("2ms", "1ms"))"#,
    );
    assert_refused_alike(
        five().command(ms(1), node(9), Order::Roll),
        r#"commands: [(at: "1ms", to: 9, command: Roll)]"#,
    );
    assert_refused_alike(
        five().fault(Action::crash(node(6)).at(ms(1))),
        r#"faults: [(at: "1ms", do: Crash(6))]"#,
    );
    assert_refused_alike(
        five().fault(Action::Lose.at(ms(1))),
        r#"faults: [(at: "1ms", do: Lose)]"#,
    );
    assert_refused_alike(
        five().fault(Action::Heal.at(ms(20_000))),
        r#"faults: [(at: "20s", do: Heal)]"#,
    );
    assert_refused_alike(
        five().fault(Action::Upgrade(Target::Any).at(ms(1))),
        r#"faults: [(at: "1ms", do: Upgrade("any"))]"#,
    );
    assert_refused_alike(five().calm_for([node(1)]), "calm_for: [1]");
    assert_refused_alike(
        five().expect(Expect::eventually(Fact::Happy, ms(1))),
        r#"expect: [Eventually(what: Happy, within: "1ms")]"#,
    );
}

#[test]
fn a_scenario_built_without_text_runs_as_the_other_one_and_has_no_plan() {
    let built = busy().build_without_text().expect("a right scenario");
    let with_text = busy().build().expect("a right scenario");
    assert_eq!(played(&built).digest, played(&with_text).digest);
    let plan = plan(built);
    assert_eq!(plan.text(), Err(NoText::BuiltWithoutText));
    // Whoever prints it all the same is told in the text.
    assert!(plan.to_string().contains("`build_without_text`"));
    assert!(Plan::parse::<Couriers>("plan.ron", &plan.to_string()).is_err());
}

#[test]
fn two_faults_of_one_name_are_refused() {
    let storm = |at| Action::crash(node(2)).at(ms(at)).named("storm");
    let refused = five().fault(storm(1)).fault(storm(2)).build().expect_err("one name, two faults");
    assert!(refused.to_string().contains("two faults are called `storm`"), "{refused}");
}

#[test]
fn a_property_that_fails_without_text_says_how_to_reproduce_it() {
    let scenario = five().expect(Expect::always(Fact::Up)).build_without_text();
    let faults = vec![Action::crash(node(2)).at(ms(7))];
    let failed = strategy::rehearse(&scenario.expect("a right scenario"), 9, faults, "without");
    let told = failed.err().expect("somebody is down").to_string();
    assert!(told.contains("`build_without_text`"), "{told}");
    assert!(told.contains("again: seed 9 with these faults"), "{told}");
    assert!(told.contains("Crash(Node(n2))"), "{told}");
}

/// Rehearses under this name; gives the file that the failure names.
fn plan_of_failure(name: &str, seed: u64, crash_at: u64) -> PathBuf {
    let scenario = five().expect(Expect::always(Fact::Up)).build().expect("a right scenario");
    let crash = |number, at| Action::crash(node(number)).at(ms(at));
    let faults = vec![crash(2, crash_at), crash(3, 90)];
    let failed = strategy::rehearse(&scenario, seed, faults, name).err().expect("somebody is down");
    let told = failed.to_string();
    let place = told.rsplit_once("again: rehearsal replay ").expect("there is a plan").1;
    PathBuf::from(place.trim())
}

#[test]
fn the_first_case_that_fails_is_shrunk_and_later_ones_name_the_same_plan() {
    let name = "the_first_case_that_fails";
    let small = plan_of_failure(name, 9, 7);
    let text = fs::read_to_string(&small).expect("it was written");
    let plan = Plan::parse::<Couriers>("plan.ron", &text).expect("it is right");
    let faults = &plan.case.synopsis().faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    fs::write(&small, "edited").expect("it can be written");
    // A smaller case of the same seed, which fails alike. Shrunk again, it would be `..-2.ron`.
    assert_eq!(plan_of_failure(name, 9, 5), small);
    let other = plan_of_failure(name, 10, 5);
    assert_ne!(other, small);
    assert_eq!(fs::read_to_string(&small).expect("it is there"), "edited");
    let folder = small.parent().expect("it lies in a folder");
    for entry in fs::read_dir(folder).expect("it can be read") {
        let entry = entry.expect("it can be read");
        let file = entry.file_name().to_string_lossy().into_owned();
        assert!(!file.ends_with(".partial"), "{file}");
        if file.starts_with(name) {
            fs::remove_file(entry.path()).expect("it was there");
        }
    }
}

#[test]
fn a_case_that_tests_nothing_is_rejected() {
    let scenario = five()
        .calm_at(ms(1))
        .expect(Expect::leads_to(Fact::Happy, Fact::Up, ms(100)))
        .build()
        .expect("a right scenario");
    let rejected = strategy::rehearse(&scenario, 9, Vec::new(), "tests_nothing").err();
    assert!(matches!(rejected, Some(TestCaseError::Reject(_))), "{rejected:?}");
}

#[test]
fn a_property_that_cannot_be_written_is_refused_when_the_scenario_is_built() {
    let refused = five().expect(Expect::sometimes(Fact::Unwritable)).build();
    let told = refused.expect_err("it cannot be written").to_string();
    assert!(told.contains("cannot be written as text") && told.contains("Unwritable"), "{told}");
}

#[test]
fn a_plan_whose_scenario_would_not_read_back_is_refused_rather_than_written() {
    let built = five().expect(Expect::sometimes(Fact::Unreadable)).build();
    let Err(NoText::Unreadable(diagnostic)) = plan(built.expect("it can be written")).text() else {
        panic!("it reads back");
    };
    assert_eq!(diagnostic.message(), "unknown variant `Unreadable`");
}
