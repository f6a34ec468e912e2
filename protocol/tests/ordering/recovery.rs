//! A new leader of a majority and the promises of the others, case by case.

use rehearsal_machine::Message as _;
use rehearsal_protocol::ordering::majority::{Accepted, Packet};
use rehearsal_protocol::ordering::{
    self, Algorithm, Destinations, Discipline, MessageId, Submission,
};

use crate::world::World;
use crate::{epoch, node};

fn led_by_first() -> World {
    let mut world = World::new(Discipline::MajoritySequencer, 3);
    world.follow(&[1, 2, 3], epoch(1, 1));
    world.settle();
    world
}

fn is_up(node: rehearsal_machine::NodeId) -> bool {
    node.number() > 1
}

/// The packets of this kind that are on their way to a node that is up.
fn on_the_way(world: &World, kind: &str) -> usize {
    let is_of_kind =
        |(_, to, packet): &&(_, _, ordering::Packet<u64>)| is_up(*to) && packet.kind() == kind;
    world.in_flight.iter().filter(is_of_kind).count()
}

#[test]
fn a_new_leader_that_was_away_recovers_a_long_log_a_few_packets_at_a_time() {
    let mut world = led_by_first();
    let messages: Vec<_> = (0..300).map(|_| world.send(1, &[2, 3])).collect();
    world.settle_among(|node| node.number() < 3);
    world.in_flight.clear();
    world.follow(&[2, 3], epoch(2, 3));
    let mut most = 0;
    let is_between = |(from, to, _): &(_, _, _)| is_up(*from) && is_up(*to);
    while let Some(place) = world.in_flight.iter().position(is_between) {
        world.arrive(place);
        most = most.max(on_the_way(&world, "promise")).max(on_the_way(&world, "order"));
    }
    assert_eq!([2, 3].map(|at| world.history.delivered(node(at))), [messages.clone(), messages]);
    assert!(world.kinds["recover"] > 9 && most <= 64, "{:?}, {most}", world.kinds);
}

/// Nodes 1 and 2 keep two messages, node 1 dies, and node 3 hears of the first one only.
fn half_a_promise() -> World {
    let mut world = led_by_first();
    for _ in 0..2 {
        world.send(1, &[2, 3]);
    }
    world.settle_among(|node| node.number() < 3);
    world.in_flight.clear();
    world.follow(&[2, 3], epoch(2, 3));
    world.arrive_between(3, 2);
    assert_eq!(on_the_way(&world, "promise"), 3);
    world.arrive_between(2, 3);
    world
}

#[test]
fn a_promise_counts_only_when_it_is_whole() {
    let mut world = half_a_promise();
    assert!(world.nodes[2].recovers() && !world.nodes[2].leads());
    world.arrive_nth_between(2, 3, 1);
    assert!(world.nodes[2].recovers());
    world.arrive_between(2, 3);
    assert!(world.nodes[2].leads());
    world.settle_among(is_up);
    assert!(world.history.agrees());
    assert_eq!(world.history.delivered(node(3)).len(), 2);
}

#[test]
#[cfg(feature = "mutants")]
fn a_leader_that_counts_a_part_of_a_promise_replaces_a_chosen_message() {
    let (world, is_reached) = rehearsal_machine::mutant::with("PartIsPromise", || {
        let mut world = half_a_promise();
        world.send(3, &[1, 2, 3]);
        world.settle_among(is_up);
        world
    });
    assert!(is_reached && !world.history.agrees());
}

/// A leader that recovers among three, and another node.
fn recovering() -> Algorithm<u64> {
    let mut leader = Algorithm::new(Discipline::MajoritySequencer, node(3), 3);
    leader.follow(epoch(2, 3));
    leader
}

fn promise(after: u64, next: Option<u64>) -> ordering::Packet<u64> {
    let nothing = |position| (position, Accepted { epoch: epoch(1, 1), submission: None });
    let (epoch, next) = (epoch(2, 3), next.map(nothing));
    ordering::Packet::Majority(Packet::Promise { epoch, delivered: 0, after, next })
}

#[test]
fn a_number_that_no_leader_can_have_given_makes_no_work() {
    let mut leader = recovering();
    leader.receive(node(2), promise(0, Some(2)));
    leader.receive(node(2), promise(2, Some(1 << 60)));
    let actions = leader.receive(node(2), promise(1 << 60, None));
    assert!(leader.leads());
    // A gap, and number 2.
    assert_eq!(actions.packets.len(), 2);
}

#[test]
fn a_number_that_is_chosen_again_may_be_delivered_as_it_was_accepted_first() {
    let mut follower = Algorithm::new(Discipline::MajoritySequencer, node(2), 3);
    let message = MessageId { by: node(1), number: 1 };
    let to = Destinations::from(node(2));
    let submission = Some(Submission { message, to, content: 1 });
    let order = Packet::Order { epoch: epoch(1, 1), position: 1, submission };
    follower.receive(node(1), ordering::Packet::Majority(order));
    let commit =
        |epoch| ordering::Packet::Majority(Packet::Commit { epoch, position: 1, stable: 0 });
    // What the second leader orders is on its way, and may be another message for all the
    // node knows.
    assert_eq!(follower.receive(node(3), commit(epoch(2, 3))).deliveries, []);
    assert_eq!(follower.receive(node(1), commit(epoch(1, 1))).deliveries, [(message, 1)]);
}
