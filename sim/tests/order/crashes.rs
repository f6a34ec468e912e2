use rehearsal_sim::order::{Guarantee, Oracle};

use crate::event::node;

/// A message 7 from node 1 to node 2.
fn sent() -> Oracle<u32> {
    let mut oracle = Oracle::default();
    oracle.sent(node(1), &7, [node(2)]);
    oracle
}

#[test]
fn a_delivery_in_the_last_step_before_a_crash_may_come_again_once() {
    let mut oracle = sent();
    oracle.step_began(node(2));
    oracle.delivered(node(2), &7);
    oracle.crashed(node(2));
    oracle.step_began(node(2));
    oracle.step_began(node(2));
    oracle.delivered(node(2), &7);
    assert!(oracle.keeps(Guarantee::NoDuplication));
    oracle.step_began(node(2));
    oracle.delivered(node(2), &7);
    assert!(!oracle.keeps(Guarantee::NoDuplication));
}

#[test]
fn a_delivery_that_comes_again_just_before_the_next_crash_may_come_once_more() {
    let mut oracle = sent();
    for _ in 0..3 {
        oracle.step_began(node(2));
        oracle.delivered(node(2), &7);
        oracle.crashed(node(2));
    }
    assert!(oracle.keeps(Guarantee::NoDuplication));
}

#[test]
fn a_delivery_in_an_earlier_step_must_not_come_again() {
    let mut oracle = sent();
    oracle.step_began(node(2));
    oracle.delivered(node(2), &7);
    oracle.step_began(node(2));
    oracle.crashed(node(2));
    oracle.delivered(node(2), &7);
    assert!(!oracle.keeps(Guarantee::NoDuplication));
}

#[test]
fn a_crash_excuses_no_other_node() {
    let mut oracle = sent();
    oracle.step_began(node(2));
    oracle.delivered(node(2), &7);
    oracle.crashed(node(1));
    oracle.delivered(node(2), &7);
    assert!(!oracle.keeps(Guarantee::NoDuplication));
}

#[test]
fn a_message_that_is_told_again_after_a_restart_is_the_same() {
    let mut oracle = sent();
    oracle.crashed(node(1));
    oracle.sent(node(1), &7, [node(2)]);
    assert!(oracle.keeps(Guarantee::UniqueIds));
    oracle.delivered(node(2), &7);
    assert!(oracle.keeps(Guarantee::AllDelivered));
}

#[test]
fn an_id_that_is_used_for_other_destinations_after_a_restart_names_two_messages() {
    let mut oracle = sent();
    oracle.crashed(node(1));
    oracle.sent(node(1), &7, [node(3)]);
    assert!(!oracle.keeps(Guarantee::UniqueIds));
}
