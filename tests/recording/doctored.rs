//! Recordings that somebody has changed.

use std::fs;

use bytes::Bytes;
use rehearsal::Exit;
use rehearsal::machine::Time;
use rehearsal::tcp::recording::{RecordedInput, Recording};
use serde::Serialize;
use tempfile::TempDir;

use super::{Ran, election, messages, replay, script, third};

/// A recording's file.
fn written(recording: &Recording) -> Vec<u8> {
    let mut bytes = Vec::new();
    for life in &recording.lives {
        record(&mut bytes, &(0_u8, "rehearsal recording", 2_u32, &life.header));
        for step in &life.steps {
            record(&mut bytes, &(1_u8, step));
        }
    }
    bytes
}

fn record(to: &mut Vec<u8>, value: &impl Serialize) {
    let payload = postcard::to_stdvec(value).expect("a plain value");
    let length = (payload.len() as u32).to_le_bytes();
    let checksum = |bytes: &[u8]| crc32fast::hash(bytes).to_le_bytes();
    to.extend(length);
    to.extend(checksum(&length));
    to.extend(&payload);
    to.extend(checksum(&payload));
}

fn replayed(recording: &Recording) -> Ran {
    super::replayed(&written(recording))
}

/// Adds to the last byte of what is there.
fn bump(bytes: &mut Bytes) {
    let mut changed = bytes.to_vec();
    let last = changed.last_mut().expect("something");
    *last = last.wrapping_add(1);
    *bytes = changed.into();
}

#[test]
fn a_recording_is_written_here_as_a_node_writes_it() {
    assert_eq!(written(&third()), fs::read(&script().files()[2]).expect("a recording"));
}

#[test]
fn lives_without_a_record_are_named() {
    let mut recording = election().recordings().remove(2).1;
    let lives = &mut recording.lives;
    lives[0].header.incarnation = 2;
    lives[1].header.incarnation = 5;
    let mut empty = lives[1].clone();
    (empty.header.incarnation, empty.steps) = (6, Vec::new());
    lives.push(empty);
    let ran = replayed(&recording);
    assert_eq!(ran.exit, Exit::Held, "{ran:?}");
    let ends: Vec<_> = ran.out.lines().map(|line| line.split_once(": ").expect("a name")).collect();
    let why = "no record: the node ended before it recorded its start, or ran without `--record`";
    assert_eq!([ends[0], ends[2]], [("      n3, life 1", why), ("      n3, lives 3 to 4", why)]);
    assert_eq!([ends[1].0, ends[3].0], ["ok    n3, life 2", "ok    n3, life 5"]);
    let unstarted = "0 steps as recorded; the node ended before it recorded its start";
    assert_eq!(ends[4..], [("ok    n3, life 6", unstarted)]);
}

#[test]
fn one_changed_byte_of_an_effect_is_told_at_its_step_with_what_led_to_it() {
    let mut recording = third();
    let steps = &mut recording.lives[0].steps;
    let is_data = |input: &RecordedInput| matches!(input, RecordedInput::Message { .. });
    let place = steps.iter().rposition(|step| is_data(&step.input) && !step.effects.is_empty());
    let place = place.expect("it answers");
    let since = Time::ZERO + steps[place].at.since(steps[0].at);
    let RecordedInput::Message { from, .. } = steps[place].input else { unreachable!("it is one") };
    let number = steps[place].effects.len();
    bump(&mut steps[place].effects[number - 1].effect);
    let ran = replayed(&recording);
    assert_eq!(ran.exit, Exit::Violated, "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(
        lines[0],
        format!("FAIL  n3, life 1: step {}, {since}ms after its start", place + 1)
    );
    assert!(lines[1].starts_with(&format!("      input     <- {from}  ")), "{}", ran.out);
    assert_eq!(lines[2], format!("      effect {number}"));
    assert!(lines[3].starts_with("      recorded  "), "{}", ran.out);
    assert!(lines[4].starts_with("      now       "), "{}", ran.out);
    assert_ne!(
        lines[3].trim_start_matches("      recorded"),
        lines[4].trim_start_matches("      now")
    );
}

#[test]
fn an_input_that_the_protocol_cannot_read_is_told_as_another_versions() {
    let mut recording = third();
    recording.lives[0].header.build = "0.0.7".to_owned();
    let (_, bytes) = messages(&mut recording).next().expect("it hears something");
    *bytes = Bytes::from_static(&[200]);
    let ran = replayed(&recording);
    assert_eq!(ran.exit, Exit::BadInput, "{ran:?}");
    assert!(ran.err.contains("means nothing to `Script`"), "{}", ran.err);
    assert!(ran.err.contains("recorded by version 0.0.7, and this is"), "{}", ran.err);
}

#[test]
fn a_roster_that_this_version_cannot_read_is_told_as_another_versions() {
    let mut recording = third();
    let text = &mut recording.lives[0].header.source.text;
    *text = text.replace("insecure", "unsafe");
    let ran = replayed(&recording);
    assert_eq!((ran.exit, &*ran.out), (Exit::BadInput, ""));
    assert!(ran.err.contains("its roster is none that version"), "{}", ran.err);
    assert!(ran.err.contains("unknown field"), "{}", ran.err);
}

#[test]
fn a_node_that_its_roster_does_not_have_is_refused() {
    let mut recording = third();
    recording.lives[0].header.nodes = 9;
    let ran = replayed(&recording);
    assert_eq!((ran.exit, &*ran.out), (Exit::BadInput, ""));
    assert!(ran.err.contains("a recording of n3, which is not in its roster"), "{}", ran.err);
}

#[test]
fn nothing_is_joined_of_recordings_that_differ() {
    let mut recording = third();
    let last = recording.lives[0].steps.iter_mut().rfind(|step| !step.effects.is_empty());
    bump(&mut last.expect("it did something").effects[0].effect);
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    fs::write(file("x.recording"), written(&recording)).expect("room");
    let ran = replay(&[file("x.recording")], &["--trace", &file("x.trace"), "--story"]);
    assert_eq!(ran.exit, Exit::Violated, "{ran:?}");
    assert!(!folder.path().join("x.trace").exists());
}
