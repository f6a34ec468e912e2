//! Planted bugs: in the machine that is replayed, and in the one that was recorded.

use rehearsal::Exit;
use rehearsal::machine::mutant;

use super::{follow, replay, script};

#[test]
fn a_planted_bug_is_the_first_difference_from_what_was_recorded() {
    let ran = replay(&script().files(), &["--mutant", "SaveAfterAck"]);
    assert_eq!(ran.exit, Exit::Violated, "{ran:?}");
    assert!(ran.out.contains("      input     <- n"), "{}", ran.out);
    assert!(ran.out.contains("      recorded  Save "), "{}", ran.out);
    assert!(ran.out.contains("      now       Emit"), "{}", ran.out);
}

#[test]
fn what_was_recorded_with_a_planted_bug_replays_with_it_alone() {
    let (kept, is_met) = mutant::with("SaveAfterAck", || follow(super::SCRIPT));
    assert!(is_met);
    let ran = replay(&kept.files(), &["--mutant", "SaveAfterAck"]);
    assert_eq!(ran.exit, Exit::Held, "{ran:?}");
    assert_eq!(replay(&kept.files(), &[]).exit, Exit::Violated);
}

#[test]
fn a_planted_bug_that_no_machine_asks_for_is_refused() {
    let ran = replay(&script().files(), &["--mutant", "SaveAfterAkc"]);
    assert_eq!(ran.exit, Exit::Usage, "{ran:?}");
    assert!(ran.err.contains("no code asked for the planted bug"), "{}", ran.err);
}
