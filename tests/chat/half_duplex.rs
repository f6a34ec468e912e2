//! Slots against arithmetic: two users whose slots agree in phase.

use super::support::{read, rehearse, told};

/// Is user 2 told what user 1 says at once, when slots and ways are so long?
fn is_heard(slot: u64, delay: u64) -> bool {
    let period = 2 * slot;
    let text = format!(
        "(claim: \"a test\", nodes: 2, calm_at: \"0ms\", until: \"1s\",
        protocol: Chat((resend: \"{period}ms\", slot: \"{slot}ms\", election: (
            form: Paper(answer_wait: \"1s\", coordinator_wait: \"9s\"), initial_leader: 2))),
        network: (delay: Fixed(\"{delay}ms\")),
        commands: [(at: \"0ms\", to: 1, command: Say(to: 2, text: \"hello\"))], expect: [])"
    );
    told(&rehearse(&read(&text), 1), 2).iter().any(|line| line == "hears n1: \"hello\"")
}

#[test]
fn all_tries_are_missed_if_they_arrive_in_a_slot_in_which_the_other_one_sends() {
    for slot in 1..=12 {
        for delay in 1..=40 {
            let is_missed = delay % (2 * slot) < slot;
            assert_eq!(is_heard(slot, delay), !is_missed, "slots of {slot} ms, {delay} ms away");
        }
    }
}
