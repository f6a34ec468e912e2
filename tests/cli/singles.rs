//! `rehearsal singles`: what each single disturbance of a run does.

use rehearsal::Exit;
use serde_json::Value;

use super::{Folder, Ran, with};

/// The paper's script over an undisturbed network.
const QUIET: &str = r#"// The paper's form.
(
    claim: "No single lost message keeps a user waiting.",
    protocol: Script((form: AsPrinted, script: "paper-50.txt", resend: "50ms")),
    nodes: 6,
    network: (delay: Fixed("10ms")),
    calm_at: "5s",
    until: "20s",
    expect: [Eventually(what: AllDelivered, within: "5s"), Always(NothingTwice)],
)
"#;

/// Two users with two messages.
const TWO: &str =
    "Users\n10.0.2.15,2881,anna\n10.0.2.15,2882,bert\nMessage\nanna,bert,hi\nbert,anna,ho\n";

fn folder(scenario: &str) -> Folder {
    Folder::with_paper().file("two.txt", TWO).file("x.ron", scenario)
}

fn two(form: &str) -> Folder {
    let two = QUIET.replace("paper-50.txt", "two.txt").replace("nodes: 6", "nodes: 2");
    folder(&two.replace("AsPrinted", form))
}

/// What is printed of every disturbance that changes something, and the end.
fn found(folder: &Folder, arguments: &str, exit: Exit) -> (Vec<Value>, Value) {
    let told = folder.ends(&format!("singles ./x.ron --json {arguments}"), exit);
    let mut lines: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let end = lines.pop().expect("there is an end");
    (lines, end)
}

#[test]
fn the_paper_taken_literally_survives_none_of_its_50_lost_acknowledgements() {
    let (lost, end) = found(&folder(QUIET), "--kinds lose", Exit::Violated);
    let is_ack = |line: &Value| line["subject"].as_str().is_some_and(|key| key.contains(":ack#"));
    assert!(lost.len() == 50 && lost.iter().all(is_ack), "{lost:?}");
    assert!(lost.iter().all(|line| line["consequence"]["reason"] == "a user is stuck"));
    assert_eq!((end["fail"].as_u64(), end["end_otherwise"].as_u64()), (Some(50), Some(0)));
}

#[test]
fn the_repaired_form_survives_every_single_disturbance_for_any_number_of_jobs() {
    let repaired = with(QUIET, "AsPrinted", "Repaired");
    for jobs in ["--jobs 1", "--jobs 3"] {
        let (changed, end) = found(&folder(&repaired), jobs, Exit::Held);
        assert_eq!(changed, Vec::<Value>::new());
        assert_eq!((&end["fail"], end["singles"].as_u64()), (&0.into(), Some(715)));
    }
}

#[test]
fn the_map_shows_by_message_and_node_what_a_protocol_does_not_survive() {
    let folder = two("AsPrinted");
    let told = folder.ends("singles ./x.ron", Exit::Violated);
    insta::assert_snapshot!(told.split("again").next().unwrap_or_default(), @r"
    # No single lost message keeps a user waiting.
    22 single disturbances of a run that holds
    12 fail (X), 0 end otherwise (o), 10 change nothing in the end (.)

    message      lost  late  twice
    n1->n2 ack   X     .     .
    n1->n2 data  .     .     .
    n2->n1 ack   X     .     .
    n2->n1 data  .     .     .

    node  crash after each effect
    n1    XXXXX
    n2    XXXXX

    FAIL  Eventually(AllDelivered): a user is stuck, in 11 of 22
          first: crash of n1 after effect 1
    ");
}

#[test]
fn the_first_of_each_kind_of_failure_leaves_a_plan_that_fails_alike() {
    let folder = two("AsPrinted");
    let Ran { out, .. } = folder.rehearsal("singles ./x.ron --kinds lose");
    let again = out.lines().find_map(|line| line.strip_prefix("again: rehearsal "));
    let story = folder.ends(again.expect("a line that repeats it"), Exit::Violated);
    assert!(story.contains("-x n1  ack  lost") || story.contains("-x n2  ack  lost"), "{story}");
}

#[test]
fn every_message_timer_and_effect_before_the_calm_is_disturbed() {
    let folder = two("Repaired");
    folder.ends("run ./x.ron --trace ./t.jsonl", Exit::Held);
    let trace = folder.read("t.jsonl");
    let count = |kind: &str| trace.matches(&format!("\"event\":\"{kind}\"")).count();
    let sent = count("send");
    // Each message is lost, late and doubled; timers have one number in their range.
    let effects = sent + count("arm") + count("disarm") + count("save") + count("emit");
    let (_, end) = found(&folder, "", Exit::Held);
    assert_eq!(end["singles"].as_u64(), Some((3 * sent + effects) as u64));
}

#[test]
fn a_planted_bug_that_no_run_reaches_is_refused() {
    let Ran { exit, err, .. } = two("Repaired").rehearsal("singles ./x.ron --mutant NoSuchBug");
    assert_eq!(exit, Exit::Usage);
    assert!(err.contains("the planted bug `NoSuchBug`"), "{err}");
}

#[test]
fn a_run_that_fails_without_any_disturbance_is_refused() {
    let fault = "until: \"20s\", faults: [(when: Sends(kind: \"ack\"), do: Lose)]";
    let folder = folder(&with(QUIET, "until: \"20s\"", fault));
    let complaint = folder.refused("singles ./x.ron");
    assert!(complaint.contains("x.ron: the run fails without any disturbance"), "{complaint}");
    let Ran { exit, .. } = folder.rehearsal("singles ./x.ron --kinds all");
    assert_eq!(exit, Exit::Usage);
}

/// A user that gives up after two messages without an answer cannot do without both.
#[test]
fn what_holds_alone_may_fail_in_pairs() {
    let impatient = with(
        QUIET,
        "Eventually(what: AllDelivered, within: \"5s\")",
        "Eventually(what: AllDelivered, within: \"0ms\")",
    )
    .replace("paper-50.txt", "two.txt")
    .replace("nodes: 6", "nodes: 2")
    .replace("AsPrinted", "Repaired")
    .replace("calm_at: \"5s\"", "calm_at: \"90ms\"");
    let folder = folder(&impatient);
    folder.ends("singles ./x.ron --kinds lose", Exit::Held);
    let told = folder.ends("singles ./x.ron --kinds lose --pairs", Exit::Violated);
    assert!(told.contains("6 pairs of disturbances that hold alone\n"), "{told}");
    assert!(told.contains(" is lost, and "), "{told}");
    let again = told.lines().find_map(|line| line.strip_prefix("again: rehearsal replay "));
    let plan = again.expect("a plan");
    let replayed = folder.rehearsal(&format!("replay {plan}"));
    std::fs::remove_file(plan).expect("it was written");
    assert_eq!(replayed.exit, Exit::Violated, "{}", replayed.err);
}
