//! What a scenario cannot ask of a group, with the place and the remedy.

use crate::read;

#[track_caller]
fn is_refused(settings: &str, what: &str, remedy: &str) {
    let diagnostic = read(settings).expect_err("it is refused").to_string();
    assert!(diagnostic.contains(what) && diagnostic.contains(remedy), "{diagnostic}");
}

#[test]
fn spans_and_sizes_that_send_nothing_are_refused() {
    is_refused("discipline: Fifo, resend: \"0ms\"", "without a pause", "longer than nothing");
    is_refused(
        "discipline: Fifo, resend: \"9ms\", resend_most: \"8ms\"",
        "shorter",
        "at least 9ms",
    );
    is_refused("discipline: Fifo, resend: \"9ms\", window: 0", "nothing could", "at least 1");
    is_refused("discipline: Fifo, resend: \"9ms\", backlog: 0", "nothing could", "at least 1");
    is_refused("discipline: Fifo, resend: \"9ms\", window: 9, buffer: 8", "no room", "at least 9");
}

#[test]
fn a_server_or_a_leader_that_cannot_be_is_refused() {
    is_refused("discipline: Relay(server: 4), resend: \"9ms\"", "no node 4", "from 1 to 3");
    let textbook = "election: (form: Textbook(answer_wait: \"30ms\", coordinator_wait: \"60ms\"))";
    is_refused(
        &format!("discipline: Fifo, resend: \"9ms\", {textbook}"),
        "fifo needs no leader",
        "leave it out",
    );
    is_refused(
        &format!("discipline: MajoritySequencer, resend: \"9ms\", {textbook}"),
        "with an epoch",
        "take the form `Hardened`",
    );
}
