use std::fs;

use rehearsal::Exit;

use super::{election, replay, script};

#[test]
fn every_recording_of_the_papers_script_replays_byte_for_byte() {
    let ran = replay(&script().files(), &[]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Held, ""), "{}", ran.out);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 6, "{}", ran.out);
    for ((line, number), (_, recording)) in lines.iter().zip(1..).zip(script().recordings()) {
        let steps = recording.lives[0].steps.len();
        assert_eq!(*line, format!("ok    n{number}, life 1: {steps} steps as recorded"));
    }
}

#[test]
fn every_life_of_a_node_is_replayed() {
    let ran = replay(&election().files(), &[]);
    assert_eq!(ran.exit, Exit::Held, "{ran:?}");
    let lives: Vec<_> = ran.out.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(
        lives,
        ["ok    n1, life 1", "ok    n2, life 1", "ok    n3, life 1", "ok    n3, life 2"]
    );
}

#[test]
fn plans_and_recordings_are_not_mixed() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("p.ron").display().to_string();
    fs::write(&plan, "()").expect("room");
    let mut files = script().files();
    files.push(plan.clone());
    let ran = replay(&files, &[]);
    assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
    assert!(ran.err.contains("p.ron is no recording: give one plan"), "{}", ran.err);
    assert_eq!(replay(&[plan.clone(), plan], &[]).exit, Exit::Usage);
    files.pop();
    files.push("nowhere.rec".to_owned());
    assert_eq!(replay(&files, &[]).exit, Exit::BadInput);
}

#[test]
fn an_option_of_the_other_sort_is_refused() {
    let file = script().files().remove(0);
    for option in [
        &["--json"][..],
        &["--files", "x"],
        &["--log", "debug"],
        &["--keep-events", "9"],
        &["--step-limit", "1s"],
        &["--keys"],
        &["--whole"],
        &["--hide", "ack"],
        &["--only", "n1"],
        &["--around", "failure"],
    ] {
        let ran = replay(std::slice::from_ref(&file), option);
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""), "{option:?}");
        assert!(ran.err.contains(option[0]), "{}", ran.err);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("p.ron").display().to_string();
    fs::write(&plan, "()").expect("room");
    for option in [&["--story"][..], &["--expect", "x.ron"]] {
        let ran = replay(std::slice::from_ref(&plan), option);
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""), "{option:?}");
        assert!(ran.err.contains(option[0]), "{}", ran.err);
    }
}
