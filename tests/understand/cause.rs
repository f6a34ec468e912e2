//! `cause` as a person meets it: what it prints, what it refuses.

use rehearsal::Exit;
use rehearsal::machine::printable;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{ends, file, object, refused, rehearsal, scenario};

/// n3 is alive and answers, but n2 never hears it: both lead.
const FAILS: &str = include_str!("two-leaders.ron");

fn failing(folder: &TempDir) -> String {
    file(folder, "fails.ron", FAILS)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn the_chart_the_table_and_the_marks_in_the_story_are_a_snapshot() {
    let folder = folder();
    insta::assert_snapshot!(ends(&["cause", &failing(&folder)], Exit::Held));
}

#[test]
fn no_line_is_wider_than_a_terminal_and_all_of_it_can_be_printed() {
    let folder = folder();
    for (seeds, future) in [("1", "scenario"), ("32", "swarm"), ("150", "swarm")] {
        let plan = failing(&folder);
        let text = ends(&["cause", &plan, "--seeds", seeds, "--future", future], Exit::Held);
        let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert_eq!(wide, Vec::<&str>::new());
        assert!(text.lines().all(|line| line.is_ascii() && printable(line) == line), "{text}");
        assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    }
}

#[test]
fn the_object_names_the_lost_answer_first() {
    let folder = folder();
    let found = object(&["cause", &failing(&folder), "--json", "--seeds", "40"], Exit::Held);
    let first = &found["causes"][0];
    assert_eq!(first["key"], json!("n3->n2:answer#1"));
    assert_eq!(first["is"], json!("decision"));
    assert_eq!(first["passes_without"], json!(true));
    assert_eq!(first["at_ns"], json!(120_000_000));
    assert_eq!((&found["seeds"], &found["future"]), (&json!(40), &json!("scenario")));
    assert_eq!(found["complete"], json!(true));
    let curve = found["curve"].as_array().expect("points");
    let kept: Vec<_> = curve.iter().map(|point| point["kept"].as_u64()).collect();
    assert!(kept.is_sorted() && kept.first() == Some(&Some(0)), "{kept:?}");
    assert_eq!(kept.last(), Some(&found["choices"].as_u64()));
}

#[test]
fn the_output_is_the_same_for_any_number_of_jobs_and_other_seeds_give_another_one() {
    let folder = folder();
    let plan = failing(&folder);
    let with = |more: &[&str]| {
        let arguments: Vec<_> = ["cause", &plan, "--json"].iter().chain(more).copied().collect();
        ends(&arguments, Exit::Held)
    };
    assert_eq!(with(&["--jobs", "1"]), with(&["--jobs", "3"]));
    assert_ne!(with(&[]), with(&["--first-seed", "1000"]));
}

#[test]
fn a_budget_that_is_used_up_is_told() {
    let folder = folder();
    let plan = failing(&folder);
    let text = ends(&["cause", &plan, "--budget", "1ns"], Exit::Held);
    assert!(text.contains("the budget was used up (give it a longer `--budget`)"), "{text}");
    let found = object(&["cause", &plan, "--budget", "1ns", "--json"], Exit::Held);
    assert_eq!(found["complete"], json!(false));
    let cause = found["causes"][0].as_object().expect("one that was tried first");
    assert_eq!(cause.get("fails_before"), Some(&Value::Null));
}

#[test]
fn a_plan_whose_run_holds_is_refused() {
    let folder = folder();
    let plan = file(&folder, "holds.ron", FAILS.replace("\"n3->n2:answer#1\": Lose", ""));
    let why = refused(&["cause", &plan], Exit::BadInput);
    assert!(why.contains("the run holds, so there is no failure that has a cause"), "{why}");
}

#[test]
fn what_is_no_plan_is_refused_for_what_it_is() {
    let folder = folder();
    let why = refused(&["cause", &scenario("election/lost-answer.ron")], Exit::BadInput);
    assert!(why.contains("this is a scenario"), "{why}");
    let trace = folder.path().join("t.jsonl").display().to_string();
    ends(&["run", &failing(&folder), "--trace", &trace], Exit::Violated);
    let why = refused(&["cause", &trace], Exit::BadInput);
    assert!(why.contains("this is the trace of a run"), "{why}");
    let why = refused(&["cause", &file(&folder, "empty.ron", "")], Exit::BadInput);
    assert!(why.contains("the file is empty"), "{why}");
}

#[test]
fn numbers_that_make_no_sense_are_wrong_usage() {
    let folder = folder();
    let plan = failing(&folder);
    for wrong in [["--seeds", "0"], ["--seeds", "10001"], ["--cuts", "0"], ["--future", "past"]] {
        let ran = rehearsal(&["cause", &plan, wrong[0], wrong[1]]);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{wrong:?}");
    }
}

#[test]
fn a_page_is_not_written_over_the_plan() {
    let folder = folder();
    let plan = failing(&folder);
    refused(&["cause", &plan, "--html", &plan], Exit::Usage);
    assert_eq!(std::fs::read_to_string(&plan).expect("it is there"), FAILS);
}
