use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use rehearsal::Exit;
use rehearsal::machine::{NodeId, Time};
use rehearsal::real::Problem;
use rehearsal::shipped::{Election, Script};
use rehearsal::sim::story::{self, View};
use rehearsal::sim::trace::lines::{self, Lines, Subject};
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::tcp::Clock;
use rehearsal::tcp::recording::Recording;

use super::{Kept, election, is_input, joined, messages, node, oracle, replay, script, traced};

fn read(trace: &str) -> (serde_json::Value, Vec<Event>) {
    let Lines { head, events, .. } = lines::read(trace.as_bytes()).expect("a trace");
    let Subject::Recorded { recorded } = head.of else { panic!("it is of recordings") };
    (recorded, events)
}

fn trace(kept: &Kept, files: &[String]) -> String {
    let file = kept.folder.path().join(format!("{}.trace", files.len()));
    let ran = replay(files, &["--trace", &file.display().to_string()]);
    assert_eq!(ran.exit, Exit::Held, "{ran:?}");
    std::fs::read_to_string(file).expect("a trace")
}

/// The trace has all that nodes told their owners.
fn assert_told(kept: &Kept, events: &[Event]) {
    for node in NodeId::all(kept.nodes) {
        assert_eq!(oracle::told(events, node), kept.told[node.index()]);
    }
}

#[test]
fn what_six_users_did_is_one_causal_trace_that_agrees_with_what_they_told() {
    let kept = script();
    let (recorded, events) = read(&trace(kept, &kept.files()));
    assert_eq!(recorded["protocol"], "Script");
    assert_eq!((&recorded["nodes"], &recorded["one_clock"]), (&6.into(), &true.into()));
    assert_eq!(recorded["rosters"].as_array().map(Vec::len), Some(1));
    assert_eq!(recorded["lives"].as_array().map(Vec::len), Some(6));
    let delivered = oracle::is_causal(&events, true);
    assert!(delivered >= 100, "50 messages and their acknowledgements, not {delivered}");
    assert_told(kept, &events);
    assert_eq!(events[0].at, Time::ZERO);
    assert!(matches!(events[0].what, EventKind::Start { incarnation: 1, .. }));
}

#[test]
fn every_field_of_a_joined_traces_first_line_is_in_the_reference() {
    fn names(value: &serde_json::Value, into: &mut BTreeSet<String>) {
        if let Some(fields) = value.as_object() {
            into.extend(fields.keys().cloned());
            fields.values().for_each(|field| names(field, into));
        }
        value.as_array().into_iter().flatten().for_each(|one| names(one, into));
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recording.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let (_, page) = page.split_once("## Join").expect("a part about that");
    let mut fields = BTreeSet::new();
    names(
        &serde_json::to_value(script().recorded::<Script>().summary()).expect("plain"),
        &mut fields,
    );
    assert!(fields.len() > 12, "{fields:?}");
    for field in fields {
        assert!(page.contains(&format!("`{field}`")), "the reference lacks `{field}`");
    }
}

#[test]
fn a_leader_that_was_stopped_and_came_back_is_told_with_both_its_lives() {
    let kept = election();
    let (_, events) = read(&trace(kept, &kept.files()));
    oracle::is_causal(&events, true);
    assert_told(kept, &events);
    let of_third = |event: &&Event| match event.what {
        EventKind::Start { node: who, .. } | EventKind::Crash { node: who } => who == node(3),
        _ => false,
    };
    let lives: Vec<_> = events.iter().filter(of_third).map(|event| event.what.clone()).collect();
    let start = |incarnation| EventKind::Start { node: node(3), incarnation };
    assert_eq!(lives, [start(1), EventKind::Crash { node: node(3) }, start(2)]);
}

#[test]
fn every_event_of_a_recording_is_in_the_trace_once() {
    let kept = election();
    let events = kept.recorded::<Election>().join().expect("they fit").to_vec();
    let (mut effects, mut inputs) = (0, 0);
    for life in kept.recordings().into_iter().flat_map(|(_, recording)| recording.lives) {
        inputs += life.steps.len();
        effects += life.steps.iter().map(|step| step.effects.len()).sum::<usize>();
    }
    let is_added =
        |event: &&Event| matches!(event.what, EventKind::Role { .. } | EventKind::Crash { .. });
    assert_eq!(events.iter().filter(|event| is_input(event)).count(), inputs);
    assert_eq!(events.len() - events.iter().filter(is_added).count(), inputs + effects);
}

#[test]
fn a_deadline_comes_no_earlier_than_it_is_said_to() {
    let events = election().recorded::<Election>().join().expect("they fit").to_vec();
    let mut rung = 0;
    for event in &events {
        let EventKind::Timer { timer: rings } = &event.what else { continue };
        let armed = events.iter().find_map(|earlier| match &earlier.what {
            EventKind::Arm { timer, deadline } if timer == rings => Some(*deadline),
            _ => None,
        });
        assert!(armed.expect("it was armed") <= event.at);
        rung += 1;
    }
    assert!(rung > 0);
}

#[test]
fn the_order_of_files_changes_nothing() {
    let kept = script();
    let mut files = kept.files();
    let one = replay(&files, &["--story"]);
    files.reverse();
    files.swap(1, 3);
    let other = replay(&files, &["--story"]);
    assert_eq!((one.exit, &one.out), (Exit::Held, &other.out));
    assert!(one.out.contains("ms  who  what"), "{}", one.out);
    assert!(one.out.contains("<- n2  data 8"), "{}", one.out);
}

#[test]
fn a_node_that_is_not_recorded_leaves_its_messages_without_a_send() {
    let mut recordings = script().recordings();
    recordings.remove(1);
    let recorded = joined::<Script>(recordings).expect("five are enough");
    assert_eq!(recorded.missing(), [node(2)]);
    let events = recorded.join().expect("they fit");
    let has = |is: fn(&EventKind) -> bool| events.iter().any(|event| is(&event.what));
    assert!(has(
        |what| matches!(what, EventKind::Deliver { message, .. } if message.from == node(2))
    ));
    assert!(!has(
        |what| matches!(what, EventKind::Send { message, .. } if message.from == node(2))
    ));
    let story = story::of_trace(&events, 6, &View::default());
    assert!(story.contains("  never arrived"));
    assert!(!story.contains("held"), "no link of a real node is");
}

/// Each node has read a clock of its own, which was begun at another time.
fn apart(kept: &Kept) -> Vec<(String, Recording)> {
    let mut recordings = kept.recordings();
    for ((_, recording), number) in recordings.iter_mut().zip(1_u64..) {
        for life in &mut recording.lives {
            let clock = format!("\"clock {number}\"");
            life.header.clock = serde_json::from_str::<Clock>(&clock).expect("a text");
            for step in &mut life.steps {
                step.at = Time::from_nanos(step.at.as_nanos() + number * 1_000_000_000);
            }
        }
    }
    recordings
}

#[test]
fn without_a_common_clock_causes_alone_make_the_order() {
    let events = [traced::<Script>(apart(script())), traced::<Election>(apart(election()))];
    for (kept, events) in [script(), election()].into_iter().zip(events) {
        oracle::is_causal(&events, false);
        assert_told(kept, &events);
        for node in NodeId::all(kept.nodes) {
            let start = EventKind::Start { node, incarnation: 1 };
            let first = events.iter().find(|event| event.what == start).expect("it started");
            assert_eq!(first.at, Time::ZERO, "its own start is where its time begins");
        }
    }
}

#[test]
fn a_nodes_time_goes_on_when_its_clock_began_anew_and_a_life_without_a_start_has_none() {
    let mut recordings = apart(election());
    let lives = &mut recordings[2].1.lives;
    let mut empty = lives[0].clone();
    empty.steps.clear();
    empty.header.incarnation = 0;
    lives.insert(0, empty);
    let later = lives.last_mut().expect("it came back");
    later.header.clock = serde_json::from_str::<Clock>("\"after a restart\"").expect("a text");
    let begun = later.steps[0].at.as_nanos();
    for step in &mut later.steps {
        step.at = Time::from_nanos(step.at.as_nanos() - begun + 5);
    }
    let events = traced::<Election>(recordings);
    oracle::is_causal(&events, false);
    let at = |what: EventKind| events.iter().find(|event| event.what == what).expect("it is so").at;
    let (node, incarnation) = (node(3), 2);
    assert_eq!(at(EventKind::Start { node, incarnation: 1 }), Time::ZERO);
    assert_eq!(at(EventKind::Start { node, incarnation }), at(EventKind::Crash { node }));
}

/// Why the recordings of the script do not make one trace.
fn problem(recordings: Vec<(String, Recording)>) -> Problem {
    joined::<Script>(recordings).expect("they fit").join().expect_err("they do not agree")
}

#[test]
fn a_delivery_before_its_send_is_an_error_that_names_both() {
    let mut recordings = script().recordings();
    for life in &mut recordings[0].1.lives {
        for step in &mut life.steps {
            step.at = Time::from_nanos(step.at.as_nanos() + 60_000_000_000);
        }
    }
    let problem = problem(recordings);
    let Problem::Backwards { cause, effect } = &problem else { panic!("{problem}") };
    assert_eq!(cause.node, node(1));
    assert!(effect.node != node(1) && effect.at < cause.at, "{problem}");
}

#[test]
fn a_message_that_its_sender_did_not_send_is_an_error() {
    let mut recordings = script().recordings();
    *messages(&mut recordings[3].1).last().expect("it hears something").0 += 1_000;
    let problem = problem(recordings);
    assert!(matches!(&problem, Problem::Unsent { arrival, .. } if arrival.node == node(4)));
}

#[test]
fn a_message_that_says_something_else_where_it_arrives_is_an_error() {
    let mut recordings = script().recordings();
    let (_, bytes) = messages(&mut recordings[3].1).next().expect("it hears something");
    *bytes = Bytes::from_static(&[1, 1, 7]);
    let problem = problem(recordings);
    assert!(matches!(&problem, Problem::Changed { arrival, .. } if arrival.node == node(4)));
}

#[test]
fn steps_that_wait_for_each_other_are_an_error() {
    let mut recordings = apart(script());
    recordings[4].1.lives[0].steps[1..].reverse();
    let problem = problem(recordings);
    assert!(matches!(problem, Problem::Circle(..)), "{problem}");
}

#[test]
fn recordings_of_two_runs_do_not_fit_together() {
    let other = super::follow(super::SCRIPT);
    let mut recordings = script().recordings();
    // The ports are others, and nobody looks at them: the names are the same.
    recordings[2] = other.recordings().remove(2);
    problem(recordings);
}

#[test]
fn two_clusters_and_two_recordings_of_one_life_are_refused() {
    let (six, three) = (script(), election());
    let mut files = six.files();
    files.extend(three.files());
    let ran = replay(&files, &[]);
    assert_eq!((ran.exit, &*ran.out), (Exit::BadInput, ""));

    let mut recordings = six.recordings();
    let (name, mut twin) = recordings[4].clone();
    recordings.push((format!("{name}.copy"), twin.clone()));
    let problem = joined::<Script>(recordings.clone()).err().expect("twice");
    assert!(matches!(problem, Problem::Twice { node: who, incarnation: 1, .. } if who == node(5)));
    let text = &mut twin.lives[0].header.source.text;
    *text = text.replace("\"bed\"", "\"another\"");
    recordings[5].1 = twin;
    let problem = joined::<Script>(recordings).err().expect("two clusters");
    assert!(matches!(problem, Problem::Clusters { .. }), "{problem}");
}
