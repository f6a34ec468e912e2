use rehearsal_sim::order::{Guarantee, Oracle};

use crate::event::{Event, delivered, judged, sent};

/// The guarantees that these events break, `AllDelivered` apart.
fn broken(oracle: &Oracle<u32>) -> Vec<Guarantee> {
    let all = Guarantee::ALL.into_iter();
    all.filter(|g| *g != Guarantee::AllDelivered && !oracle.keeps(*g)).collect()
}

#[track_caller]
fn assert_breach(events: &[Event], guarantees: &[Guarantee], text: &str) {
    let (last, before) = events.split_last().expect("there are events");
    assert_eq!(broken(&judged(before)), []);
    let oracle = judged(before.iter().chain([last]));
    assert_eq!(broken(&oracle), guarantees);
    for guarantee in guarantees {
        assert_eq!(oracle.breach(*guarantee).expect("it is broken").to_string(), text);
    }
}

#[test]
fn a_message_from_one_sender_must_not_overtake_another() {
    assert_breach(
        &[sent(1, 11, [2]), sent(1, 12, [2]), delivered(2, 12)],
        &[Guarantee::Fifo, Guarantee::Causal],
        "n2 delivers 12 before 11\nn1 sends 11\nn1 sends 12",
    );
}

#[test]
fn a_chain_over_a_third_node_shows_why_a_message_had_to_be_first() {
    assert_breach(
        &[sent(1, 11, [3]), sent(1, 12, [2]), delivered(2, 12), sent(2, 21, [3]), delivered(3, 21)],
        &[Guarantee::Causal],
        "n3 delivers 21 before 11\n\
         n1 sends 11\nn1 sends 12\nn2 delivers 12\nn2 sends 21",
    );
}

#[test]
fn of_several_missing_messages_the_nearest_is_named() {
    assert_breach(
        &[
            sent(1, 11, [4]),
            sent(1, 12, [2, 4]),
            delivered(2, 12),
            sent(2, 21, [3, 4]),
            delivered(3, 21),
            sent(3, 31, [4]),
            delivered(4, 31),
        ],
        &[Guarantee::Causal],
        "n4 delivers 31 before 21\nn2 sends 21\nn3 delivers 21\nn3 sends 31",
    );
}

#[test]
fn a_delivery_after_the_send_is_no_cause_of_it() {
    let events = [
        sent(1, 11, [2]),
        sent(1, 12, [3]),
        sent(2, 21, [3]),
        delivered(2, 11),
        delivered(3, 21),
        delivered(3, 12),
    ];
    let oracle = judged(&events);
    assert_eq!(broken(&oracle), []);
    assert!(oracle.keeps(Guarantee::AllDelivered));
}

#[test]
fn a_lost_message_blocks_what_follows_from_it_only_where_it_was_sent() {
    let lost = [sent(1, 11, [2, 3]), delivered(2, 11), sent(2, 21, [4, 3]), delivered(4, 21)];
    assert_eq!(broken(&judged(&lost)), []);
    let events: Vec<_> = lost.into_iter().chain([delivered(3, 21)]).collect();
    assert_breach(
        &events,
        &[Guarantee::Causal],
        "n3 delivers 21 before 11\nn1 sends 11\nn2 delivers 11\nn2 sends 21",
    );
}

/// Model case 13.
#[test]
fn concurrent_messages_in_two_orders_are_causal_and_break_total_order() {
    assert_breach(
        &[
            sent(1, 11, [3, 4]),
            sent(2, 21, [3, 4]),
            delivered(3, 11),
            delivered(4, 21),
            delivered(3, 21),
            delivered(4, 11),
        ],
        &[Guarantee::Total],
        "n4 delivers 21 before 11\nn3 delivers 11 before 21",
    );
}

#[test]
fn two_orders_are_noticed_by_the_node_that_was_first_too() {
    assert_breach(
        &[
            sent(1, 11, [3, 4]),
            sent(2, 21, [3, 4]),
            delivered(3, 11),
            delivered(3, 21),
            delivered(4, 21),
            delivered(4, 11),
        ],
        &[Guarantee::Total],
        "n4 delivers 21 before 11\nn3 delivers 11 before 21",
    );
}

/// Model case 14.
#[test]
fn total_order_does_not_include_fifo_order() {
    assert_breach(
        &[sent(1, 11, [1, 2]), sent(1, 12, [1, 2]), delivered(1, 12)],
        &[Guarantee::Fifo, Guarantee::Causal],
        "n1 delivers 12 before 11\nn1 sends 11\nn1 sends 12",
    );
    let reversed = [
        sent(1, 11, [1, 2]),
        sent(1, 12, [1, 2]),
        delivered(1, 12),
        delivered(2, 12),
        delivered(2, 11),
        delivered(1, 11),
    ];
    assert!(judged(&reversed).keeps(Guarantee::Total));
}

#[test]
fn a_message_to_its_own_sender_is_a_message_like_any_other() {
    assert_breach(
        &[sent(1, 11, [1]), sent(1, 12, [1]), delivered(1, 12)],
        &[Guarantee::Fifo, Guarantee::Causal],
        "n1 delivers 12 before 11\nn1 sends 11\nn1 sends 12",
    );
    let in_order = [sent(1, 11, [1, 2]), delivered(1, 11), sent(1, 12, [1]), delivered(1, 12)];
    assert_eq!(broken(&judged(&in_order)), []);
}

#[test]
fn nothing_may_be_delivered_that_was_not_sent() {
    assert_breach(
        &[sent(1, 11, [2]), delivered(2, 12)],
        &[Guarantee::NoCreation],
        "n2 delivers 12, which no node has sent",
    );
}

#[test]
fn nothing_may_be_delivered_that_was_sent_to_other_nodes() {
    assert_breach(
        &[sent(1, 11, [2]), delivered(3, 11)],
        &[Guarantee::NoCreation],
        "n3 delivers 11, which n1 has not sent to n3",
    );
}

#[test]
fn a_second_delivery_is_noticed_before_and_after_the_last_destination() {
    for events in [
        &[sent(1, 11, [2, 3]), delivered(2, 11), delivered(2, 11)][..],
        &[sent(1, 11, [2, 3]), delivered(2, 11), delivered(3, 11), delivered(2, 11)],
    ] {
        assert_breach(events, &[Guarantee::NoDuplication], "n2 delivers 11 again");
    }
}

#[test]
fn an_id_names_one_message() {
    assert_breach(
        &[sent(1, 11, [2]), sent(1, 11, [2])],
        &[Guarantee::UniqueIds],
        "n1 sends two messages 11",
    );
    assert_breach(
        &[sent(1, 11, [2]), sent(3, 11, [2])],
        &[Guarantee::UniqueIds],
        "n3 sends a message 11, and so did n1",
    );
}

#[test]
fn a_destination_that_is_named_twice_counts_once() {
    let oracle = judged(&[sent(1, 11, [2, 2]), delivered(2, 11)]);
    assert!(oracle.keeps(Guarantee::AllDelivered));
}

#[test]
fn what_is_under_way_is_named_from_the_lowest_node_on() {
    let oracle = judged(&[sent(3, 31, [2, 1]), sent(1, 11, [2]), delivered(1, 31)]);
    assert!(!oracle.keeps(Guarantee::AllDelivered));
    let text = oracle.breach(Guarantee::AllDelivered).map(|breach| breach.to_string());
    assert_eq!(text.unwrap(), "n2 has not delivered 11 from n1, and 1 more are missing");
}

#[test]
fn the_first_breach_is_kept() {
    let first = [sent(1, 11, [2]), sent(1, 12, [2]), sent(1, 13, [2]), delivered(2, 12)];
    let then: Vec<_> = first.iter().cloned().chain([delivered(2, 13)]).collect();
    assert_eq!(judged(&first).breach(Guarantee::Fifo), judged(&then).breach(Guarantee::Fifo));
}
