//! Every scenario tells the story that its snapshot holds.
//!
//! After a change that is meant to change stories: `INSTA_UPDATE=always cargo
//! test --test scenarios`, then read the diff, and commit it only if you
//! understand every line of it.

use std::path::{Path, PathBuf};

use rehearsal::shipped::{Chat, Deadlock, Election, Ordering, Script};
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::{Action, Target, Trigger};
use rehearsal::sim::plan::{Decisions, Plan, Rest};
use rehearsal::sim::scenario::{FileKind, heading};
use rehearsal::sim::story::{self, View};
use rehearsal::sim::{Case, Files, Keep, Look as _, Options, Protocol, Scenario, Vocabulary};

/// Stories of more lines are kept without their trace; the digest vouches for it.
const MOST_LINES: usize = 400;

/// The story of a run that fails has no more lines.
const MOST_OF_FAILURE: usize = 60;

#[test]
fn every_scenario_tells_the_story_of_its_snapshot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in scenarios() {
        let name = file.strip_prefix(root).expect("it lies in the project").with_extension("");
        let place = name.strip_prefix("scenarios").expect("it is a scenario");
        let mut settings = insta::Settings::clone_current();
        let folder = place.parent().unwrap_or(Path::new(""));
        settings.set_snapshot_path(root.join("snapshots").join(folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            let stem = place.file_stem().expect("it has a name").to_string_lossy();
            insta::assert_snapshot!(stem.as_ref(), told(&file));
        });
    }
}

/// A fault that never strikes must change no event, wherever it stands.
#[test]
fn a_fault_that_never_strikes_changes_no_scenario() {
    let never = Action::crash(Target::Any).when(Trigger::emits("nobody says so"));
    for file in scenarios().into_iter().filter(|file| !is_plan(file)) {
        let case = case(&file);
        let before = case.run(Options::seed(0)).digest;
        let faults = &case.synopsis().faults;
        for place in 0..=faults.len() {
            let mut more = faults.clone();
            more.insert(place, never.clone());
            let after = case.with_faults(more).expect("right faults").run(Options::seed(0)).digest;
            assert_eq!(after, before, "{} with it at {place}", file.display());
        }
    }
}

/// A scenario with a kind of messages, a role or a timer that is not listed is refused: so all
/// that occur must be.
#[test]
fn the_shipped_protocols_list_the_names_that_occur_in_their_runs() {
    for file in scenarios().into_iter().filter(|file| !is_plan(file)) {
        let case = case(&file);
        let trace = case.run(Options::seed(0).keep(Keep::Trace)).events.expect("it was kept");
        let missing = vocabulary(case.synopsis().protocol).missing(&trace.to_vec());
        assert!(missing.is_empty(), "{}: {missing:?}", file.display());
    }
}

fn vocabulary(protocol: &str) -> Vocabulary {
    match protocol {
        Chat::NAME => <Chat as Protocol>::Look::vocabulary(),
        Deadlock::NAME => <Deadlock as Protocol>::Look::vocabulary(),
        Election::NAME => <Election as Protocol>::Look::vocabulary(),
        Ordering::NAME => <Ordering as Protocol>::Look::vocabulary(),
        Script::NAME => <Script as Protocol>::Look::vocabulary(),
        other => panic!("{other} is not known here"),
    }
}

#[test]
fn the_usual_plan_of_every_scenario_replays_to_the_same_bytes() {
    for file in scenarios().into_iter().filter(|file| !is_plan(file)) {
        let case = case(&file);
        let noting = Decisions::default().taking_notes();
        let noted = case.run(Options::seed(0).decisions(noting));
        let plan = Plan {
            case,
            seed: Seed(0),
            rest: Rest::Usual,
            decisions: noted.decisions.expect("they were noted"),
            mutant: None,
            fails: None,
        };
        let text = plan.text().expect("its text was read");
        let read = parse(&file, &text);
        assert_eq!(read.case.run(Options::plan(&read)).digest, noted.digest, "{}", file.display());
    }
}

#[test]
fn a_failing_run_of_more_nodes_than_there_are_columns_is_told_within_the_width() {
    let text = r#"(
        claim: "Nobody leads.",
        protocol: Election((
            form: Textbook(answer_wait: "20ms", coordinator_wait: "40ms"),
            unsafe_timing: true,
        )),
        nodes: 40,
        network: (delay: Fixed("10ms")),
        commands: [(at: "5ms", to: 1, command: Suspect)],
        calm_at: "400ms",
        until: "900ms",
        expect: [Always(Not(SomebodyLeads))],
    )"#;
    let scenario = Scenario::<Election>::parse("x.ron", text, Files::none());
    let case = Case::new(scenario.expect("a right scenario"));
    let outcome = case.run(Options::seed(0).keep(Keep::Trace));
    assert!(!outcome.held());
    let story = story::of_outcome(case.synopsis(), Seed(0), &outcome, &View::default()).text;
    assert_eq!(story.lines().find(|line| line.chars().count() > 80), None);
    assert!(story.contains(" more\n"), "not all roles find room:\n{story}");
}

fn told(file: &Path) -> String {
    let (case, options) = if is_plan(file) {
        let text = std::fs::read_to_string(file).expect("it can be read");
        let plan = parse(file, &text);
        (plan.case.clone(), Options::plan(&plan))
    } else {
        (case(file), Options::seed(0))
    };
    let seed = options.seed;
    let mut outcome = case.run(options.keep(Keep::Trace));
    let digest = outcome.digest.expect("it was kept");
    let story = story::of_outcome(case.synopsis(), seed, &outcome, &View::default());
    let lines = story.text.lines().count();
    assert!(outcome.held() || lines <= MOST_OF_FAILURE, "{lines} lines of {}", file.display());
    if story.is_excerpt {
        return format!("{}digest {digest}\n", story.text);
    }
    if lines <= MOST_LINES {
        return story.text;
    }
    outcome.events = None;
    format!("{}digest {digest}\n", case.story(seed, &outcome))
}

/// Runs that have failed once are kept as plans.
fn is_plan(file: &Path) -> bool {
    let source = std::fs::read_to_string(file).expect("it can be read");
    let heading = heading(&file.to_string_lossy(), &source).expect("a right file");
    heading.kind == FileKind::Plan
}

/// What failed once must hold, and each of its decisions must come up: otherwise it tests nothing.
#[test]
fn every_regression_holds_and_still_applies() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/regressions");
    let plans = files(&folder, "ron");
    assert!(!plans.is_empty());
    for file in plans {
        let text = std::fs::read_to_string(&file).expect("it can be read");
        let plan = parse(&file, &text);
        let outcome = plan.case.run(Options::plan(&plan));
        assert!(outcome.held(), "{}: {:?}", file.display(), outcome.failure);
        assert_eq!(outcome.unmet, [], "{}", file.display());
    }
}

fn case(file: &Path) -> Case {
    fn open<P: Protocol>(file: &Path) -> Case {
        Scenario::<P>::open(file).expect("a right scenario").into()
    }
    match protocol(file).as_str() {
        Script::NAME => open::<Script>(file),
        Election::NAME => open::<Election>(file),
        Chat::NAME => open::<Chat>(file),
        Deadlock::NAME => open::<Deadlock>(file),
        Ordering::NAME => open::<Ordering>(file),
        other => panic!("no protocol {other} is known here"),
    }
}

/// The plan about the scenario in this file.
fn parse(file: &Path, text: &str) -> Plan {
    let plan = match protocol(file).as_str() {
        Script::NAME => Plan::parse::<Script>("plan.ron", text),
        Election::NAME => Plan::parse::<Election>("plan.ron", text),
        Chat::NAME => Plan::parse::<Chat>("plan.ron", text),
        Deadlock::NAME => Plan::parse::<Deadlock>("plan.ron", text),
        Ordering::NAME => Plan::parse::<Ordering>("plan.ron", text),
        other => panic!("no protocol {other} is known here"),
    };
    plan.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn protocol(file: &Path) -> String {
    let source = std::fs::read_to_string(file).expect("it can be read");
    heading(&file.to_string_lossy(), &source).expect("a right scenario").protocol
}

fn scenarios() -> Vec<PathBuf> {
    let all = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), "ron");
    assert!(!all.is_empty());
    all
}

/// All files below a folder with this extension, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path, extension)
        } else if path.extension().is_some_and(|found| found == extension) {
            vec![path]
        } else {
            Vec::new()
        }
    };
    paths.into_iter().flat_map(below).collect()
}
