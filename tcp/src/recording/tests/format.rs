use std::fs;

use bytes::Bytes;
use rehearsal_machine::{Effect, Time};

use super::clerk::{Cell, Clerk, Heard, Say};
use super::{header, node, place, start};
use crate::Lost;
use crate::recording::{
    Drawn, Outcome, RecordedEffect, RecordedInput, Recorder, Recording, RecordingFlaw, Step,
};

fn message() -> RecordedInput {
    let bytes = Bytes::from_static(&[0, 5]);
    RecordedInput::Message { from: node(1), incarnation: 2, count: 9, bytes }
}

const SENT: Outcome = Outcome::Sent { count: 7, lost: Some(Lost::TooLarge) };
const DRAWN: Drawn = Drawn { low: 1, high: 6, value: 4 };

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Length and its checksum; kind of record, kind of file, version, header; checksum.
const HEADER: &str = "50000000bed049ea\
    001372656865617273616c207265636f7264696e6702\
    05636c65726b0a726f737465722e726f6e0e28636c75737465723a2022632229\
    010a7363726970742e7478740131020305026231\
    05302e312e30\
    2b7d2c5f";

/// The same of version 1.
const HEADER_1: &str = "50000000bed049ea\
    001372656865617273616c207265636f7264696e6701\
    05636c65726b0a726f737465722e726f6e0e28636c75737465723a2022632229\
    010a7363726970742e7478740131020305026231\
    05302e312e30\
    3873f8e4";

/// Length and its checksum; kind of record, time, message, draw, effects; checksum.
const STEP: &str = "23000000ccdfc393\
    01e80702010209020005\
    0101060403\
    05000300ac0201070102\
    0303000000\
    0304000100\
    f8701094";

fn recorded(bytes: &[u8], outcome: Outcome) -> RecordedEffect {
    RecordedEffect { effect: Bytes::copy_from_slice(bytes), outcome }
}

/// Records a step with a message, a draw and three effects.
fn record_step(recorder: &mut Recorder) {
    let effects: [(Effect<Clerk>, _); 3] = [
        (Effect::Send { to: node(3), message: Say::Ping(300) }, SENT),
        (Effect::Save { cell: Cell::Count, value: None }, Outcome::Plain),
        (Effect::Emit(Heard::Count(1)), Outcome::Plain),
    ];
    let effects = effects.iter().map(|(effect, outcome)| (effect, *outcome));
    recorder.step(Time::from_nanos(1_000), &message(), &[DRAWN], effects).expect("plain");
    recorder.flush().expect("room");
}

/// Later versions must read the recordings of today.
#[test]
fn the_format_is_frozen() {
    let (_folder, path) = place();
    let mut recorder = Recorder::open(&path, &header(5)).expect("room");
    recorder.flush().expect("room");
    let end = fs::read(&path).expect("a recording").len();
    record_step(&mut recorder);
    let bytes = fs::read(&path).expect("a recording");
    assert_eq!(hex(&bytes[..end]), HEADER);
    assert_eq!(hex(&bytes[end..]), STEP);
}

#[test]
fn a_recording_of_version_1_is_read_and_continued() {
    let (_folder, path) = place();
    let mut recorder = Recorder::open(&path, &header(5)).expect("room");
    start(&mut recorder).expect("plain");
    record_step(&mut recorder);
    drop(recorder);
    let now = Recording::read(&path).expect("a recording").lives;
    let written = hex(&fs::read(&path).expect("a recording"));
    let earlier = written.replacen(HEADER, HEADER_1, 1);
    assert_ne!(earlier, written);
    let digit = |place: usize| u8::from_str_radix(&earlier[place..place + 2], 16).expect("hex");
    let bytes: Vec<_> = (0..earlier.len()).step_by(2).map(digit).collect();
    fs::write(&path, bytes).expect("room");
    assert_eq!(Recording::read(&path).expect("a recording").lives, now);
    Recorder::open(&path, &header(6)).expect("it is continued").flush().expect("room");
    assert_eq!(Recording::read(&path).expect("a recording").lives.len(), 2);
}

#[test]
fn a_step_is_read_as_it_was_written() {
    let (_folder, path) = place();
    let mut recorder = Recorder::open(&path, &header(5)).expect("room");
    start(&mut recorder).expect("plain");
    record_step(&mut recorder);
    let step = Step {
        at: Time::from_nanos(1_000),
        input: message(),
        draws: vec![DRAWN],
        effects: vec![
            recorded(&[0, 3, 0, 0xac, 2], SENT),
            recorded(&[3, 0, 0], Outcome::Plain),
            recorded(&[4, 0, 1], Outcome::Plain),
        ],
    };
    assert_eq!(Recording::read(&path).expect("a recording").lives[0].steps[1], step);
    let file = fs::read(&path).expect("a recording");
    assert!(file[..file.len() - 4].ends_with(&super::bytes(&step)));
}

#[test]
fn the_receiver_and_the_message_of_a_send_can_be_decoded() {
    let done = |bytes: &[u8]| recorded(bytes, Outcome::Plain);
    let send = done(&[0, 3, 0, 0xac, 2]);
    assert_eq!(send.sent_message(), Some((node(3), &[0, 0xac, 2][..])));
    for other in [&[2, 0][..], &[3, 0, 0], &[4, 0, 1], &[0], &[]] {
        assert_eq!(done(other).sent_message(), None, "{other:?}");
    }
}

#[test]
fn the_cell_and_the_value_of_a_save_can_be_decoded() {
    let done = |bytes: &[u8]| recorded(bytes, Outcome::Plain);
    let set = done(&[3, 1, 0xac, 2, 1, 7, 8]);
    assert_eq!(set.save::<Clerk>(), Some((&[1, 0xac, 2][..], Some(&[7, 8][..]))));
    assert_eq!(done(&[3, 0, 0]).save::<Clerk>(), Some((&[0][..], None)));
    for other in [&[2, 0][..], &[0, 3, 0, 5], &[3, 9, 0], &[3, 0, 0, 0], &[3, 0, 2], &[3, 0], &[]] {
        assert_eq!(done(other).save::<Clerk>(), None, "{other:?}");
    }
}

#[test]
fn a_recording_is_identified_by_its_first_bytes() {
    let (_folder, path) = place();
    Recorder::open(&path, &header(5)).expect("room").flush().expect("room");
    let bytes = fs::read(&path).expect("a recording");
    assert!(Recording::is_recording(&bytes) && Recording::is_recording(&bytes[..40]));
    for other in [&b"( // a plan, which is rather long\n)"[..], &bytes[..8], &[]] {
        assert!(!Recording::is_recording(other));
    }
}

#[test]
fn steps_are_written_when_flushed() {
    let (_folder, path) = place();
    let mut recorder = Recorder::open(&path, &header(1)).expect("room");
    let length = || fs::metadata(&path).expect("a recording").len();
    let before = length();
    start(&mut recorder).expect("plain");
    assert_eq!(length(), before);
    recorder.flush().expect("room");
    let after = length();
    assert!(after > before);
    recorder.flush().expect("nothing to do");
    assert_eq!(length(), after);
}

#[test]
fn an_unserializable_value_leaves_no_partial_step_and_ends_the_recording() {
    let (_folder, path) = place();
    let mut recorder = Recorder::open(&path, &header(1)).expect("room");
    let (good, bad) = (Effect::Emit(Heard::Count(1)), Effect::Emit(Heard::Unserializable));
    let start = RecordedInput::start([]);
    let mut step = |effect: &Effect<Clerk>| {
        let step = recorder.step(Time::ZERO, &start, &[], [(effect, Outcome::Plain)].into_iter());
        step.and_then(|()| recorder.flush()).map_err(|error| error.flaw)
    };
    step(&good).expect("a plain value");
    assert!(matches!(step(&bad), Err(RecordingFlaw::Unserializable(_))));
    assert!(matches!(step(&good), Err(RecordingFlaw::Stopped)));
    let recording = Recording::read(&path).expect("a recording");
    assert_eq!((recording.lives[0].steps.len(), recording.torn), (1, None));
}
