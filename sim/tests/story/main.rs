//! Stories of protocols that do the same again and again, and of runs that fail.

mod ballot;
mod gossip;
mod lines;
mod periodic;
mod stuck;
mod views;

use rehearsal_sim::chance::Seed;
use rehearsal_sim::plan::{Decision, DecisionKey, Decisions, Rest};
use rehearsal_sim::story::{self, Extent, Story, View};
use rehearsal_sim::{Files, Keep, Options, Outcome, Protocol, Report, Scenario, run};

fn scenario<P: Protocol>(protocol: &str, rest: &str) -> Scenario<P> {
    let expect = if rest.contains("expect:") { "" } else { ", expect: []" };
    let text = format!("(claim: \"It is told.\", protocol: {protocol}, {rest}{expect})");
    Scenario::parse("told.ron", &text, Files::none()).expect("a right scenario")
}

/// A run in which messages with these keys suffer this, and nothing else is unusual.
fn played<P: Protocol>(scenario: &Scenario<P>, decisions: &[(&str, Decision)]) -> Report<P> {
    let listed = decisions.iter().map(|(key, decision)| (key_of(key), decision.clone()));
    let decisions = Decisions::listed(listed, Rest::Usual);
    run(scenario, Options::seed(0).keep(Keep::Trace).decisions(decisions))
}

fn key_of(key: &str) -> DecisionKey {
    key.parse().expect("a key")
}

fn told<P: Protocol>(scenario: &Scenario<P>, outcome: &Outcome, view: &View) -> Story {
    let story = story::of_outcome(&scenario.synopsis(), Seed(0), outcome, view);
    for line in story.text.lines() {
        assert!(line.chars().count() <= story::WIDTH, "{line}");
    }
    story
}

fn usual() -> View {
    View::default()
}

fn with_extent(extent: Extent) -> View {
    let mut view = View::default();
    view.extent = extent;
    view
}

/// The lines from the head of the trace to its end.
fn trace_of(story: &str) -> Vec<&str> {
    let lines = story.lines().skip_while(|line| !line.contains("who  what")).skip(1);
    lines.take_while(|line| !line.starts_with("end ")).collect()
}
