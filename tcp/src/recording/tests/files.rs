//! Files that are damaged, in use, or no recording of this node.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;

use super::clerk::Clerk;
use super::{header, node, place, record, recorded, start};
use crate::codec;
use crate::disk::{Flaw, records};
use crate::recording::{Header, Recorder, Recording, RecordingError, RecordingFlaw, replay};

/// Why the file is refused.
#[track_caller]
fn flaw<T: std::fmt::Debug>(refused: Result<T, RecordingError>) -> RecordingFlaw {
    refused.expect_err("it is refused").flaw
}

/// A file that begins with a record of this.
fn beginning_with<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    records::append(&mut bytes, |to| Ok::<_, RecordingFlaw>(codec::append(to, value)?))
        .expect("short");
    bytes
}

/// To read a device, or to open a pipe, would not end.
#[test]
fn only_a_regular_file_is_recorded_into() {
    for place in ["/dev/zero", "/dev/null", "/dev"] {
        let flaw = flaw(Recorder::open(place.as_ref(), &header(1)));
        assert!(matches!(flaw, RecordingFlaw::NotAFile), "{place}: {flaw}");
    }
}

#[test]
fn a_file_that_is_not_a_recording_is_rejected_and_unchanged() {
    let (_folder, path) = place();
    let log = beginning_with(&(0_u8, "something else", 1_u32));
    let others: [&[u8]; 5] = [b"a", b"what I noted down today", &[0; 40], &[7; 4_000], &log];
    for other in others {
        fs::write(&path, other).expect("room");
        for flaw in [flaw(Recorder::open(&path, &header(1))), flaw(Recording::read(&path))] {
            assert!(matches!(flaw, RecordingFlaw::NotARecording), "{flaw}");
        }
        assert_eq!(fs::read(&path).expect("a file"), other);
    }
}

#[test]
fn a_recording_of_another_node_or_protocol_is_rejected_and_unchanged() {
    let (_folder, path) = place();
    record(&path, 1);
    let before = fs::read(&path).expect("a recording");
    let others = [
        Header { node: node(1), ..header(2) },
        Header { protocol: "chat".to_owned(), ..header(2) },
    ];
    for other in others {
        let error = Recorder::open(&path, &other).expect_err("another node's");
        assert!(error.to_string().contains("a recording of n2 running \"clerk\""), "{error}");
    }
    assert_eq!(fs::read(&path).expect("a recording"), before);
}

#[test]
fn a_recording_is_open_in_one_process_at_a_time() {
    let (_folder, path) = place();
    let first = Recorder::open(&path, &header(1)).expect("room");
    assert!(matches!(flaw(Recorder::open(&path, &header(2))), RecordingFlaw::InUse));
    drop(first);
    Recorder::open(&path, &header(2)).expect("it is free");
}

#[test]
fn a_recording_of_a_later_version_is_rejected_with_its_version() {
    let bytes = beginning_with(&(0_u8, "rehearsal recording", 3_u32, "an unknown format"));
    assert!(matches!(Recording::from_bytes(&bytes), Err(RecordingFlaw::Version(3))));
}

#[test]
fn a_full_disk_ends_the_recording() {
    let (_folder, path) = place();
    let mut recorder = Recorder::open(&path, &header(1)).expect("room");
    start(&mut recorder).expect("plain");
    let full = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let file = std::mem::replace(&mut recorder.file, full);
    let RecordingFlaw::File { error, .. } = flaw(recorder.flush()) else { panic!("it is full") };
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    recorder.file = file;
    assert!(matches!(flaw(recorder.flush()), RecordingFlaw::Stopped));
    assert!(matches!(flaw(start(&mut recorder)), RecordingFlaw::Stopped));
}

#[test]
fn a_changed_byte_is_never_accepted() {
    let bytes = recorded(2);
    let whole = Recording::from_bytes(&bytes).expect("a recording");
    for at in 0..bytes.len() {
        for pattern in [1, 0x10, 0x80, 0xff, bytes[at]] {
            let mut changed = bytes.clone();
            changed[at] ^= pattern;
            if changed == bytes {
                continue;
            }
            match Recording::from_bytes(&changed) {
                Err(RecordingFlaw::Damaged(damage)) => assert!(damage.at <= at as u64),
                Err(flaw) => assert!(matches!(flaw, RecordingFlaw::NotARecording), "{flaw}"),
                // Zeros at the very end look like a torn record.
                Ok(recording) => {
                    assert!(at + 4 >= bytes.len() && changed.ends_with(&[0]), "byte {at}");
                    assert_eq!(recording.lives[1].steps, whole.lives[1].steps[..6]);
                }
            }
        }
    }
}

#[test]
fn a_recording_cut_off_anywhere_keeps_its_complete_steps_and_can_be_continued() {
    let bytes = recorded(1);
    let whole = Recording::from_bytes(&bytes).expect("a recording").lives.remove(0);
    let (_folder, path) = place();
    let mut steps = 0;
    // A torn header is identified as a recording's once it has the kind of file.
    for cut in [0].into_iter().chain(29..=bytes.len()) {
        let left = Recording::from_bytes(&bytes[..cut]).expect("what is left of it");
        let kept = left.lives.first().map_or(0, |life| life.steps.len());
        assert!(kept == steps || kept == steps + 1, "cut off at {cut}");
        steps = kept;
        if let Some(life) = left.lives.first() {
            assert_eq!(life.steps, whole.steps[..steps]);
            assert_eq!(replay(life, Clerk::default()), Ok(()));
        }
        fs::write(&path, &bytes[..cut]).expect("room");
        let mut recorder = Recorder::open(&path, &header(2)).expect("a recording");
        assert_eq!(recorder.torn(), left.torn);
        recorder.flush().expect("room");
        drop(recorder);
        let longer = Recording::read(&path).expect("a recording");
        assert_eq!(longer.lives.len(), left.lives.len() + 1);
        assert_eq!(longer.lives[..left.lives.len()], left.lives);
        assert_eq!(longer.torn, None);
    }
    assert_eq!(steps, whole.steps.len());
}

#[test]
fn a_node_that_does_not_start_leaves_no_life_behind() {
    let (_folder, path) = place();
    record(&path, 1);
    let before = fs::read(&path).expect("a recording");
    drop(Recorder::open(&path, &header(2)).expect("room"));
    assert_eq!(fs::read(&path).expect("a recording"), before);
}

#[test]
fn damage_is_located_and_nothing_is_recorded_after_it() {
    let (_folder, path) = place();
    record(&path, 1);
    let mut bytes = fs::read(&path).expect("a recording");
    let at = bytes.len() - 100;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).expect("room");
    let read = Recording::read(&path).expect_err("damage").to_string();
    let opened = Recorder::open(&path, &header(2)).expect_err("damage").to_string();
    assert_eq!(read, opened);
    assert!(read.contains("n2.recording: damaged at byte "), "{read}");
    assert!(read.ends_with("use a copy of the recording, or record into another file"));
    assert_eq!(fs::read(&path).expect("a recording"), bytes);
}

#[test]
fn steps_outside_a_life_are_rejected() {
    let (_folder, path) = place();
    Recorder::open(&path, &header(1)).expect("room").flush().expect("room");
    let bytes = recorded(1);
    let steps = &bytes[fs::read(&path).expect("a recording").len()..];
    assert!(matches!(Recording::from_bytes(steps), Err(RecordingFlaw::NotARecording)));
    // A second start within a life.
    let twice = [&bytes, steps].concat();
    assert!(matches!(
        Recording::from_bytes(&twice),
        Err(RecordingFlaw::Damaged(damage)) if damage.flaw == Flaw::Undecodable && damage.at == bytes.len() as u64
    ));
}
