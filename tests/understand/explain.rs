//! What led to an event, held against the definition of happened-before taken literally.

use std::collections::BTreeSet;

use rehearsal::Exit;
use rehearsal::machine::NodeId;
use rehearsal::sim::trace::{Event, EventKind, Origin, Past};
use serde_json::Value;

use crate::command::{ends, object, recorded, refused, scenario};
use crate::stock::stock;

/// Of longer runs only so many events are asked for.
const MOST_EVENTS: usize = 150;

/// What each event has before it (Lamport 1978): what its node met before, the sending of what
/// arrives, what set a fault off, the beginning or the end of the session that it is told of or lost
/// with, and all that is before those. It reads keys, and causes of faults and sessions alone.
fn past_of_each(events: &[Event]) -> Vec<BTreeSet<u64>> {
    let mut pasts: Vec<BTreeSet<u64>> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let is_before = |other: &Event| match (&other.what, &event.what) {
            (
                EventKind::Send { message, arrives, .. }
                | EventKind::Leave { message, arrives, .. },
                EventKind::Deliver { message: arrived, .. }
                | EventKind::Miss { message: arrived, .. }
                | EventKind::Strand { message: arrived, .. },
            ) if message == arrived && !arrives.is_empty() => true,
            (EventKind::Send { message, .. }, EventKind::Leave { message: left, .. })
                if message == left =>
            {
                true
            }
            (one, other) => node(one).is_some() && node(one) == node(other),
        };
        let fault = event.cause.filter(|_| !is_of_machine(&event.what));
        let mut before: BTreeSet<u64> = fault.into_iter().collect();
        let direct = events[..place].iter().filter(|other| is_before(other));
        before.extend(direct.map(|other| other.number));
        if matches!(event.what, EventKind::Strand { .. }) {
            let ends = events[..place].iter().rev().filter(|other| ends_session(&other.what));
            before.extend(ends.map(|other| other.number).next());
        }
        for number in before.clone() {
            before.extend(&pasts[number as usize - 1]);
        }
        pasts.push(before);
    }
    pasts
}

/// The node that meets the event; what comes to a node that is down is met by none.
fn node(what: &EventKind) -> Option<NodeId> {
    match what {
        EventKind::Miss { .. }
        | EventKind::Strand { .. }
        | EventKind::Command { is_heard: false, .. } => None,
        what => what.node(),
    }
}

/// Can it lose messages of a session?
fn ends_session(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Crash { .. } | EventKind::Disconnect { .. } | EventKind::Connect { .. }
    )
}

fn is_of_machine(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Start { .. }
            | EventKind::Command { .. }
            | EventKind::Deliver { .. }
            | EventKind::Miss { .. }
            | EventKind::Strand { .. }
            | EventKind::Timer { .. }
            | EventKind::Send { .. }
            | EventKind::Leave { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. }
            | EventKind::Save { .. }
            | EventKind::Emit { .. }
            | EventKind::Role { .. }
    )
}

#[test]
fn the_past_of_an_event_is_what_happened_before_it() {
    let mut asked = 0;
    let stock = stock();
    let of_sessions = stock.iter().filter(|one| one.file.ends_with("broken-session.ron"));
    for one in stock.iter().step_by(4).chain(of_sessions) {
        let trace = one.run().events.expect("they were kept");
        let events: Vec<_> = trace.iter().take(MOST_EVENTS).collect();
        let pasts = past_of_each(&events);
        for (event, expected) in events.iter().zip(&pasts).step_by(3) {
            let past = Past::of(&trace, event.number, usize::MAX).expect("it is kept");
            let here = format!("{}: event {}", one.file.display(), event.number);
            assert!(past.before.iter().eq(expected), "{here}: {:?} {expected:?}", past.before);
            for chain in &past.chains {
                is_a_way(&events, &pasts, chain.events.as_slice(), event.number, &here);
            }
            let froms = past.chains.iter().filter_map(|chain| chain.events.first());
            let froms: BTreeSet<_> = froms.copied().collect();
            let is_origin = |number: &u64| is_origin(&events[*number as usize - 1]);
            let origins = expected.iter().copied().filter(is_origin);
            let own = is_origin(&event.number).then_some(event.number);
            assert_eq!(froms, origins.chain(own).collect(), "{here}");
            let two = Past::of(&trace, event.number, 2).expect("it is kept");
            assert_eq!(two.chains[..], past.chains[..past.chains.len().min(2)], "{here}");
            assert_eq!(two.chains.len() + two.more, past.chains.len(), "{here}");
            asked += 1;
        }
    }
    assert!(asked > 1_000, "{asked}");
}

/// Nothing of the run brought it about, or it is a fault, even one that an event has set off.
fn is_origin(event: &Event) -> bool {
    let is_fault = !is_of_machine(&event.what)
        && !matches!(
            event.what,
            EventKind::Link { .. } | EventKind::Connect { .. } | EventKind::Disk { .. }
        );
    event.cause.is_none() || is_fault
}

/// Each event of a way happened before the next one, and the last one is the event asked for.
#[track_caller]
fn is_a_way(events: &[Event], pasts: &[BTreeSet<u64>], way: &[u64], target: u64, here: &str) {
    assert_eq!(way.last(), Some(&target), "{here}");
    for pair in way.windows(2) {
        let past = &pasts[pair[1] as usize - 1];
        assert!(past.contains(&pair[0]), "{here}: {way:?} of {}", events.len());
    }
}

#[test]
fn the_shortest_way_to_a_message_comes_from_the_command_that_asked_for_it() {
    let told = ends(
        &["explain", &scenario("election/lost-answer.ron"), "n3->n1:coordinator#1"],
        Exit::Held,
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("explain", told));
    let page = include_str!("../../docs/understanding.md");
    let shown = page.split("```text\n").nth(2).and_then(|rest| rest.split("```").next());
    assert!(told.starts_with(shown.expect("an example")), "docs/understanding.md:\n{told}");
}

#[test]
fn as_json_an_explanation_has_the_event_its_past_and_the_ways_to_it() {
    let scenario = scenario("election/lost-answer.ron");
    let object = object(&["explain", &scenario, "n3->n1:coordinator#1", "--json"], Exit::Held);
    assert_eq!(object["event"]["key"], "n3->n1:coordinator#1");
    assert_eq!(object["before"].as_array().map(Vec::len), Some(30));
    let first = &object["chains"][0];
    assert_eq!((&first["from"], &first["messages"]), (&"command".into(), &1.into()));
    let events = first["events"].as_array().expect("a list");
    assert_eq!(events.first().expect("one")["event"], "command");
    assert_eq!(events.last(), Some(&object["event"]));
    let number = object["event"]["number"].to_string();
    let by_number = ends(&["explain", &scenario, &number, "--json"], Exit::Held);
    assert_eq!(serde_json::from_str::<Value>(&by_number).expect("an object"), object);
}

#[test]
fn ways_from_starts_are_told_where_there_is_no_other_one() {
    let lost_answer = scenario("election/lost-answer.ron");
    let told = ends(&["explain", &lost_answer, "n3->n1:coordinator#1"], Exit::Held);
    assert!(told.contains("from a command, ") && !told.contains("from a start, "), "{told}");
    assert!(told.contains(" more ways (--whole tells all)\n"), "{told}");
    let whole = ends(&["explain", &lost_answer, "n3->n1:coordinator#1", "--whole"], Exit::Held);
    assert!(whole.contains("from a start, ") && !whole.contains("--whole"), "{whole}");
    let first = ends(&["explain", &lost_answer, "2"], Exit::Held);
    assert!(first.contains("\nthe shortest way, from a start, no message:\n"), "{first}");
}

#[test]
fn of_a_run_with_many_ways_an_object_has_the_shortest_and_says_how_many_more_there_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(scenario("election/lost-answer.ron")).expect("a scenario");
    let (head, tail) = text.split_once("commands: [").expect("it has commands");
    let many: String =
        (0..150).map(|nth| format!("(at: \"{}us\", to: 1, command: Suspect), ", nth + 1)).collect();
    let file = crate::command::file(&folder, "x.ron", format!("{head}commands: [{many}{tail}"));
    let of = |more: &[&str]| {
        let run = object(
            &[&["explain", &file, "n3->n1:coordinator#1", "--json"], more].concat(),
            Exit::Held,
        );
        let ways = run["chains"].as_array().expect("a list").len() as u64;
        (ways, run["omitted"].as_u64().expect("a number"))
    };
    let (some, omitted) = of(&[]);
    let (all, none) = of(&["--whole"]);
    assert_eq!((some, none, some + omitted), (100, 0, all));
}

#[test]
fn recorded_nodes_have_no_verdict_and_so_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = recorded(&folder, "t.jsonl", 0);
    let refusal = refused(&["explain", &recorded, "failure"], Exit::Usage);
    assert!(refusal.contains(" has no verdict: name an event"), "{refusal}");
    ends(&["explain", &recorded, "1"], Exit::Held);
}

#[test]
fn an_event_that_is_not_there_is_refused_with_what_there_is() {
    let scenario = scenario("election/lost-answer.ron");
    for (event, expected) in [
        ("0", "are 1 to 95"),
        ("96", "are 1 to 95"),
        ("n1->n2:nonsense#1", "nothing in "),
        ("failure", " held: name an event"),
        ("n1", "names no moment of a run"),
    ] {
        let refusal = refused(&["explain", &scenario, event], Exit::Usage);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn the_failure_is_the_last_event_of_a_run_that_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(scenario("election/lost-answer.ron")).expect("a scenario");
    let (text, _) = text.split_once("expect: [").expect("it expects something");
    let failing = format!("{text}expect: [Always(Not(TwoLeaders))])");
    let file = crate::command::file(&folder, "x.ron", failing);
    let object = object(&["explain", &file, "failure", "--json"], Exit::Held);
    assert_eq!(object["event"]["number"], object["events"]);
    let origins: Vec<_> = object["chains"].as_array().expect("a list").iter().collect();
    assert_eq!(origins[0]["from"], serde_json::json!(Origin::Command));
}

/// The scenario in which an answer is lost, with this expectation alone.
fn expecting(folder: &tempfile::TempDir, expectation: &str) -> String {
    let text = std::fs::read_to_string(scenario("election/lost-answer.ron")).expect("a scenario");
    let (text, _) = text.split_once("expect: [").expect("it expects something");
    crate::command::file(folder, "x.ron", format!("{text}expect: [{expectation}])"))
}

#[test]
fn of_a_missed_deadline_it_is_said_what_is_missing_and_the_last_event_that_concerns_it_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = expecting(&folder, r#"Eventually(what: TwoLeaders, within: "10ms")"#);
    let trace = folder.path().join("t.jsonl").display().to_string();
    ends(&["run", &file, "--trace", &trace], Exit::Violated);
    for input in [&file, &trace] {
        let told = ends(&["explain", input, "failure"], Exit::Held);
        let head = "FAIL  Eventually(TwoLeaders): two nodes do not lead, at 150ms\n      \
                    n3 leads, and nobody else\n\
                    no event broke it, something did not happen; the last event of n3:\n";
        let event = told.strip_prefix(head).unwrap_or_else(|| panic!("{told}"));
        assert!(event.lines().next().is_some_and(|line| line.contains("  n3  ")), "{told}");
        let object = object(&["explain", input, "failure", "--json"], Exit::Held);
        assert_eq!(object["event"]["node"], 3);
        assert_eq!(object["missed"]["nodes"], serde_json::json!([3]));
        assert_eq!(object["missed"]["at_ns"], 150_000_000);
    }
}

#[test]
fn of_a_run_without_events_nothing_can_be_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("t.jsonl").display().to_string();
    ends(&["run", &scenario("election/lost-answer.ron"), "--trace", &trace], Exit::Held);
    let text = std::fs::read_to_string(trace).expect("it was written");
    let (first, last) = (text.lines().next(), text.lines().last());
    let last = last.expect("an end").replace(r#"{"events":95"#, r#"{"events":0"#);
    let empty = format!("{}\n{last}\n", first.expect("a head"));
    let file = crate::command::file(&folder, "empty.jsonl", empty);
    let refusal = refused(&["explain", &file, "1"], Exit::Usage);
    assert!(refusal.contains("empty.jsonl has no events"), "{refusal}");
}
