//! Each planted bug shows in random runs of its discipline.

use rehearsal_machine::mutant;
use rehearsal_protocol::ordering::Discipline;

use crate::multicast;
use crate::random::{run, run_with_leaders};
use crate::world::World;

const SEEDS: std::ops::Range<u64> = 0..20_000;

/// A run fails with the bug that does not fail without it.
#[track_caller]
fn assert_caught(bug: &str, is_wrong: impl Fn(u64) -> bool) {
    let seed = SEEDS.into_iter().find(|seed| mutant::with(bug, || is_wrong(*seed)).0);
    let seed = seed.unwrap_or_else(|| panic!("no run shows {bug}"));
    assert!(!is_wrong(seed), "seed {seed} fails without {bug}");
}

fn is_causal_and_complete(world: &World) -> bool {
    world.history.is_sound() && world.history.is_causal() && world.held() == 0
}

#[test]
fn bugs_of_causal_orders_are_caught() {
    for (bug, discipline) in [
        ("OnlyOfSender", Discipline::CausalBroadcast),
        ("AnyLaterBroadcast", Discipline::CausalBroadcast),
        ("CountsDelivery", Discipline::RaynalSchiperToueg),
        ("MatrixUnmerged", Discipline::RaynalSchiperToueg),
        ("OtherReceiversForgotten", Discipline::RaynalSchiperToueg),
        ("WaitsForItself", Discipline::SchiperEggliSandoz),
        ("PairsUnmerged", Discipline::SchiperEggliSandoz),
        ("KeepsToItself", Discipline::PcBroadcast),
    ] {
        let is_wrong = |seed| !is_causal_and_complete(&run(discipline, seed));
        assert_caught(bug, is_wrong);
    }
}

#[test]
fn bugs_of_skeens_protocol_are_caught() {
    for bug in ["FirstProposalWins", "ClockUnraised", "PendingOvertaken"] {
        let is_wrong = |seed| {
            let world = run(Discipline::Skeen, seed);
            !world.history.is_total() || world.held() > 0
        };
        assert_caught(bug, is_wrong);
    }
}

#[test]
fn a_bug_of_lamports_protocol_is_caught() {
    let is_wrong = |seed| !run(Discipline::LamportClocks, seed).history.is_total();
    assert_caught("FirstIsNext", is_wrong);
}

#[test]
fn bugs_of_the_sequencer_are_caught() {
    for bug in [
        "OldLeaderHeeded",
        "StaleAccepted",
        "ComesUpTwice",
        "HalfChooses",
        "NumberReused",
        "OwnBeforeMajority",
        "PartIsPromise",
    ] {
        let is_wrong = |seed| {
            let (world, up) = run_with_leaders(Discipline::MajoritySequencer, seed);
            !world.history.is_sound()
                || !world.history.agrees()
                || !world.history.is_complete_among(&up)
        };
        assert_caught(bug, is_wrong);
    }
}

#[test]
fn bugs_of_the_link_and_the_journal_are_caught() {
    for (bug, discipline) in [
        ("WindowReused", Discipline::Fifo),
        ("ResendsOnce", Discipline::Fifo),
        ("AcksBeforeDelivery", Discipline::Fifo),
        ("OldAck", Discipline::Fifo),
        ("TakesTwice", Discipline::Unordered),
        ("OnlyOfSender", Discipline::CausalBroadcast),
        ("NumberReused", Discipline::MajoritySequencer),
        ("OwnBeforeMajority", Discipline::MajoritySequencer),
    ] {
        let is_wrong = |seed| multicast::flaw(discipline, &multicast::run(discipline, seed, 600));
        assert_caught(bug, |seed| is_wrong(seed).is_some());
    }
}
