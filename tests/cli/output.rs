//! What a command prints, and how it ends.

use std::process::{Command, Output};

use rehearsal::Exit;
use rehearsal::sim::trace::lines;
use serde_json::Value;

use super::{Folder, LOSSY};

const GENERATE: &str =
    "script generate --users 6 --messages 50 --seed 7 --ip 10.0.2.15 --base-port 2881";

/// A run in which next to nothing is put to the test.
const UNTRIED: &str = r#"(
    claim: "Two crashes leave nothing to show.",
    protocol: Script((form: Repaired, script: "paper-50.txt", resend: "50ms")),
    nodes: 6,
    network: (delay: Fixed("10ms")),
    faults: [
        (when: Sends(from: 6, to: 1, kind: "data", nth: 99), do: Lose),
        (at: "5ms", do: Crash(1)),
        (at: "5ms", do: Crash(2)),
    ],
    budget: (down: 1),
    calm_at: "1s",
    until: "3s",
    expect: [
        Always(RightText),
        Eventually(what: AllDelivered, within: "1s"),
        Sometimes(AllUp),
        Sometimes(AllDelivered),
    ],
)
"#;

fn lossy() -> Folder {
    Folder::with_paper().file("x.ron", LOSSY)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn a_summary_is_one_json_object_with_its_fields_in_order() {
    let folder = lossy();
    let ran = folder.rehearsal("run ./x.ron --seed 3 --json --plan ./p.ron");
    assert_eq!(ran.exit, Exit::Violated);
    assert_eq!(ran.out.lines().count(), 1);
    let summary: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        keys(&summary),
        [
            "scenario",
            "seed",
            "outcome",
            "violations",
            "end_ns",
            "events",
            "sent",
            "delivered",
            "duplicates",
            "lost",
            "under_way",
            "costs",
            "digest",
            "outputs",
            "safety_alone",
            "never",
            "untested",
            "unheard",
            "stuck"
        ]
    );
    assert_eq!((&summary["seed"], &summary["outcome"]), (&3.into(), &"violated".into()));
    assert_eq!(keys(&summary["violations"][0]), ["check", "reason", "at_ns", "detail"]);
    let digest = summary["digest"].as_str().expect("a string");
    assert!(digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    assert_eq!(summary["stuck"]["nodes"].as_array().map(Vec::len), Some(6));
    assert_eq!(keys(&summary["outputs"]), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(ran.err, "plan: p.ron\nagain: rehearsal run x.ron --seed 3\n");
}

#[test]
fn a_summary_says_why_only_safety_was_judged_and_what_never_came_to_pass() {
    let folder = Folder::with_paper().file("x.ron", UNTRIED);
    let summary = folder.summary("run ./x.ron", Exit::Held);
    assert_eq!(summary["safety_alone"], "more nodes were down than the budget has");
    let never = ["lose n6->n1 data #99", "Sometimes(AllDelivered)"];
    assert_eq!(summary["never"], Value::from(never.to_vec()));
    let judged = lossy().summary("run ./x.ron --plan ./p.ron", Exit::Violated);
    assert_eq!(
        (&judged["safety_alone"], &judged["never"]),
        (&Value::Null, &Vec::<Value>::new().into())
    );
}

#[test]
fn a_story_ends_with_why_only_safety_was_judged_and_what_never_came_to_pass() {
    let folder = Folder::with_paper().file("x.ron", UNTRIED);
    let story = folder.ends("run ./x.ron", Exit::Held);
    assert!(story.contains("\n      never struck: lose n6->n1 data #99\n"), "{story}");
    assert!(story.contains("\n      never true: Sometimes(AllDelivered)\n"), "{story}");
    let end = "\nok    Always(RightText)\n      Sometimes(AllUp) at 0ms\n      judged on safety alone: more nodes were down \
               than the budget has\n";
    assert!(story.ends_with(end), "{story}");
}

#[test]
fn a_trace_is_json_lines_of_which_the_first_holds_the_plan() {
    let folder = lossy();
    let first = folder.rehearsal("run ./x.ron --trace ./t.jsonl --plan ./p.ron --json");
    let trace = folder.read("t.jsonl");
    let lines: Vec<Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(keys(&lines[0]), ["format", "seed", "plan", "dropped"]);
    let plan = lines[0]["plan"].as_str().expect("a plan's text");
    assert_eq!(plan, folder.read("p.ron"));
    let [.., last] = lines.as_slice() else { panic!("no end: {trace}") };
    let printed: Value = serde_json::from_str(&first.out).expect("JSON");
    for same in ["violations", "digest", "sent", "outputs", "stuck"] {
        assert_eq!(last["verdict"][same], printed[same], "{same}");
    }
    assert_eq!(last["events"], lines.len() - 2);
    folder.write("from-trace.ron", plan);
    assert_eq!(folder.ends("replay ./from-trace.ron --json", Exit::Violated), first.out);
}

#[test]
fn of_a_long_run_the_last_events_are_kept() {
    let folder = lossy();
    let story = folder.ends("run ./x.ron --keep-events 5 --trace ./t.jsonl", Exit::Violated);
    let lines::Lines { head, events, .. } =
        lines::read(folder.read("t.jsonl").as_bytes()).expect("a trace");
    assert_eq!(events.len(), 5);
    let not_kept =
        format!(" ...  ...  {} events before are not kept (--keep-events)", head.dropped);
    assert!(story.contains(&not_kept), "{story}");
    assert!(!story.contains("  n1   start"), "{story}");
}

#[test]
fn a_story_has_the_keys_of_messages_and_timers_in_its_margin_if_asked() {
    let folder = lossy();
    let story = folder.ends("run ./x.ron --whole --keys", Exit::Violated);
    let lost = story.lines().find(|line| line.contains("  lost  ")).expect("one was lost");
    let (_, key) = lost.rsplit_once("  ").expect("a margin");
    folder.ends("run ./x.ron --plan ./p.ron --rest usual", Exit::Violated);
    let listed = format!("\"{key}\": Lose");
    assert!(folder.read("p.ron").contains(&listed), "no {listed}");
    assert!(
        story.lines().any(|line| line.ends_with("#1") && line.contains(" timeout ")),
        "{story}"
    );
}

#[test]
fn a_story_ends_with_the_verdict_and_the_line_that_repeats_it() {
    let folder = lossy();
    let story = folder.ends("run ./x.ron --seed 3 --plan ./p.ron", Exit::Violated);
    assert!(story.starts_with("# The paper taken literally survives a lossy network.\n"));
    let verdict =
        story.split_once("\nFAIL  Eventually(AllDelivered): a user is stuck, at 2000ms\n");
    let (_, after) = verdict.expect("a verdict");
    assert!(after.ends_with("\nplan: p.ron\nagain: rehearsal run x.ron --seed 3\n"), "{after}");
    let again = folder.ends("run ./x.ron --seed 3 --plan ./p.ron", Exit::Violated);
    assert_eq!(again, story);
}

#[test]
fn the_same_seed_prints_the_same_on_another_thread_and_another_seed_does_not() {
    let run = |seed: u64| {
        let folder = lossy();
        folder.ends(&format!("run ./x.ron --seed {seed} --plan ./p.ron"), Exit::Violated)
    };
    let here = run(3);
    let there = std::thread::scope(|scope| scope.spawn(|| run(3)).join());
    assert_eq!(there.expect("no panic"), here);
    assert_ne!(run(4), here);
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let folder = lossy();
    for arguments in [
        "",
        "rnu ./x.ron",
        "run",
        "run ./x.ron --seed -1",
        "run ./x.ron --seed x",
        "run ./x.ron --rest all",
        "run ./x.ron --loud",
        "check",
        "script",
        "script generate --users 1",
        "script generate --users 2 --base-port 65535",
        "script generate --ip 10.0.2",
    ] {
        let ran = folder.rehearsal(arguments);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "`{arguments}`: {}", ran.err);
        assert!(!ran.err.is_empty(), "`{arguments}`");
    }
}

#[test]
fn a_wrong_log_filter_is_a_usage_error_and_nothing_is_run() {
    let folder = lossy();
    let before = folder.files();
    let ran = folder.rehearsal("run ./x.ron --log rehearsal=loud --plan ./p.ron");
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""));
    assert!(ran.err.contains("`--log rehearsal=loud`"), "{}", ran.err);
    assert_eq!(folder.files(), before);
}

#[test]
fn help_and_the_version_are_results() {
    let folder = Folder::new();
    for arguments in ["--help", "run --help", "script generate --help"] {
        assert!(folder.ends(arguments, Exit::Held).contains("Usage: rehearsal"));
    }
    assert!(folder.ends("--help", Exit::Held).contains("Exit codes: 0 held"));
    assert!(folder.ends("--version", Exit::Held).starts_with("rehearsal "));
}

#[test]
fn a_generated_script_is_the_same_each_time_and_right() {
    let folder = Folder::new();
    let script = folder.ends(GENERATE, Exit::Held);
    assert_eq!(folder.ends(GENERATE, Exit::Held), script);
    assert_ne!(folder.ends(&GENERATE.replace("--seed 7", "--seed 8"), Exit::Held), script);
    assert!(script.starts_with("Users\n10.0.2.15,2881,user1\n"), "{script}");
    folder.write("chat.txt", &script);
    let checked = folder.ends("script check ./chat.txt", Exit::Held);
    assert_eq!(checked, "ok    chat.txt: 6 users, 50 messages\n");
}

#[test]
fn a_generated_script_is_delivered() {
    let scenario = LOSSY
        .replace("AsPrinted", "Repaired")
        .replace("3s", "1h")
        .replace("\"1s\")]", "\"30min\")]");
    let folder = Folder::new().file("x.ron", scenario);
    folder.write("paper-50.txt", folder.ends(GENERATE, Exit::Held));
    folder.ends("run ./x.ron", Exit::Held);
}

fn binary(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.args(arguments).current_dir(folder.folder.path()).output().expect("it runs")
}

#[test]
fn the_binary_keeps_a_failures_plan_where_it_is_run() {
    let folder = lossy();
    let ran = binary(&folder, &["run", "x.ron", "--seed", "3"]);
    assert_eq!(ran.status.code(), Some(1));
    let out = String::from_utf8_lossy(&ran.stdout);
    let kept = out.lines().find_map(|line| line.strip_prefix("plan: ")).expect("a plan");
    assert!(kept.starts_with("rehearsal-failures/x-"), "{kept}");
    assert_eq!(binary(&folder, &["replay", kept]).status.code(), Some(1));
    assert_eq!(binary(&folder, &["run", kept]).status.code(), Some(1));
}

#[test]
fn the_binary_logs_on_virtual_time_to_standard_error() {
    let folder = lossy();
    let ran = binary(&folder, &["run", "x.ron", "--json", "--log", "debug"]);
    assert!(serde_json::from_slice::<Value>(&ran.stdout).is_ok());
    let log = String::from_utf8_lossy(&ran.stderr);
    assert!(log.lines().any(|line| line.contains("0ms DEBUG") && line.contains("start")), "{log}");
}
