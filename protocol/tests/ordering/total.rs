//! Total order, case by case.

use rehearsal_protocol::ordering::{Discipline, MessageId};

use crate::world::World;
use crate::{epoch, node};

fn ordered(discipline: Discipline, nodes: u32) -> World {
    let mut world = World::new(discipline, nodes);
    let all: Vec<_> = (1..=nodes).collect();
    world.follow(&all, epoch(1, 1));
    world.settle();
    world
}

const SEQUENCERS: [Discipline; 2] = [Discipline::Sequencer, Discipline::MajoritySequencer];

#[test]
fn a_sequencer_numbers_in_the_order_of_arrival_which_may_not_be_that_of_sending() {
    for discipline in SEQUENCERS {
        let mut world = ordered(discipline, 3);
        let (first, second) = (world.send(2, &[1, 2, 3]), world.send(2, &[1, 2, 3]));
        world.arrive_nth_between(2, 1, 1);
        world.settle();
        assert!((1..=3).all(|at| world.history.delivered(node(at)) == [second, first]));
        assert!(world.history.is_total() && !world.history.is_fifo(), "{discipline}");
    }
}

/// Node 3 on one side of a partition, nodes 1 and 2 on the other, and a leader on each.
fn split_brain(discipline: Discipline) -> World {
    let mut world = World::new(discipline, 3);
    let is_left = |node: rehearsal_machine::NodeId| node.number() < 3;
    world.follow(&[3], epoch(1, 3));
    world.follow(&[1, 2], epoch(1, 1));
    world.settle_among(is_left);
    world.send(3, &[1, 2, 3]);
    world.send(1, &[1, 2, 3]);
    world.settle_among(is_left);
    world
}

#[test]
fn two_leaders_on_two_sides_give_one_number_to_two_messages() {
    let mut world = split_brain(Discipline::Sequencer);
    let first = |by| MessageId { by: node(by), number: 1 };
    assert_eq!([1, 2, 3].map(|at| world.history.delivered(node(at))[0]), [1, 1, 3].map(first));
    world.settle();
    assert!(!world.history.agrees());
}

#[test]
fn with_a_majority_the_smaller_side_delivers_nothing_until_it_is_back() {
    let mut world = split_brain(Discipline::MajoritySequencer);
    let first = |by| MessageId { by: node(by), number: 1 };
    assert_eq!([1, 2].map(|at| world.history.delivered(node(at))), [[first(1)], [first(1)]]);
    assert_eq!(world.history.delivered(node(3)), []);
    world.settle();
    world.follow(&[1, 2, 3], epoch(2, 1));
    world.settle();
    assert!(world.history.agrees() && world.history.is_sound());
    assert!(world.history.is_complete_among(&[1, 2, 3].map(node)));
}

#[test]
fn a_number_that_a_majority_keeps_survives_its_leader() {
    let mut world = ordered(Discipline::MajoritySequencer, 3);
    let message = world.send(1, &[2, 3]);
    // Node 2 keeps it, and the leader dies before anybody hears that it is chosen.
    world.arrive_between(1, 2);
    let is_up = |node: rehearsal_machine::NodeId| node.number() > 1;
    world.follow(&[2, 3], epoch(2, 3));
    world.settle_among(is_up);
    assert_eq!([2, 3].map(|at| world.history.delivered(node(at))), [[message], [message]]);
}

#[test]
fn a_sequencer_without_a_majority_uses_a_number_again_after_its_leader() {
    let mut world = ordered(Discipline::Sequencer, 3);
    world.send(1, &[1, 2, 3]);
    world.arrive_between(1, 2);
    let is_up = |node: rehearsal_machine::NodeId| node.number() > 1;
    world.follow(&[2, 3], epoch(2, 3));
    world.send(3, &[1, 2, 3]);
    world.settle_among(is_up);
    assert!(!world.history.agrees());
}

#[test]
fn a_leader_delivers_its_own_message_only_when_a_majority_keeps_it() {
    let mut world = ordered(Discipline::MajoritySequencer, 3);
    let message = world.send(1, &[1, 2, 3]);
    assert_eq!(world.history.delivered(node(1)), []);
    world.arrive_between(1, 2);
    assert_eq!(world.history.delivered(node(1)), []);
    world.arrive_between(2, 1);
    assert_eq!(world.history.delivered(node(1)), [message]);
}

#[test]
fn a_message_waits_for_a_leader() {
    for discipline in SEQUENCERS {
        let mut world = World::new(discipline, 3);
        let message = world.send(2, &[3]);
        assert_eq!((world.in_flight.len(), world.nodes[1].unordered()), (0, 1));
        world.follow(&[1, 2, 3], epoch(1, 3));
        world.settle();
        assert_eq!(world.history.delivered(node(3)), [message]);
        assert_eq!((world.history.delivered(node(1)).len(), world.nodes[1].unordered()), (0, 0));
    }
}

#[test]
fn a_node_that_was_away_gets_what_a_new_leader_has_delivered() {
    let mut world = ordered(Discipline::MajoritySequencer, 3);
    let is_up = |node: rehearsal_machine::NodeId| node.number() < 3;
    let messages = [(); 4].map(|()| world.send(2, &[1, 2, 3]));
    world.settle_among(is_up);
    // What the old leader had sent to node 3 is refused there: it hears of the new one first.
    world.follow(&[1, 2, 3], epoch(2, 2));
    let recover = world.in_flight.iter().position(|(from, to, packet)| {
        (from.number(), to.number()) == (2, 3)
            && rehearsal_machine::Message::kind(packet) == "recover"
    });
    world.arrive(recover.expect("the new leader asks node 3"));
    world.settle();
    assert_eq!(world.history.delivered(node(3)), messages);
    assert_eq!(world.held(), 0);
}

#[test]
fn skeen_needs_the_destinations_alone_and_they_agree() {
    let mut world = World::new(Discipline::Skeen, 4);
    let (first, second) = (world.send(1, &[2, 3]), world.send(4, &[2, 3]));
    world.arrive_between(1, 2);
    world.arrive_between(4, 2);
    world.arrive_between(4, 3);
    world.arrive_between(1, 3);
    world.settle();
    // Both proposed the same two counts the other way around; the higher node decides.
    let delivered = [2, 3].map(|at| world.history.delivered(node(at)));
    assert_eq!(delivered[0], delivered[1]);
    assert!(delivered[0].contains(&first) && delivered[0].contains(&second));
    assert_eq!(world.history.delivered(node(1)), []);
}

#[test]
fn a_sender_that_dies_before_the_final_time_blocks_every_destination() {
    let mut world = World::new(Discipline::Skeen, 3);
    world.send(1, &[2, 3]);
    world.settle_among(|node| node.number() > 1);
    world.arrive_between(1, 2);
    world.arrive_between(1, 3);
    world.in_flight.clear();
    world.send(2, &[2, 3]);
    world.settle();
    assert_eq!(
        (world.history.delivered(node(2)), world.history.delivered(node(3))),
        (vec![], vec![])
    );
    assert_eq!(world.held(), 4);
}

#[test]
fn a_relay_passes_on_in_one_order_even_if_packets_overtake_each_other() {
    let mut world = World::new(Discipline::Relay { server: node(1) }, 3);
    let first = world.send(2, &[1, 2, 3]);
    let second = world.send(2, &[1, 2, 3]);
    world.arrive_nth_between(2, 1, 1);
    assert_eq!(world.history.delivered(node(1)), []);
    world.arrive_between(2, 1);
    world.arrive_nth_between(1, 3, 1);
    assert_eq!(world.history.delivered(node(3)), []);
    world.settle();
    assert!((1..=3).all(|at| world.history.delivered(node(at)) == [first, second]));
}

/// Two leaders number one message, and a third one finds both numbers.
fn numbered_twice() -> (World, MessageId) {
    let mut world = World::new(Discipline::MajoritySequencer, 5);
    let all = [1, 2, 3, 4, 5];
    world.follow(&all, epoch(1, 1));
    world.settle();
    // Node 1 numbers its own message, and then node 2's. Only node 5 hears of the second number.
    world.send(1, &all);
    let message = world.send(2, &all);
    world.arrive_between(2, 1);
    world.arrive_nth_between(1, 5, 1);
    world.in_flight.clear();
    // For the next leader node 2's message comes first. Only node 4 hears of that.
    world.follow(&[2, 3, 4], epoch(2, 3));
    world.arrive_between(2, 3);
    for promises in [2, 4] {
        world.arrive_between(3, promises);
        world.arrive_between(promises, 3);
    }
    world.arrive_between(3, 4);
    world.in_flight.clear();
    world.follow(&[2, 4, 5], epoch(3, 2));
    world.settle_among(|node| [2, 4, 5].contains(&node.number()));
    (world, message)
}

#[test]
fn a_message_that_comes_up_twice_is_delivered_once() {
    let (world, message) = numbered_twice();
    assert_eq!([2, 4, 5].map(|at| world.history.delivered(node(at))), [[message]; 3]);
}

#[test]
#[cfg(feature = "mutants")]
fn a_node_that_forgets_what_has_come_up_delivers_it_again() {
    let (world, is_reached) =
        rehearsal_machine::mutant::with("ComesUpTwice", || numbered_twice().0);
    assert!(is_reached && world.history.delivered(node(5)).len() == 2);
}
