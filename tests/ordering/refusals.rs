//! What a scenario cannot ask of a group, with the place and the remedy.

use rehearsal::shipped::Ordering;
use rehearsal::sim::{Files, Scenario};

use crate::read;

#[track_caller]
fn is_refused(settings: &str, what: &str, remedy: &str) {
    let diagnostic = read(settings).expect_err("it is refused").to_string();
    assert!(diagnostic.contains(what) && diagnostic.contains(remedy), "{diagnostic}");
}

#[test]
fn spans_and_sizes_that_send_nothing_are_refused() {
    is_refused("discipline: Fifo, resend: \"0ms\"", "without a pause", "longer than nothing");
    is_refused("discipline: Fifo, resend: \"1ns\"", "no acknowledgement comes", "at least 20ms");
    is_refused(
        "discipline: Fifo, resend: \"29ms\", resend_most: \"28ms\"",
        "shorter",
        "at least 29ms",
    );
    is_refused("discipline: Fifo, resend: \"29ms\", window: 0", "nothing could", "at least 1");
    is_refused("discipline: Fifo, resend: \"29ms\", backlog: 0", "nothing could", "at least 1");
    is_refused("discipline: Fifo, resend: \"29ms\", window: 9, buffer: 8", "no room", "at least 9");
}

#[test]
fn a_window_whose_acknowledgements_fit_into_no_packet_is_refused() {
    let settings = "discipline: Fifo, resend: \"30ms\", window: 20000, buffer: 20000";
    is_refused(settings, "with a window of 20000", "take a smaller window");
}

#[test]
fn a_server_or_a_leader_that_cannot_be_is_refused() {
    is_refused("discipline: Relay(server: 4), resend: \"29ms\"", "no node 4", "from 1 to 3");
    let textbook = "election: (form: Textbook(answer_wait: \"30ms\", coordinator_wait: \"60ms\"))";
    is_refused(
        &format!("discipline: Fifo, resend: \"29ms\", {textbook}"),
        "fifo needs no leader",
        "leave it out",
    );
    is_refused(
        &format!("discipline: MajoritySequencer, resend: \"29ms\", {textbook}"),
        "with an epoch",
        "take the form `Hardened`",
    );
}

#[test]
fn a_group_whose_stamps_no_packet_can_carry_is_refused() {
    let read = |nodes, discipline| {
        let text = format!(
            "(claim: \"a test\", network: (delay: Fixed(\"10ms\")), nodes: {nodes}, until: \"1s\",
            protocol: Ordering((discipline: {discipline}, resend: \"29ms\")), expect: [])"
        );
        Scenario::<Ordering>::parse("test.ron", &text, Files::none())
    };
    for discipline in ["RaynalSchiperToueg", "SchiperEggliSandoz"] {
        assert!(read(100, discipline).is_ok(), "{discipline}");
        let refusal = read(110, discipline).expect_err("it is refused").to_string();
        assert!(refusal.contains("among 110 nodes a packet takes up to"), "{refusal}");
        assert!(refusal.contains("take fewer nodes, another discipline"), "{refusal}");
    }
    assert!(read(1_000, "CausalBroadcast").is_ok());
}
