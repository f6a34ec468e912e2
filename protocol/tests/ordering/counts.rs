//! How many packets a broadcast needs, and how much metadata they carry.

use std::collections::BTreeMap;

use rehearsal_machine::Message as _;
use rehearsal_protocol::ordering::{Discipline, Packet};

use crate::world::World;
use crate::{epoch, node};

/// The packets of one broadcast by this node of five, node 1 the leader.
fn packets(discipline: Discipline, by: u32) -> BTreeMap<&'static str, usize> {
    let mut world = World::new(discipline, 5);
    world.follow(&[1, 2, 3, 4, 5], epoch(1, 1));
    world.settle();
    world.kinds.clear();
    world.broadcast(by);
    world.settle();
    let nodes = [1, 2, 3, 4, 5].map(node);
    assert!(world.history.is_complete_among(&nodes), "{discipline}");
    world.kinds
}

fn total(discipline: Discipline, by: u32) -> usize {
    packets(discipline, by).values().sum()
}

#[test]
fn a_direct_broadcast_needs_a_packet_for_each_other_node() {
    for discipline in [
        Discipline::Unordered,
        Discipline::Fifo,
        Discipline::CausalBroadcast,
        Discipline::RaynalSchiperToueg,
        Discipline::SchiperEggliSandoz,
    ] {
        assert_eq!(total(discipline, 3), 4, "{discipline}");
    }
}

#[test]
fn a_sequencer_needs_one_more_unless_it_is_the_sender() {
    assert_eq!(packets(Discipline::Sequencer, 3), [("order", 4), ("submit", 1)].into());
    assert_eq!(total(Discipline::Sequencer, 1), 4);
}

#[test]
fn a_majority_needs_three_for_each_other_node() {
    let expected = [("accept", 4), ("commit", 4), ("order", 4), ("submit", 1)].into();
    assert_eq!(packets(Discipline::MajoritySequencer, 3), expected);
    assert_eq!(total(Discipline::MajoritySequencer, 1), 12);
}

#[test]
fn skeen_needs_three_for_each_other_destination() {
    let mut world = World::new(Discipline::Skeen, 5);
    world.send(3, &[1, 2, 3, 4, 5]);
    world.settle();
    assert_eq!(world.kinds, [("ask", 4), ("final", 4), ("propose", 4)].into());
    // And one round trip and a half for three of five.
    let mut world = World::new(Discipline::Skeen, 5);
    world.send(3, &[1, 3, 5]);
    world.settle();
    assert_eq!(world.kinds.values().sum::<usize>(), 6);
}

#[test]
fn by_the_acknowledgements_of_all_a_broadcast_needs_a_packet_on_every_way() {
    assert_eq!(packets(Discipline::LamportClocks, 3), [("later", 16), ("timed", 4)].into());
}

#[test]
fn a_broadcast_that_all_pass_on_goes_over_each_link_but_those_back_to_where_it_came_from() {
    assert_eq!(packets(Discipline::PcBroadcast, 3), [("flood", 16)].into());
}

#[test]
fn a_relay_needs_one_for_each_other_node_and_one_more_for_a_copy_of_the_senders_own() {
    let relay = Discipline::Relay { server: node(1) };
    assert_eq!(packets(relay, 3), [("forward", 3), ("submit", 1)].into());
    assert_eq!(total(relay, 1), 4);
    let mut world = World::new(relay, 5);
    world.send(3, &[1, 2, 3, 4, 5]);
    world.settle();
    assert_eq!(world.kinds, [("forward", 4), ("submit", 1)].into());
}

/// The most numbers that a packet with a message carries, in a group of six whose nodes have all
/// sent to each other.
fn most_ints(discipline: Discipline) -> usize {
    let mut world = World::new(discipline, 6);
    world.follow(&[1, 2, 3, 4, 5, 6], epoch(1, 1));
    world.settle();
    for round in 0..3 {
        for by in 1..=6 {
            if discipline.is_for_broadcasts() {
                world.broadcast(by);
            } else {
                (1..=6).filter(|to| *to != by).for_each(|to| {
                    world.send(by, &[to]);
                });
            }
            if round < 2 {
                world.settle();
            }
        }
    }
    let has_message = |packet: &&Packet<u64>| !matches!(packet, Packet::Majority(_));
    let packets = world.in_flight.iter().map(|(_, _, packet)| packet);
    let data: Vec<_> = packets.filter(has_message).collect();
    assert!(!data.is_empty());
    data.into_iter().map(Packet::ints).max().unwrap_or(0)
}

#[test]
fn the_metadata_is_as_large_as_each_algorithm_says() {
    assert_eq!(most_ints(Discipline::Unordered), 0);
    assert_eq!(most_ints(Discipline::Fifo), 1);
    assert_eq!(most_ints(Discipline::CausalBroadcast), 6);
    assert_eq!(most_ints(Discipline::RaynalSchiperToueg), 36);
    assert_eq!(most_ints(Discipline::SchiperEggliSandoz), 41);
    assert_eq!(most_ints(Discipline::Sequencer), 2);
    assert_eq!(most_ints(Discipline::LamportClocks), 2);
    assert_eq!(most_ints(Discipline::PcBroadcast), 1);
    assert_eq!(most_ints(Discipline::Relay { server: node(1) }), 1);
}

/// The most numbers that packets of each kind carry, from a broadcast of node 2 and a change of
/// the leader.
fn ints_by_kind(discipline: Discipline) -> BTreeMap<&'static str, usize> {
    let mut ints = BTreeMap::new();
    let mut world = World::new(discipline, 3);
    for round in 1..=2 {
        world.follow(&[1, 2, 3], epoch(round, round as u32));
        world.broadcast(2);
        while !world.in_flight.is_empty() {
            let packet = &world.in_flight[0].2;
            let most = ints.entry(packet.kind()).or_insert(0);
            *most = packet.ints().max(*most);
            // The second leader asks for what the first one has numbered.
            if packet.kind() == "commit" && round == 1 {
                world.in_flight.clear();
            } else {
                world.arrive(0);
            }
        }
    }
    ints
}

#[test]
fn each_packet_of_an_agreement_says_as_much_as_it_has_to() {
    let expected =
        [("accept", 3), ("commit", 3), ("order", 2), ("promise", 6), ("recover", 2), ("submit", 0)];
    assert_eq!(ints_by_kind(Discipline::MajoritySequencer), expected.into());
    assert_eq!(ints_by_kind(Discipline::Sequencer), [("order", 2), ("submit", 0)].into());
    let expected = [("ask", 0), ("final", 2), ("propose", 2)];
    assert_eq!(ints_by_kind(Discipline::Skeen), expected.into());
}

#[test]
fn a_multicast_carries_its_destinations_too() {
    let mut world = World::new(Discipline::RaynalSchiperToueg, 6);
    world.send(1, &[2, 3]);
    assert_eq!(world.in_flight[0].2.ints(), 36 + 2);
}
