//! Commands that come on events, and what plans say of commands.

use rehearsal::sim::fault::{Sends, Trigger, Window};
use rehearsal::sim::plan::{Decision, Decisions, Rest};
use rehearsal::sim::shrink::shrink;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Expect, Keep, Options, run};

use super::{letters, node, outputs, times};
use crate::courier::{AsWritten, Fact, Five, at, couriers, keyed, ms, plan, value};

fn asked(five: &Five) -> Vec<String> {
    times(five, |what| matches!(what, EventKind::Command { .. }))
}

#[test]
fn a_command_comes_right_after_its_event_and_once() {
    let look = || value("Look");
    let three = || couriers().commands(letters(1, 2, &[100, 200, 300]));
    let second = Sends::of("letter").from(node(1)).nth(2);
    let five = three().command_on(second, Window::default(), node(3), look());
    assert_eq!(asked(&five), ["100", "200", "200", "300"]);
    assert_eq!(outputs(&five, 3), ["it is 200"]);
    let after = Window { after: vec![Trigger::emits("letter 2")], ..Window::default() };
    let five = three().command_on(Sends::any().from(node(1)), after, node(3), look());
    assert_eq!(outputs(&five, 3), ["it is 300"]);
    let never = three().command_on(Trigger::emits("letter 9"), Window::default(), node(3), look());
    assert_eq!(asked(&never), ["100", "200", "300"]);
}

#[test]
fn a_command_on_an_event_comes_in_the_calm_too() {
    let five = couriers().commands(letters(1, 2, &[600])).calm_at(ms(500));
    let five = five.command_on(Sends::any(), Window::default(), node(3), value("Look"));
    assert_eq!(outputs(&five, 3), ["it is 600"]);
}

#[test]
fn a_command_on_an_event_that_never_happens_changes_no_event() {
    let without = couriers().commands(letters(1, 2, &[100, 200]));
    let never = Trigger::emits("nobody says so");
    let with = without.clone().command_on(never, Window::default(), node(1), value("Roll"));
    assert_eq!(with.digest(1), without.digest(1));
}

#[test]
fn a_workload_stops_at_the_calm_if_it_is_to() {
    let goes_on = couriers().random(400).calm_at(ms(2_000)).until(ms(9_000));
    let late = |five: &Five| {
        let events = five.events(1).into_iter();
        events
            .filter(|event| matches!(event.what, EventKind::Command { .. }))
            .filter(|event| event.at.as_nanos() >= 2_000_000_000)
            .count()
    };
    assert!(late(&goes_on) > 100);
    assert_eq!(late(&goes_on.clone().workload_stops_at_calm()), 0);
    let before = |five: &Five| asked(five).len() - late(five);
    assert_eq!(before(&goes_on), before(&goes_on.workload_stops_at_calm()));
}

#[test]
fn a_plan_drops_a_command_or_moves_it() {
    let five = couriers().commands(letters(1, 2, &[100, 200]) + &at(300, 2, "Look"));
    let decisions = keyed([
        ("n1:command#1", Decision::Drop),
        ("n2:command#1", Decision::At(ms(150))),
        ("n1:command#9", Decision::Drop),
    ]);
    let listed = Decisions::listed(decisions, Rest::Seed);
    let report = run(&five.scenario(), Options::seed(1).decisions(listed));
    assert_eq!(report.world.outputs(node(2))[1..], ["it is 150", "letter 2"]);
    assert_eq!(report.unmet.len(), 1);
}

#[test]
fn what_a_plan_says_of_a_command_replaces_its_event() {
    let five = couriers().commands(letters(1, 2, &[100, 200]));
    let five = five.command_on(Sends::any().nth(2), Window::default(), node(3), value("Look"));
    let told = |decision| {
        let listed = keyed([("n3:command#1", decision)]);
        let plan = plan(five.scenario(), 1, Rest::Seed, listed.into_iter().collect());
        let report = run(&five.scenario(), Options::plan(&plan));
        assert!(report.unmet.is_empty());
        report.world.outputs(node(3))[1..].to_vec()
    };
    assert!(told(Decision::Drop).is_empty());
    assert_eq!(told(Decision::At(ms(150))), ["it is 150"]);
}

#[test]
fn a_command_of_a_workload_can_be_dropped_by_its_key() {
    let five = couriers().random(20);
    let of_node = |events: &[Event], number| {
        let is_command = |event: &&Event| matches!(&event.what, EventKind::Command { node: of, .. } if *of == node(number));
        events.iter().filter(is_command).map(|event| event.at).collect::<Vec<_>>()
    };
    let listed = Decisions::listed(keyed([("n2:command#2", Decision::Drop)]), Rest::Seed);
    let options = Options::seed(1).decisions(listed).keep(Keep::Trace);
    let report = run(&five.scenario(), options);
    assert!(report.unmet.is_empty());
    let (before, after) =
        (five.events(1), report.events.as_ref().expect("they were kept").to_vec());
    let mut expected = of_node(&before, 2);
    expected.remove(1);
    assert_eq!(of_node(&after, 2), expected);
    assert_eq!(of_node(&after, 3), of_node(&before, 3));
}

#[test]
fn a_plan_with_decisions_on_commands_is_shrunk_to_one_without() {
    let moods = at(100, 1, "Mood(true)") + &at(200, 1, "Mood(false)") + &at(300, 2, "Mood(true)");
    let five = couriers().commands(moods).expect(Expect::always(Fact::Happy));
    let decisions =
        keyed([("n1:command#1", Decision::Drop), ("n2:command#1", Decision::At(ms(50)))]);
    let plan = plan(five.scenario(), 1, Rest::Seed, decisions.into_iter().collect());
    let shrunk = shrink(&plan).expect("it fails from the start");
    assert!(shrunk.plan.decisions.is_empty());
    assert_eq!(shrunk.before.commands, 2);
}
