use std::fs;

use super::clerk::Clerk;
use super::{header, record, recorded};
use crate::disk::Flaw;
use crate::recording::{Recorder, Recording, RecordingFlaw, replay};

#[test]
fn no_changed_byte_of_a_recording_is_ever_believed() {
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
                // Zeros at the very end look as if they had not been written.
                Ok(recording) => {
                    assert!(at + 4 >= bytes.len() && changed.ends_with(&[0]), "byte {at}");
                    assert_eq!(recording.lives[1].steps, whole.lives[1].steps[..6]);
                }
            }
        }
    }
}

#[test]
fn a_recording_cut_off_anywhere_has_the_steps_before_and_can_be_gone_on_with() {
    let bytes = recorded(1);
    let whole = Recording::from_bytes(&bytes).expect("a recording").lives.remove(0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    let mut steps = 0;
    // A torn beginning is known as a recording's once its first word is there.
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
        let recorder = Recorder::open(&path, &header(2)).expect("a recording");
        assert_eq!(recorder.torn(), left.torn);
        drop(recorder);
        let longer = Recording::read(&path).expect("a recording");
        assert_eq!(longer.lives.len(), left.lives.len() + 1);
        assert_eq!(longer.lives[..left.lives.len()], left.lives);
        assert_eq!(longer.torn, None);
    }
    assert_eq!(steps, whole.steps.len());
}

#[test]
fn damage_is_told_with_its_place_and_nothing_is_recorded_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    record(&path, 1);
    let mut bytes = fs::read(&path).expect("a recording");
    let at = bytes.len() - 100;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).expect("room");
    let read = Recording::read(&path).expect_err("damage").to_string();
    let opened = Recorder::open(&path, &header(2)).expect_err("damage").to_string();
    assert_eq!(read, opened);
    assert!(read.contains("n2.recording: damaged at byte "), "{read}");
    assert!(read.ends_with("use a copy of the recording, or record anew into another file"));
    assert_eq!(fs::read(&path).expect("a recording"), bytes);
}

#[test]
fn steps_that_are_not_in_a_life_are_no_recording() {
    let header_ends = {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("n2.recording");
        drop(Recorder::open(&path, &header(1)).expect("room"));
        fs::read(&path).expect("a recording").len()
    };
    let bytes = recorded(1);
    let steps = &bytes[header_ends..];
    assert!(matches!(Recording::from_bytes(steps), Err(RecordingFlaw::NotARecording)));
    // A second start within a life.
    let twice = [&bytes, steps].concat();
    assert!(matches!(
        Recording::from_bytes(&twice),
        Err(RecordingFlaw::Damaged(damage)) if damage.flaw == Flaw::Undecodable && damage.at == bytes.len() as u64
    ));
}
