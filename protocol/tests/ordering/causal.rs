//! Causal order, case by case.

use rehearsal_protocol::ordering::{Discipline, Packet, Stamp};

use crate::node;
use crate::world::World;

const CAUSAL: [Discipline; 3] =
    [Discipline::CausalBroadcast, Discipline::RaynalSchiperToueg, Discipline::SchiperEggliSandoz];

/// Node 1 broadcasts, node 2 hears it and broadcasts, and the answer arrives at node 3 before
/// the question.
fn answer_first(discipline: Discipline) -> World {
    let mut world = World::new(discipline, 3);
    world.broadcast(1);
    world.arrive_between(1, 2);
    world.broadcast(2);
    world.arrive_between(2, 3);
    world
}

#[test]
fn without_an_order_or_with_fifo_alone_an_answer_is_delivered_before_its_question() {
    for discipline in [Discipline::Unordered, Discipline::Fifo] {
        let mut world = answer_first(discipline);
        assert_eq!(world.history.delivered(node(3)).len(), 1);
        world.settle();
        assert!(world.history.is_fifo() && !world.history.is_causal(), "{discipline}");
    }
}

#[test]
fn in_causal_order_an_answer_waits_for_its_question() {
    for discipline in CAUSAL {
        let mut world = answer_first(discipline);
        let third = &world.nodes[2];
        assert_eq!((third.held(), third.most_held()), (1, 1), "{discipline}");
        assert_eq!(world.history.delivered(node(3)), []);
        world.arrive_between(1, 3);
        let by: Vec<_> = world.history.delivered(node(3)).iter().map(|it| it.by).collect();
        assert_eq!(by, [node(1), node(2)], "{discipline}");
        world.settle();
        assert_eq!((world.held(), world.nodes[2].most_held()), (0, 1));
        assert!(world.history.is_causal() && world.history.is_complete_among(&[1, 2, 3].map(node)));
    }
}

#[test]
fn the_stamps_of_question_and_answer_count_broadcasts() {
    let mut world = World::new(Discipline::CausalBroadcast, 3);
    let stamp = |packet: &Packet<u64>| match packet {
        Packet::Data { stamp: Stamp::CausalBroadcast(clock), .. } => {
            clock.iter().map(|(_, count)| count).collect::<Vec<_>>()
        }
        other => panic!("{other:?} is no causal broadcast"),
    };
    world.broadcast(1);
    assert_eq!(stamp(&world.in_flight[0].2), [1, 0, 0]);
    world.arrive_between(1, 2);
    world.broadcast(2);
    assert_eq!(stamp(&world.in_flight[1].2), [1, 1, 0]);
}

/// Node 1 sends to 3 and then to 2; node 2 hears it and sends to 3.
#[test]
fn a_unicast_says_what_its_sender_knew_to_be_on_its_way_to_the_receiver() {
    let mut world = World::new(Discipline::RaynalSchiperToueg, 3);
    let first = world.send(1, &[3]);
    world.send(1, &[2]);
    world.arrive_between(1, 2);
    let third = world.send(2, &[3]);
    let Packet::Data { stamp: Stamp::RaynalSchiperToueg(stamp), .. } = &world.in_flight[1].2 else {
        panic!("{:?} carries no matrix clock", world.in_flight[1]);
    };
    assert_eq!(stamp.sent.get(node(1), node(3)), 1);
    world.arrive_between(2, 3);
    assert_eq!(world.nodes[2].held(), 1);
    world.arrive_between(1, 3);
    assert_eq!(world.history.delivered(node(3)), [first, third]);
}

#[test]
fn a_multicast_is_waited_for_by_what_its_receivers_send_to_each_other() {
    for discipline in [Discipline::RaynalSchiperToueg, Discipline::SchiperEggliSandoz] {
        let mut world = World::new(discipline, 3);
        let first = world.send(1, &[2, 3]);
        world.arrive_between(1, 2);
        let answer = world.send(2, &[3]);
        world.arrive_between(2, 3);
        assert_eq!(world.history.delivered(node(3)), [], "{discipline}");
        world.arrive_between(1, 3);
        assert_eq!(world.history.delivered(node(3)), [first, answer], "{discipline}");
    }
}

/// Broadcasts as unicasts, one after the other: a receiver's answer may be sent in between.
#[test]
fn a_broadcast_as_single_unicasts_is_not_causal_as_a_broadcast() {
    let mut world = World::new(Discipline::RaynalSchiperToueg, 3);
    world.send(1, &[2]);
    world.arrive_between(1, 2);
    let answer = world.send(2, &[3]);
    let question = world.send(1, &[3]);
    world.arrive_between(2, 3);
    world.arrive_between(1, 3);
    assert_eq!(world.history.delivered(node(3)), [answer, question]);
    assert!(world.history.is_causal());
}

#[test]
fn messages_of_a_node_to_itself_are_delivered_at_once_and_block_nothing() {
    for discipline in CAUSAL {
        let mut world = World::new(discipline, 3);
        for _ in 0..3 {
            let own = world.send(1, &[1, 2, 3]);
            assert_eq!(world.history.delivered(node(1)).last(), Some(&own), "{discipline}");
        }
        world.settle();
        world.send(2, &[1, 2, 3]);
        world.settle();
        assert_eq!(world.held(), 0, "{discipline}");
        assert!(world.history.is_complete_among(&[1, 2, 3].map(node)), "{discipline}");
    }
}

/// As they count a delivery in the paper, a node waits for a message that does not exist.
#[test]
#[cfg(feature = "mutants")]
fn with_the_rule_of_the_paper_a_node_that_sends_to_itself_delivers_nothing_more() {
    let (world, is_reached) = rehearsal_machine::mutant::with("CountsDelivery", || {
        let mut world = World::new(Discipline::RaynalSchiperToueg, 3);
        world.send(1, &[1]);
        world.send(1, &[1]);
        world.send(1, &[2]);
        world.settle();
        world.send(2, &[1]);
        world.settle();
        world
    });
    assert!(is_reached);
    assert_eq!(world.history.delivered(node(1)).len(), 1);
    assert_eq!(world.held(), 2);
}

#[test]
fn concurrent_broadcasts_may_be_delivered_in_different_orders() {
    let mut world = World::new(Discipline::CausalBroadcast, 4);
    let (a, b) = (world.broadcast(1), world.broadcast(2));
    world.arrive_between(1, 3);
    world.arrive_between(2, 3);
    world.arrive_between(2, 4);
    world.arrive_between(1, 4);
    world.settle();
    assert_eq!(world.history.delivered(node(3)), [a, b]);
    assert_eq!(world.history.delivered(node(4)), [b, a]);
    assert!(world.history.is_causal() && !world.history.is_total());
}

/// It crashes between two sends of one broadcast, and does not come back.
#[test]
fn a_sender_that_dies_within_a_broadcast_blocks_what_depends_on_it_and_nothing_else() {
    let mut world = World::new(Discipline::CausalBroadcast, 4);
    world.broadcast(1);
    world.in_flight.retain(|(_, to, _)| *to == node(2));
    let unrelated = world.broadcast(3);
    world.settle();
    world.broadcast(2);
    world.settle();
    assert_eq!(world.history.delivered(node(4)), [unrelated]);
    assert_eq!((world.nodes[2].held(), world.nodes[3].held()), (1, 1));
    let later = world.broadcast(4);
    world.settle();
    assert_eq!(world.history.delivered(node(3)), [later]);
}

#[test]
fn a_lost_unicast_blocks_its_causal_successors_to_the_same_node_alone() {
    for discipline in [Discipline::RaynalSchiperToueg, Discipline::SchiperEggliSandoz] {
        let mut world = World::new(discipline, 3);
        world.send(1, &[3]);
        world.in_flight.clear();
        let to_second = world.send(1, &[2]);
        world.settle();
        world.send(2, &[3]);
        let to_first = world.send(2, &[1]);
        world.settle();
        assert_eq!(world.history.delivered(node(2)), [to_second], "{discipline}");
        assert_eq!(world.history.delivered(node(1)), [to_first], "{discipline}");
        assert_eq!(world.history.delivered(node(3)), [], "{discipline}");
    }
}
