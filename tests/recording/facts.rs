use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rehearsal::Exit;
use rehearsal::real::{Problem, Verdict};
use rehearsal::shipped::{Deadlock, Election, Script};
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Files, Scenario};
use rehearsal::tcp::Clock;

use super::{deadlock, election, is_input, joined, node, replay, script};

fn paper() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/paper.ron").display().to_string()
}

fn source_of_election(nodes: u32, expect: &str) -> String {
    format!(
        "(claim: \"It is so.\", {}, nodes: {nodes}, network: (delay: Fixed(\"1ms\")), \
         calm_at: \"0ms\", until: \"9s\", expect: [{expect}])",
        super::ELECTION
    )
}

fn of_election(nodes: u32, expect: &str) -> Scenario<Election> {
    let source = source_of_election(nodes, expect);
    Scenario::parse("x.ron", &source, Files::none()).unwrap_or_else(|error| panic!("{error}"))
}

/// The verdict on three real nodes that elected a leader.
fn judged(expect: &str) -> Verdict {
    let verdict = election().recorded::<Election>().judge(&of_election(3, expect));
    verdict.unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn what_the_papers_script_claims_holds_of_six_real_users() {
    // The scenario is read in the time of six such steps.
    let ran = replay(&script().files(), &["--expect", &paper(), "--step-limit", "20s"]);
    assert_eq!(ran.exit, Exit::Held, "{ran:?}");
    let told: Vec<_> = ran.out.lines().skip(6).collect();
    assert_eq!(
        told,
        ["ok    Always(NothingTwice)", "ok    Always(RightText)", "ok    Eventually(AllDelivered)"]
    );
}

#[test]
fn what_is_claimed_of_elections_holds_of_real_ones() {
    let facts = "Always(EpochsRise), Always(EpochsKept), Always(Unopposed),
        Eventually(what: Agreed, within: \"1s\"), Sometimes(TwoLeaders)";
    let verdict = judged(facts);
    assert!(verdict.held() && verdict.broken.is_none());
    assert_eq!(
        (verdict.asked.len(), &*verdict.unasked),
        (4, &["Sometimes(TwoLeaders): it is asked of many runs, and this is one".into()][..])
    );
}

#[test]
fn a_scenario_of_which_nothing_can_be_asked_of_recordings_does_not_pass() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("x.ron").display().to_string();
    let sometimes = "Sometimes(TwoLeaders)";
    fs::write(&scenario, source_of_election(3, sometimes)).expect("room");
    let ran = replay(&election().files(), &["--expect", &scenario]);
    let told = "FAIL  tested: nothing that is expected can be asked of recordings\n";
    assert_eq!(ran.exit, Exit::Violated, "{ran:?}");
    assert!(ran.out.ends_with(told), "{}", ran.out);
    let no_cause = "LeadsTo(from: WriteRefused, to: Agreed, within: \"1s\")";
    fs::write(&scenario, source_of_election(3, no_cause)).expect("room");
    let ran = replay(&election().files(), &["--expect", &scenario]);
    let told = "      untested: LeadsTo(WriteRefused, Agreed): its cause never held\n\
                FAIL  tested: nothing that is expected was put to the test\n";
    assert_eq!(ran.exit, Exit::Violated, "{ran:?}");
    assert!(ran.out.ends_with(told), "{}", ran.out);
}

#[test]
fn a_fact_that_does_not_hold_is_told_with_the_first_event_after_which_it_did_not() {
    let recorded = election().recorded::<Election>();
    let scenario = of_election(3, "Always(EpochsRise), Always(LeadsAtMost(1))");
    let broken = recorded.judge(&scenario).expect("it is asked").broken.expect("n3 leads twice");
    assert_eq!(broken.expected, "Always(LeadsAtMost(1))");
    let events = recorded.join().expect("they fit").to_vec();
    let mut leads = BTreeMap::new();
    let second = events.iter().position(|event| match &event.what {
        EventKind::Emit { node, text, .. } if text.starts_with("leads") => {
            let times: &mut u32 = leads.entry(*node).or_default();
            *times += 1;
            *times == 2
        }
        _ => false,
    });
    let second = second.expect("n3 leads in both its lives");
    assert_eq!(broken.at, events[second].at);
    assert_eq!(broken.after.as_ref(), events[..second].iter().rfind(|event| is_input(event)));
}

/// A recorded machine reads the clock of its computer, not the world's: what it
/// measured says nothing of how long a deadlock has lasted.
#[test]
fn a_deadlock_that_a_real_detector_missed_is_found_in_its_recording() {
    let expect = "Always(AllReported(\"300ms\")), Always(CyclesReported(\"300ms\"))";
    let source = format!(
        "(claim: \"It is so.\", nodes: 3, network: (delay: Fixed(\"1ms\")), until: \"9s\",
        protocol: Deadlock((detector: Labels(period: \"1s\"), model: Single)), expect: [{expect}])"
    );
    let scenario = Scenario::<Deadlock>::parse("x.ron", &source, Files::none());
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let judge = |as_printed| {
        let verdict = deadlock(as_printed).recorded::<Deadlock>().judge(&scenario);
        verdict.expect("it is asked").broken
    };
    assert_eq!(judge(false), None);
    let missed = judge(true).expect("the rule as printed finds nothing");
    assert_eq!(missed.reason, "a deadlock was missed");
}

#[test]
fn a_verdict_that_asked_nothing_has_not_held() {
    let nothing = judged("Sometimes(TwoLeaders)");
    assert!(nothing.is_untested() && !nothing.held() && nothing.broken.is_none());
    assert!(judged("").held(), "nothing is expected");
    assert!(!judged("Reaches(WriteRefused)").held());
}

#[test]
fn a_fact_about_the_end_is_asked_there() {
    let never = "Eventually(what: TwoLeaders, within: \"1s\")";
    let broken = judged(never).broken.expect("n3 alone leads");
    assert_eq!((broken.expected.as_str(), broken.after), ("Eventually(TwoLeaders)", None));
}

#[test]
fn what_a_scenario_reaches_must_have_held_at_some_instant_of_the_recordings() {
    // Before the first election nobody has taken the lead; at the end n3 has, twice.
    let verdict = judged("Reaches(LeadsAtMost(0)), Reaches(Agreed)");
    assert_eq!((verdict.broken, verdict.asked.len(), verdict.unasked.len()), (None, 2, 0));
    let broken = judged("Reaches(WriteRefused)").broken.expect("there is no resource");
    assert_eq!((broken.expected.as_str(), broken.after), ("Reaches(WriteRefused)", None));
    assert_eq!(broken.reason, "nobody keeps a resource");
}

#[test]
fn a_violated_fact_ends_with_exit_code_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.ron");
    let strict = fs::read_to_string(paper()).expect("a scenario");
    let strict = strict.replace("Always(RightText)", "Always(AllListen)");
    let script_file = include_str!("../../scenarios/script/paper-50.txt");
    fs::write(folder.path().join("paper-50.txt"), script_file).expect("room");
    fs::write(&file, strict).expect("room");
    let ran = replay(&script().files(), &["--expect", &file.display().to_string()]);
    assert_eq!(ran.exit, Exit::Violated, "{ran:?}");
    let why = "FAIL  Always(AllListen): a user has something to say";
    assert!(ran.out.contains(why), "{}", ran.out);
    assert!(ran.out.contains("      after n"), "{}", ran.out);
}

#[test]
fn facts_are_not_asked_where_clocks_are_apart_or_somebody_is_missing() {
    let mut recordings = election().recordings();
    let scenario = of_election(3, "Always(EpochsRise)");
    let few = joined::<Election>(recordings[..2].to_vec()).expect("two of three");
    assert!(matches!(few.judge(&scenario), Err(Problem::Missing(who)) if who == [node(3)]));
    let recorded = election().recorded::<Election>();
    let other = of_election(4, "Always(EpochsRise)");
    assert!(matches!(recorded.judge(&other), Err(Problem::Nodes { recorded: 3, scenario: 4 })));
    let clock = serde_json::from_str::<Clock>("\"another\"").expect("a text");
    recordings[1].1.lives[0].header.clock = clock;
    let apart = joined::<Election>(recordings).expect("they fit");
    assert!(!apart.is_on_one_clock());
    assert!(matches!(apart.judge(&scenario), Err(Problem::ClocksApart)));
}

#[test]
fn a_scenario_of_another_protocol_is_refused() {
    let ran = replay(&election().files(), &["--expect", &paper()]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("is about `Script`"), "{}", ran.err);
    let _: &Scenario<Script> = &Scenario::open(Path::new(&paper())).expect("it is right");
}
