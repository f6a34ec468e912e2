//! `rehearsal shrink`: from a failing run to the few things that matter.

use rehearsal::Exit;

use super::{Folder, LOSSY, Ran, with};

/// The same with a form that survives it.
fn repaired() -> String {
    with(LOSSY, "AsPrinted", "Repaired").replace("within: \"1s\"", "within: \"1900ms\"")
}

fn failed() -> Folder {
    let folder = Folder::with_paper().file("x.ron", LOSSY);
    folder.ends("run ./x.ron --seed 3 --plan ./p.ron", Exit::Violated);
    folder
}

#[test]
fn a_failing_run_shrinks_to_one_lost_message_and_a_twin_that_passes() {
    let folder = failed();
    let told = folder.ends("shrink ./p.ron --jobs 2", Exit::Held);
    let told: Vec<_> = told.lines().skip_while(|line| !line.starts_with("from")).collect();
    let page = include_str!("../../docs/shrinking.md");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(told.join("\n"), shown.expect("an example").trim_end());
    let small = folder.ends("replay ./p-small.ron", Exit::Violated);
    assert!(small.contains("a user is stuck"), "{small}");
    folder.ends("replay ./p-twin.ron", Exit::Held);
}

#[test]
fn a_plan_and_the_scenario_with_its_seed_shrink_to_the_same() {
    let folder = failed();
    folder.ends("shrink ./p.ron --plan ./a.ron", Exit::Held);
    folder.ends("shrink ./x.ron --seed 3 --plan ./b.ron --jobs 1", Exit::Held);
    assert_eq!(folder.read("a.ron"), folder.read("b.ron"));
    assert_eq!(folder.read("a-twin.ron"), folder.read("b-twin.ron"));
}

#[test]
fn what_was_shrunk_shrinks_to_itself() {
    let folder = failed();
    folder.ends("shrink ./p.ron --plan ./a.ron", Exit::Held);
    folder.ends("shrink ./a.ron --plan ./b.ron", Exit::Held);
    assert_eq!(folder.read("a.ron"), folder.read("b.ron"));
}

#[test]
fn a_smaller_plan_is_held_against_the_repaired_scenario() {
    let folder = failed().file("repaired.ron", repaired());
    folder.ends("shrink ./p.ron --must-hold ./repaired.ron", Exit::Held);
    let Ran { exit, err, .. } = folder.rehearsal("shrink ./p.ron --must-hold ./x.ron");
    assert_eq!(exit, Exit::Usage);
    assert!(err.contains("--must-hold: the scenario that must hold fails, too"), "{err}");
}

#[test]
fn what_holds_is_not_shrunk() {
    let folder = Folder::with_paper().file("x.ron", repaired());
    let err = folder.refused("shrink ./x.ron --seed 3");
    assert!(err.contains("x.ron: the run holds, so there is no failure to shrink"), "{err}");
}

#[test]
fn a_search_without_time_says_that_it_did_not_end() {
    let folder = failed();
    let told = folder.ends("shrink ./p.ron --budget 1ns", Exit::Held);
    assert!(told.contains("not 1-minimal: the budget was used up"), "{told}");
    folder.ends("replay ./p-small.ron", Exit::Violated);
}

#[test]
fn no_other_file_is_replaced() {
    let folder = failed().file("p-small.ron", "mine");
    let told = folder.ends("shrink ./p.ron", Exit::Held);
    assert_eq!(folder.read("p-small.ron"), "mine");
    assert!(told.contains("plan: p-small-2.ron"), "{told}");
}

#[test]
fn what_a_plan_says_itself_is_no_option() {
    let folder = failed();
    for (arguments, part) in [
        ("shrink ./p.ron --seed 4", "--seed is for a scenario"),
        ("shrink ./p.ron --mutant NoReack", "--mutant is for a scenario"),
        ("shrink ./p.ron --plan ./p.ron", "this command reads that file"),
        ("shrink ./p.ron --jobs 0", "--jobs"),
    ] {
        let Ran { exit, err, .. } = folder.rehearsal(arguments);
        assert_eq!(exit, Exit::Usage, "{arguments}");
        assert!(err.contains(part), "{err}");
    }
}

#[test]
fn a_shrunk_plan_and_its_twin_differ_first_in_the_one_change() {
    let folder = failed();
    let told = folder.ends("shrink ./p.ron", Exit::Held);
    let (_, change) = told.split_once("With one change nothing fails:\n- ").expect("a twin");
    let key = change.split('"').nth(1).expect("a decision has a key in quotes");
    let diff = folder.ends("diff ./p-small.ron --twin", Exit::Violated);
    let first = diff.lines().next().unwrap_or_default();
    assert!(first.ends_with(&format!(": {key}")), "{first}\n{change}");
    assert!(diff.contains("\n- p-small.ron: Eventually("), "{diff}");
    assert!(diff.contains("\n+ p-twin.ron: held\n"), "{diff}");
}
