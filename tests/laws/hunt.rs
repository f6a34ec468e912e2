//! A hunt from a test: seeds on all cores, and the smallest run of the first failure.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;

use rehearsal::shipped::Script;
use rehearsal::sim::sweep::{Found, Hunt, NotAHunt};
use rehearsal::sim::{Files, Options, Scenario};

fn script(form: &str) -> Scenario<Script> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/lossy.ron");
    let text = format!(
        r#"(
            claim: "It survives whatever goes wrong before the calm.",
            protocol: Script((form: {form}, script: "paper-50.txt", resend: "50ms")),
            nodes: 6,
            network: (delay: Uniform("1ms", "20ms")),
            calm_at: "1s",
            until: "9s",
            swarm: (kinds: [Lose, Pause], share: "0/1", mishaps: 2),
            expect: [Eventually(what: AllDelivered, within: "7s")],
        )"#
    );
    Scenario::parse("hunt-of-a-test.ron", &text, Files::beside(&file)).expect("it is right")
}

fn jobs(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not 0")
}

fn found(count: usize) -> Found {
    let hunt = Hunt::of(script("AsPrinted")).seeds(0..200).swarm().jobs(jobs(count));
    hunt.find().expect("a hunt").expect("it fails")
}

#[test]
fn a_hunt_finds_the_first_failure_and_its_smallest_run_for_any_number_of_jobs() {
    let (one, three) = (found(1), found(3));
    assert_eq!((one.seed, &one.story), (three.seed, &three.story));
    let (one, three) = (one.shrunk.expect("it shrinks"), three.shrunk.expect("it shrinks"));
    assert_eq!(one.plan.to_string(), three.plan.to_string());
    assert_eq!(one.after.unusual(), 1, "{}", one.after);
    let again = one.plan.case.run(Options::plan(&one.plan));
    assert_eq!(again.fingerprint(one.plan.case.synopsis()), one.plan.fails);
}

#[test]
fn the_story_of_the_smallest_run_is_a_snapshot() {
    insta::assert_snapshot!(found(2).story);
}

#[test]
fn a_hunt_that_finds_nothing_holds() {
    let hunt = Hunt::of(script("Repaired")).seeds(0..100).swarm();
    assert!(hunt.find().expect("a hunt").is_none());
    hunt.must_hold();
}

#[test]
fn a_planted_bug_that_no_run_reaches_is_no_hunt() {
    let hunt = Hunt::of(script("Repaired")).seeds(0..3).mutant("NoSuchBug");
    assert_eq!(hunt.find().err(), Some(NotAHunt::MutantNotReached("NoSuchBug".to_owned())));
}

#[test]
fn a_hunt_without_seeds_does_not_hold() {
    let hunt = Hunt::of(script("Repaired")).seeds(5..5);
    assert_eq!(hunt.find().err(), Some(NotAHunt::NoSeeds));
}

/// What the tests below run in a process of its own.
#[test]
fn as_the_environment_says() {
    let hunt = Hunt::of(script("AsPrinted")).seeds(0..1).swarm();
    match hunt.find() {
        Ok(found) => println!("found {:?}", found.map(|found| found.seed.0)),
        Err(why) => println!("refused: {why}"),
    }
}

fn with_environment(variables: &[(&str, &str)]) -> String {
    let mut test = Command::new(std::env::current_exe().expect("this test"));
    test.args(["hunt::as_the_environment_says", "--exact", "--nocapture"]);
    let ran = test.envs(variables.iter().copied()).output().expect("it runs");
    String::from_utf8(ran.stdout).expect("text")
}

#[test]
fn the_environment_says_which_seeds_and_how_many() {
    let first = found(1).seed.0;
    assert!(first > 0, "another scenario is needed");
    let told = with_environment(&[("REHEARSAL_SEEDS", "200"), ("REHEARSAL_JOBS", "1")]);
    assert!(told.contains(&format!("found Some({first})")), "{told}");
    let told = with_environment(&[("REHEARSAL_SEED", &first.to_string())]);
    assert!(told.contains(&format!("found Some({first})")), "{told}");
    let told = with_environment(&[("REHEARSAL_SEED", &(first - 1).to_string())]);
    assert!(told.contains("found None"), "{told}");
}

#[test]
fn a_variable_that_is_no_number_is_refused_by_name() {
    for (variable, value) in [
        ("REHEARSAL_SEEDS", "many"),
        ("REHEARSAL_SEEDS", "0"),
        ("REHEARSAL_SEED", "-1"),
        ("REHEARSAL_JOBS", ""),
    ] {
        let told = with_environment(&[(variable, value)]);
        let words = format!("refused: {variable}={value:?} is not a number from ");
        assert!(told.contains(&words), "{told}");
    }
}

#[test]
fn a_failing_hunt_panics_with_the_story_and_the_command_that_repeats_it() {
    let hunt = Hunt::of(script("AsPrinted")).seeds(0..200).swarm();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| hunt.must_hold()))
        .expect_err("it fails");
    let words = panic.downcast_ref::<String>().expect("words");
    let again = words.lines().last().and_then(|line| line.strip_prefix("again: rehearsal replay "));
    let small = Path::new(again.expect("a command"));
    let plan = std::fs::read_to_string(small).expect("the plan was kept");
    std::fs::remove_file(small).expect("it is there");
    let whole = small.to_string_lossy().replace("-small", "");
    std::fs::remove_file(whole).expect("the whole plan is there, too");
    assert!(plan.contains("rest: Usual"), "{plan}");
    assert!(words.contains("# It survives whatever goes wrong before the calm.\n"), "{words}");
    assert!(words.contains("FAIL  Eventually(AllDelivered): a user is stuck"), "{words}");
}
