//! Files as they are after a kill, and files that nobody should trust.

use std::fs;
use std::path::Path;

use rehearsal::Exit;
use rehearsal::shipped::Script;
use rehearsal::sim::trace::EventKind;
use rehearsal::tcp::recording::Recording;

use super::{node, oracle, replayed, script, traced};

fn third() -> Vec<u8> {
    fs::read(&script().files()[2]).expect("a recording")
}

#[test]
fn a_recording_that_was_cut_while_it_was_written_replays_to_its_last_whole_step() {
    let bytes = third();
    let all = Recording::from_bytes(&bytes).expect("a recording").lives[0].steps.len();
    let mut torn = 0;
    for cut in (1..bytes.len()).rev().step_by(bytes.len() / 50) {
        let Ok(recording) = Recording::from_bytes(&bytes[..cut]) else { continue };
        let Some(life) = recording.lives.first() else { continue };
        let ran = replayed(&bytes[..cut]);
        assert_eq!(ran.exit, Exit::Held, "{ran:?}");
        let steps = life.steps.len();
        assert!(steps < all);
        let unit = if steps == 1 { "step" } else { "steps" };
        assert!(ran.out.starts_with(&format!("ok    n3, life 1: {steps} {unit} as recorded")));
        if let Some(left_out) = recording.torn {
            torn += 1;
            let note = format!("; {left_out} bytes of a step that was being written are left out");
            assert!(ran.out.ends_with(&format!("{note}\n")), "{}", ran.out);
        }
    }
    assert!(torn > 10);
}

#[test]
fn a_node_that_was_killed_while_it_wrote_ends_with_a_crash() {
    let mut recordings = script().recordings();
    // The beginning of one more step, of which nobody has seen anything.
    let mut bytes = third();
    bytes.extend_from_within(..9);
    recordings[2].1 = Recording::from_bytes(&bytes).expect("torn");
    let events = traced::<Script>(recordings);
    oracle::is_causal(&events, true);
    assert!(events.iter().any(|event| event.what == EventKind::Crash { node: node(3) }));
}

#[test]
fn damage_is_refused_with_its_place_and_a_remedy() {
    let mut bytes = third();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let ran = replayed(&bytes);
    assert_eq!((ran.exit, &*ran.out), (Exit::BadInput, ""));
    assert!(ran.err.starts_with("error: x.recording: "), "{}", ran.err);
    assert!(ran.err.contains("use a copy of the recording"), "{}", ran.err);
    assert!(ran.err.chars().any(|letter| letter.is_ascii_digit()), "{}", ran.err);
}

#[test]
fn a_recording_of_nothing_is_refused() {
    let ran = replayed(&third()[..40]);
    assert_eq!((ran.exit, &*ran.out), (Exit::BadInput, ""));
    assert!(ran.err.contains("nothing is recorded"), "{}", ran.err);
}

#[test]
fn a_protocol_that_nobody_knows_is_refused() {
    let file = script().files().remove(0);
    let cli = rehearsal::cli().protocol::<rehearsal::shipped::Election>();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli.run(["rehearsal", "replay", &file], &mut out, &mut err);
    let err = String::from_utf8(err).expect("text");
    assert_eq!((exit, out), (Exit::BadInput, Vec::new()));
    assert!(err.contains("of the protocol `Script`, which this program does not know"), "{err}");
    assert!(err.contains("but Election: use the one that recorded it"), "{err}");
    assert!(Path::new(&file).exists());
}
