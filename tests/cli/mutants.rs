//! Planted bugs from the command line, in a build that has them.
#![cfg(feature = "mutants")]

use rehearsal::Exit;

use super::{Folder, LOSSY};

/// User 4 acknowledges message 8, the acknowledgement is lost, and user 4 crashes at once.
const AFTER_ACK: &str = include_str!("../../scenarios/script/crash-after-ack.ron");

fn folder() -> Folder {
    let script = include_str!("../../scenarios/script/paper-12.txt");
    Folder::new().file("paper-12.txt", script).file("x.ron", AFTER_ACK)
}

#[test]
fn a_planted_bug_is_part_of_the_plan_that_it_broke() {
    let folder = folder();
    folder.ends("run ./x.ron", Exit::Held);
    let out = folder.ends("run ./x.ron --mutant SaveAfterAck --plan ./p.ron", Exit::Violated);
    assert!(out.contains("FAIL  Always(NothingTwice): delivered twice"), "{out}");
    assert!(out.ends_with("again: rehearsal run x.ron --seed 0 --mutant SaveAfterAck\n"), "{out}");
    assert!(folder.read("p.ron").contains("mutant: \"SaveAfterAck\""));
    folder.ends("replay ./p.ron", Exit::Violated);
}

#[test]
fn a_planted_bug_that_no_code_asks_for_is_refused_before_anything_is_told() {
    let ran = folder().rehearsal("run ./x.ron --mutant SaveAfterAkc");
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""));
    assert!(ran.err.contains("no code asked for the planted bug `SaveAfterAkc`"), "{}", ran.err);
}

#[test]
fn a_plan_that_does_not_reach_its_planted_bug_passes_unless_it_has_failed_with_it() {
    let folder = folder();
    folder.ends("run ./x.ron --mutant SaveAfterAck --plan ./p.ron", Exit::Violated);
    // A script's machine has no such code.
    let other = folder.read("p.ron").replace("\"SaveAfterAck\"", "\"AnswerIgnored\"");
    let folder = folder.file("failed.ron", &other);
    let told = folder.ends("replay ./failed.ron", Exit::NoLongerApplies);
    assert!(
        told.contains("no code asks for the planted bug `AnswerIgnored` in this run"),
        "{told}"
    );
    let (before, after) = other.split_once("    fails: (").expect("it failed");
    let after = after.split_once("    ),\n").expect("the end of the fingerprint").1;
    let folder = folder.file("twin.ron", format!("{before}{after}"));
    let told = folder.ends("replay ./twin.ron", Exit::Held);
    assert!(
        told.contains("no code asks for the planted bug `AnswerIgnored` in this run"),
        "{told}"
    );
}

#[test]
fn what_fails_without_its_planted_bug_too_is_not_shrunk_as_its_failure() {
    let folder = Folder::with_paper().file("x.ron", LOSSY);
    let err = folder.refused("shrink ./x.ron --seed 3 --mutant SelfMessage");
    assert!(err.contains("without its planted bug it fails, too"), "{err}");
    assert!(err.contains("leave out `mutant`") && !err.contains("--must-hold"), "{err}");
}
