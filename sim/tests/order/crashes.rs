use rehearsal_sim::order::{Guarantee, Oracle};

use crate::event::node;

/// A message 7 from node 1 to node 2.
fn sent() -> Oracle<u32> {
    let mut oracle = Oracle::default();
    oracle.sent(node(1), &7, [node(2)]);
    oracle
}

#[test]
fn a_delivery_that_is_known_may_be_recalled_any_number_of_times() {
    let mut oracle = sent();
    oracle.delivered(node(2), &7);
    oracle.recalled_delivered(node(2), &7);
    oracle.recalled_delivered(node(2), &7);
    assert!(Guarantee::ALL.into_iter().all(|guarantee| oracle.keeps(guarantee)));
}

#[test]
fn a_delivery_that_was_not_told_counts_when_it_is_recalled() {
    let mut oracle = sent();
    oracle.recalled_delivered(node(2), &7);
    assert!(oracle.keeps(Guarantee::AllDelivered));
    oracle.delivered(node(2), &7);
    assert!(!oracle.keeps(Guarantee::NoDuplication));
}

#[test]
fn a_delivery_that_is_recalled_at_another_node_is_created() {
    let mut oracle = sent();
    oracle.delivered(node(2), &7);
    oracle.recalled_delivered(node(3), &7);
    assert!(!oracle.keeps(Guarantee::NoCreation));
}

#[test]
fn a_delivery_that_is_told_again_without_a_mark_is_a_duplicate() {
    let mut oracle = sent();
    oracle.recalled_delivered(node(2), &7);
    oracle.delivered(node(2), &7);
    assert!(!oracle.keeps(Guarantee::NoDuplication));
}

#[test]
fn a_send_that_is_known_may_be_recalled_and_one_that_was_not_told_counts() {
    let mut oracle = sent();
    oracle.recalled_sent(node(1), &7, [node(2)]);
    oracle.recalled_sent(node(1), &8, [node(2)]);
    assert!(oracle.keeps(Guarantee::UniqueIds));
    oracle.delivered(node(2), &8);
    assert!(!oracle.keeps(Guarantee::Fifo));
}

#[test]
fn an_id_that_is_recalled_with_other_destinations_or_another_sender_names_two_messages() {
    for (sender, receiver) in [(1, 3), (3, 2)] {
        let mut oracle = sent();
        oracle.recalled_sent(node(sender), &7, [node(receiver)]);
        assert!(!oracle.keeps(Guarantee::UniqueIds));
    }
}
