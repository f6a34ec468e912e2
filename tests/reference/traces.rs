//! What the traces of the project's own scenarios have in them, the pages tell
//! their readers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rehearsal::shipped::{Chat, Deadlock, Election, Ordering, Script};
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::trace::lines::{self, Head};
use rehearsal::sim::{Files, Keep, Options, Protocol, Scenario, run};
use serde_json::{Map, Value};

use super::complete::mentions;
use super::examples::source;
use super::{Page, chats, deadlocks, elections, hearer, orderings, scenarios};

/// Kinds of messages, names of timers, roles, and first words of outputs in the
/// traces of a folder's scenarios.
fn named<P: Protocol>(folder: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for scenario in scenarios_in::<P>(folder) {
        let events = run(&scenario, Options::seed(0).keep(Keep::Trace)).outcome.events;
        names.extend(events.expect("they were kept").iter().filter_map(|event| {
            let first = |text: &str, end: &[char]| text.split(end).next().map(str::to_owned);
            match event.what {
                EventKind::Send { message, .. } => Some(message.kind.into_owned()),
                EventKind::Timer { timer } => first(&timer.timer, &['(']),
                EventKind::Role { lane, .. } => Some(lane.role.to_string()),
                EventKind::Emit { text, .. } => first(&text, &[' ', ':']),
                _ => None,
            }
        }));
    }
    names
}

fn scenarios_in<P: Protocol>(folder: &str) -> Vec<Scenario<P>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(folder);
    let files = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    let is_of_protocol = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        path.extension().is_some_and(|extension| extension == "ron")
            && text.contains(&format!("protocol: {}(", P::NAME))
    };
    let open = |path: PathBuf| Scenario::open(&path).unwrap_or_else(|error| panic!("{error}"));
    files.filter(is_of_protocol).map(open).collect()
}

#[track_caller]
fn assert_told(names: &BTreeSet<String>, least: usize, sections: &[(&Page, &str)]) {
    assert!(names.len() >= least, "{names:?}");
    // That a node is down is told for all protocols alike.
    for name in names.iter().filter(|name| *name != "x") {
        let is_told = |(page, heading): &(&Page, &str)| mentions(page.section(heading), name);
        assert!(sections.iter().any(is_told), "the reference lacks `{name}`");
    }
}

#[test]
fn every_message_timer_role_and_output_of_a_shipped_protocol_is_in_the_reference() {
    let (scripts, elections, deadlocks, chats) = (scenarios(), elections(), deadlocks(), chats());
    let orderings = orderings();
    let script = (&scripts, "## The protocol `Script`");
    let election = (&elections, "## Forms");
    let deadlock = (&deadlocks, "## In a trace");
    let chat = (&chats, "## In a trace");
    let ordering = (&orderings, "## In a trace");
    assert_told(&named::<Script>("script"), 7, &[script]);
    assert_told(&named::<Election>("election"), 25, &[election]);
    assert_told(&named::<Deadlock>("deadlock"), 30, &[deadlock, election]);
    assert_told(&named::<Ordering>("ordering"), 10, &[ordering]);
    assert_told(&named::<Chat>("chat"), 45, &[chat, script, election, deadlock, ordering]);
}

/// Each event of the traces of all scenarios, with the fields that it has in the
/// JSON lines.
fn events() -> BTreeMap<String, BTreeSet<String>> {
    fn of<P: Protocol>(scenario: &Scenario<P>, into: &mut BTreeMap<String, BTreeSet<String>>) {
        let events = run(scenario, Options::seed(0).keep(Keep::Values)).outcome.events;
        let (mut text, head) = (Vec::new(), Head::of_recorded(Value::Null));
        let events = events.expect("they were kept");
        lines::write(&mut text, &head, events.iter(), None).expect("a vector takes all");
        let read = lines::read(&*text).expect("a trace is read again");
        assert_eq!(read.events, events.to_vec());
        for line in String::from_utf8(text).expect("JSON is text").lines() {
            let event: Map<String, Value> = serde_json::from_str(line).expect("an object");
            let Some(Value::String(name)) = event.get("event") else { continue };
            let fields = event.keys().cloned();
            into.entry(name.clone()).or_default().extend(fields);
        }
    }
    fn collect<P: Protocol>(folder: &str, into: &mut BTreeMap<String, BTreeSet<String>>) {
        for scenario in scenarios_in::<P>(folder) {
            of(&scenario, into);
        }
    }
    let mut events = BTreeMap::new();
    collect::<Script>("script", &mut events);
    collect::<Script>("faults", &mut events);
    collect::<Election>("faults", &mut events);
    collect::<Election>("election", &mut events);
    collect::<Deadlock>("deadlock", &mut events);
    collect::<Ordering>("ordering", &mut events);
    collect::<Chat>("chat", &mut events);
    of(&hearer::scenario(), &mut events);
    events
}

#[test]
fn every_event_of_a_trace_is_in_the_reference_with_its_fields_and_no_other() {
    let text = std::fs::read_to_string("docs/trace.md").expect("a page");
    let (_, table) = text.split_once("| event | fields | happened |\n").expect("a table");
    let rows = table.lines().skip(1).map_while(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|');
        let name = cells.next()?.split('`').next()?;
        let fields = cells.next()?.split('`').skip(1).step_by(2);
        Some((name.to_owned(), fields.map(str::to_owned).collect()))
    });
    let mut events = events();
    for fields in events.values_mut() {
        fields.retain(|field| !["number", "cause", "at", "event"].contains(&field.as_str()));
    }
    assert_eq!(events, rows.collect());
}

#[test]
fn every_example_of_deadlocks_holds_and_what_is_expected_sometimes_does_once() {
    let page = deadlocks();
    for (line, example) in &page.examples {
        let scenario =
            Scenario::<Deadlock>::parse("deadlock.md", &source(&page, example), Files::none());
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
        let report = run(&scenario, Options::seed(0));
        assert!(report.held(), "the example at line {line}: {:?}", report.failure);
        assert_eq!(
            report.never_true(&scenario.synopsis()).count(),
            0,
            "the example at line {line}"
        );
    }
}
