//! What the stories of the project's own scenarios have in them, a page tells
//! their readers.

use std::collections::BTreeSet;
use std::path::Path;

use rehearsal::shipped::Deadlock;
use rehearsal::sim::{Files, Keep, Options, Scenario, run, story};

use super::complete::mentions;
use super::examples::source;
use super::{deadlocks, elections};

/// Names of messages, and of timers that came, in all stories of deadlocks.
fn named() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/deadlock");
    let mut names = BTreeSet::new();
    for entry in folder.read_dir().expect("a folder") {
        let scenario = Scenario::<Deadlock>::open(&entry.expect("a file").path());
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
        let options = Options::seed(0).keep(Keep::Trace);
        let seed = options.seed;
        let report = run(&scenario, options);
        names.extend(report.tally.sent.iter().map(|(kind, _)| (*kind).to_owned()));
        let told = story::tell(&scenario, seed, &report);
        let timers = told.lines().filter_map(|line| line.split_once("  timeout "));
        let first = |(_, rest): (&str, &str)| rest.split_whitespace().next().map(str::to_owned);
        names.extend(timers.filter_map(first));
    }
    names
}

#[test]
fn every_message_and_timer_in_a_story_of_deadlocks_is_in_the_reference() {
    let (page, of_elections) = (deadlocks(), elections());
    let named = named();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        let is_told = mentions(page.section("## In a trace"), &name)
            || mentions(of_elections.section("## Forms"), &name);
        assert!(is_told, "the reference lacks `{name}`");
    }
}

#[test]
fn every_example_of_deadlocks_holds_and_what_is_expected_sometimes_does_once() {
    let page = deadlocks();
    for (line, example) in &page.examples {
        let scenario =
            Scenario::<Deadlock>::parse("deadlock.md", &source(&page, example), Files::none());
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
        let report = run(&scenario, Options::seed(0));
        assert!(report.held(), "the example at line {line}: {:?}", report.failure);
        assert_eq!(
            report.never_true(&scenario.synopsis()).count(),
            0,
            "the example at line {line}"
        );
    }
}
