use std::fs::{self, OpenOptions};
use std::io::ErrorKind;

use rehearsal_machine::Time;

use super::clerk::Clerk;
use super::{header, node, record};
use crate::codec;
use crate::disk::records;
use crate::recording::{Header, RecordedInput, Recorder, Recording, RecordingFlaw};

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.txt");
    let mut log = Vec::new();
    records::append(&mut log, |to| {
        Ok::<_, RecordingFlaw>(codec::append(to, &(0_u8, "something else", 1_u32))?)
    })
    .expect("short");
    let others: [&[u8]; 5] = [b"a", b"what I noted down today", &[0; 40], &[7; 4_000], &log];
    for other in others {
        fs::write(&path, other).expect("room");
        let error = Recorder::open(&path, &header(1)).expect_err("no recording");
        assert!(matches!(error.flaw, RecordingFlaw::NotARecording), "{error}");
        let error = Recording::read(&path).expect_err("no recording");
        assert!(matches!(error.flaw, RecordingFlaw::NotARecording), "{error}");
        assert_eq!(fs::read(&path).expect("a file"), other);
    }
}

#[test]
fn a_recording_of_another_node_or_protocol_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    record(&path, 1);
    let before = fs::read(&path).expect("a recording");
    let others = [
        Header { node: node(1), ..header(2) },
        Header { protocol: "chat".to_owned(), ..header(2) },
    ];
    for other in others {
        let error = Recorder::open(&path, &other).expect_err("somebody else's");
        assert!(error.to_string().contains("a recording of n2 running \"clerk\""), "{error}");
    }
    assert_eq!(fs::read(&path).expect("a recording"), before);
}

#[test]
fn a_recording_is_one_processs_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    let first = Recorder::open(&path, &header(1)).expect("room");
    let second = Recorder::open(&path, &header(2)).expect_err("it is in use");
    assert!(matches!(second.flaw, RecordingFlaw::InUse));
    drop(first);
    Recorder::open(&path, &header(2)).expect("nobody has it");
}

#[test]
fn a_recording_of_a_later_version_is_refused_by_its_number() {
    let mut bytes = Vec::new();
    records::append(&mut bytes, |to| {
        let strange = (0_u8, "rehearsal recording", 2_u32, "what nobody knows");
        Ok::<_, RecordingFlaw>(codec::append(to, &strange)?)
    })
    .expect("short");
    assert!(matches!(Recording::from_bytes(&bytes), Err(RecordingFlaw::Version(2))));
}

#[test]
fn a_full_disk_ends_the_recording() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    let mut recorder = Recorder::open(&path, &header(1)).expect("room");
    let start = RecordedInput::start([]);
    recorder.step::<Clerk>(Time::ZERO, &start, &[], [].into_iter()).expect("plain");
    let full = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let file = std::mem::replace(&mut recorder.file, full);
    let error = recorder.flush().expect_err("it is full");
    assert!(
        matches!(&error.flaw, RecordingFlaw::File { error, .. } if error.kind() == ErrorKind::StorageFull)
    );
    recorder.file = file;
    assert!(matches!(recorder.flush().expect_err("it was full").flaw, RecordingFlaw::Stopped));
    let step = recorder.step::<Clerk>(Time::ZERO, &start, &[], [].into_iter());
    assert!(matches!(step.expect_err("it was full").flaw, RecordingFlaw::Stopped));
}
