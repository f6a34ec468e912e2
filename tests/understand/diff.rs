//! `rehearsal diff`, as a person uses it.

use rehearsal::Exit;
use tempfile::TempDir;

use crate::command::{ends, file, object, recorded, refused, scenario, without};

/// A plan of the run in which an answer is lost, and one in which it is not.
fn plans() -> (TempDir, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("lost.ron").display().to_string();
    ends(&["run", &scenario("election/lost-answer.ron"), "--plan", &place], Exit::Held);
    let lost = std::fs::read_to_string(&place).expect("it was written");
    let fault = r#"(when: Sends(from: 3, to: 2, kind: "answer"), do: Lose),"#;
    assert_eq!(lost.matches(fault).count(), 1, "{lost}");
    let whole = file(&folder, "whole.ron", lost.replace(fault, ""));
    (folder, place, whole)
}

#[test]
fn the_diff_of_a_run_that_loses_an_answer_tells_the_story_of_the_loss() {
    let (folder, lost, whole) = plans();
    let told = ends(&["diff", &whole, &lost], Exit::Violated);
    assert_eq!(told.lines().find(|line| line.chars().count() > 80), None);
    let told = without(&folder, &told);
    let page = include_str!("../../docs/understanding.md");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    assert!(told.starts_with(shown.expect("an example")), "docs/understanding.md:\n{told}");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("diff", told));
}

#[test]
fn a_plan_its_scenario_and_its_trace_are_equal() {
    let (folder, plan, _) = plans();
    let trace = folder.path().join("t.jsonl").display().to_string();
    let scenario = scenario("election/lost-answer.ron");
    ends(&["run", &scenario, "--trace", &trace], Exit::Held);
    for pair in [[&plan, &scenario], [&trace, &plan], [&scenario, &trace], [&trace, &trace]] {
        assert_eq!(ends(&["diff", pair[0], pair[1]], Exit::Held), "equal: 95 events\n");
    }
    let object = object(&["diff", &trace, &plan, "--json"], Exit::Held);
    assert_eq!((&object["equal"], &object["same"]), (&true.into(), &95.into()));
}

#[test]
fn one_scenario_is_compared_with_itself_under_two_seeds() {
    let scenario = scenario("hunt/election-hardened.ron");
    let seeds = |a, b| ["diff", scenario.as_str(), "--seed", a, "--seed", b];
    let told = ends(&seeds("1", "2"), Exit::Violated);
    assert!(told.starts_with("first difference at "), "{told}");
    assert!(told.contains(" more steps differ (--whole tells them)\n"), "{told}");
    assert!(told.lines().count() < 90, "{told}");
    let whole = ends(&[&seeds("1", "2")[..], &["--whole"]].concat(), Exit::Violated);
    assert!(whole.lines().count() > 300 && !whole.contains("--whole"), "{whole}");
    assert!(ends(&seeds("2", "2"), Exit::Held).starts_with("equal: "));
}

#[test]
fn what_is_hidden_is_no_part_of_the_story_and_a_wrong_name_is_told() {
    let (_folder, lost, whole) = plans();
    let story = |more: &[&str]| {
        let told = ends(&[&["diff", &whole, &lost], more].concat(), Exit::Violated);
        told.rsplit_once("\n\n").expect("a story").1.to_owned()
    };
    // A step that a hidden message leads to stays if it has other effects.
    assert!(story(&[]).contains("-> n1  coordinator"));
    assert!(!story(&["--hide", "coordinator"]).contains("-> n1  coordinator"));
    let only = story(&["--only", "n1"]);
    assert!(only.contains("  n1   ") && !only.contains("  n2   "), "{only}");
    assert!(story(&["--keys"]).contains("n3->n2:answer#1"));
    assert!(story(&["--hide", "nonsense"]).contains("--hide nonsense: no message and no timer"));
    let refusal = refused(&["diff", &whole, &lost, "--only", "n5"], Exit::Usage);
    assert!(refusal.contains("the nodes are n1 to n4"), "{refusal}");
}

#[test]
fn as_json_a_diff_has_the_first_difference_its_causes_and_every_change() {
    let (_folder, lost, whole) = plans();
    let object = object(&["diff", &whole, &lost, "--json"], Exit::Violated);
    let first = &object["first"];
    assert_eq!((&object["equal"], &first["key"]), (&false.into(), &"n3->n2:answer#1".into()));
    assert_eq!((&first["a"]["lost"], &first["b"]["lost"]), (&().into(), &"loss".into()));
    let numbers = |side: &str| -> Vec<u64> {
        let causes = first[side].as_array().expect("a list").iter();
        causes.map(|event| event["number"].as_u64().expect("a number")).collect()
    };
    assert_eq!(numbers("causes_a"), numbers("causes_b"));
    let causes = first["causes_a"].as_array().expect("a list");
    assert_eq!(causes[0]["event"], "command");
    assert_eq!(causes.last().expect("one")["key"], "n2->n3:election#1");
    let count = |name: &str| object[name].as_u64().expect("a count");
    let changes = object["changes"].as_array().expect("a list");
    for change in ["moved", "changed", "removed", "added"] {
        let listed = changes.iter().filter(|it| it["change"] == change).count() as u64;
        assert_eq!(listed, count(change), "{change}");
    }
    let of_a = count("same") + count("moved") + count("changed") + count("removed");
    let of_b = count("same") + count("moved") + count("changed") + count("added");
    assert_eq!((&object["a"]["events"], &object["b"]["events"]), (&of_a.into(), &of_b.into()));
}

#[test]
fn runs_of_which_the_beginning_is_not_kept_are_compared_from_where_both_are() {
    let scenario = scenario("hunt/election-hardened.ron");
    let seeds = ["diff", scenario.as_str(), "--seed", "1", "--seed", "2", "--keep-events", "200"];
    let told = ends(&seeds, Exit::Violated);
    assert!(told.contains("\ncompared from "), "{told}");
    let equal = ["diff", &scenario, &scenario, "--seed", "1", "--keep-events", "200"];
    let told = ends(&equal, Exit::Held);
    assert!(told.starts_with("equal: 193 events\ncompared from "), "{told}");
}

#[test]
fn where_nothing_is_kept_the_digests_are_compared() {
    let scenario = scenario("hunt/election-hardened.ron");
    let with = |seeds: [&str; 2], exit| {
        let [a, b] = seeds;
        ends(&["diff", &scenario, "--seed", a, "--seed", b, "--keep-events", "0"], exit)
    };
    let equal = with(["1", "1"], Exit::Held);
    assert!(equal.starts_with("equal: their digests are the same\n"), "{equal}");
    let differ = with(["1", "2"], Exit::Violated);
    assert!(differ.ends_with("they differ before what is kept (--keep-events)\n"), "{differ}");
    assert!(!differ.contains("compared from"), "{differ}");
    // Of so short a run there is no digest but the last one.
    let (_folder, lost, whole) = plans();
    let differ = ends(&["diff", &lost, &whole, "--keep-events", "0"], Exit::Violated);
    assert!(differ.ends_with("they differ before what is kept (--keep-events)\n"), "{differ}");
}

#[test]
fn runs_of_which_nothing_can_be_compared_are_not_called_equal() {
    let folder = tempfile::tempdir().expect("a folder");
    let (late, last) = (recorded(&folder, "late.jsonl", 60), recorded(&folder, "last.jsonl", 94));
    assert!(ends(&["diff", &late, &late], Exit::Held).starts_with("equal: "));
    let refusal = refused(&["diff", &late, &last], Exit::Usage);
    assert!(refusal.contains("no event of both is kept"), "{refusal}");
}

#[test]
fn no_line_of_a_diff_is_wider_than_a_terminal() {
    let (folder, plan, whole) = plans();
    let name = format!("{}.ron", "long-".repeat(30));
    let long = file(&folder, &name, std::fs::read_to_string(whole).expect("it was written"));
    let told = ends(&["diff", &long, &plan, "--keep-events", "60"], Exit::Violated);
    let wide: Vec<_> = told.lines().filter(|line| line.chars().count() > 80).collect();
    // A name without a space is one word.
    assert!(wide.iter().all(|line| line.contains(&name)), "{wide:?}");
    let changes = object(&["diff", &long, &plan, "--json"], Exit::Violated);
    let changes = changes["changes"].as_array().expect("a list");
    assert!(changes.iter().all(|it| it.get("a").is_some() && it.get("b").is_some()), "{changes:?}");
}

/// The twin of a failure often differs from it in that no code asks for the planted bug.
#[cfg(feature = "mutants")]
#[test]
fn a_twin_need_not_reach_the_planted_bug_of_its_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("small.ron").display().to_string();
    let twin = folder.path().join("small-twin.ron").display().to_string();
    let scenario = scenario("faults/broken-session.ron");
    let shrink = ["shrink", &scenario, "--mutant", "NoReack", "--plan", &small];
    ends(&shrink, Exit::Held);
    let told = ends(&["diff", &small, "--twin"], Exit::Violated);
    assert!(told.contains("small-twin.ron: held"), "{told}");
    ends(&["explain", &twin, "1"], Exit::Held);
    let unreached = ["explain", &twin, "1", "--mutant", "NoReack"];
    refused(&unreached, Exit::Usage);
}

#[test]
fn wrong_usage_is_told_with_what_would_be_right() {
    let (_folder, plan, other) = plans();
    let scenario = scenario("election/lost-answer.ron");
    let cases: [(&[&str], &str); 6] = [
        (&["diff", &plan], "name a second file"),
        (&["diff", &scenario, "--seed", "1"], "--seed 1 --seed 2"),
        (&["diff", &scenario, "--seed", "1", "--seed", "2", "--seed", "3"], "twice at most"),
        (&["diff", &plan, &other, "--seed", "1"], "--seed is for scenarios"),
        (&["diff", &plan, &other, "--seed", "1", "--seed", "2"], "--seed is for scenarios"),
        (&["diff", &plan, "--twin"], "lost-twin.ron"),
    ];
    for (arguments, expected) in cases {
        let refusal = refused(arguments, Exit::Usage);
        assert!(refusal.contains(expected), "{refusal}");
    }
    // A seed that is for one of the two files is right.
    ends(&["diff", &plan, &scenario, "--seed", "0"], Exit::Held);
}
