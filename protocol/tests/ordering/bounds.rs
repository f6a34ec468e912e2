//! What a node takes on has a bound, whatever its owner and honest peers do.

use rehearsal_machine::{Input, NodeId};
use rehearsal_protocol::link::sliding_window::Message;
use rehearsal_protocol::ordering::majority::WINDOW;
use rehearsal_protocol::ordering::multicast::{Cell, Command, Config, Parcel};
use rehearsal_protocol::ordering::{
    Destinations, Discipline, MessageId, Packet, Refusal, Stamp, Submission, relay,
};

use crate::multicast::{Group, config};
use crate::{epoch, node};

fn send(group: &mut Group, by: u32, to: &[u32]) -> Result<(), Refusal> {
    let content = group.machine(node(by)).expect("it is up").sent() + 1;
    let to = to.iter().copied().map(node).collect();
    group.command(node(by), Command::Send { to, content });
    group.refused.pop().map_or(Ok(()), Err)
}

fn follow(group: &mut Group, leader: u32) {
    for at in NodeId::all(4) {
        group.command(at, Command::Follow(epoch(1, leader)));
    }
}

fn outstanding(group: &Group, by: u32, to: u32) -> usize {
    group.machine(node(by)).expect("it is up").outstanding(node(to))
}

fn entries(group: &Group, at: u32) -> usize {
    group.storage(node(at)).keys().filter(|cell| matches!(cell, Cell::Entry(_))).count()
}

#[test]
fn a_message_that_no_packet_can_carry_is_refused_before_anything_happens() {
    let mut group = Group::new(Config { max_content: 9, ..config(Discipline::Fifo) });
    assert_eq!(send(&mut group, 1, &[2]), Err(Refusal::TooLarge { most: 9 }));
    assert_eq!((entries(&group, 1), outstanding(&group, 1, 2)), (0, 0));
    assert!(group.history.events.is_empty());
}

#[test]
fn the_backlog_of_one_node_does_not_stop_messages_to_others() {
    let mut group = Group::new(Config { backlog: 2, ..config(Discipline::Fifo) });
    assert_eq!([(); 3].map(|()| send(&mut group, 1, &[2])), [Ok(()), Ok(()), Err(Refusal::Full)]);
    assert_eq!(send(&mut group, 1, &[3]), Ok(()));
    assert_eq!(send(&mut group, 1, &[2, 3]), Err(Refusal::Full));
}

#[test]
fn a_node_that_is_down_holds_up_no_majority_and_few_packets_wait_for_it() {
    let mut group = Group::new(config(Discipline::MajoritySequencer));
    follow(&mut group, 1);
    group.deliver();
    group.crash(node(4));
    for round in 0..1_000 {
        assert_eq!(send(&mut group, 1 + round % 3, &[1, 2, 3, 4]), Ok(()));
        group.deliver();
    }
    let delivered = [1, 2, 3].map(|at| group.history.delivered(node(at)).len());
    assert_eq!(delivered, [1_000; 3]);
    let most = [1, 2, 3].map(|by| outstanding(&group, by, 4)).into_iter().max();
    assert!(most <= Some(2 * WINDOW as usize), "{most:?}");
    group.start(node(4));
    group.settle();
    assert_eq!(group.history.delivered(node(4)), group.history.delivered(node(1)));
}

/// A leader without a majority, or a relay, passes on what others send.
#[test]
fn one_that_passes_on_messages_hears_no_more_than_a_backlog_for_a_node_that_is_down() {
    for discipline in [Discipline::Sequencer, Discipline::Relay { server: node(1) }] {
        let mut group = Group::new(Config { backlog: 20, ..config(discipline) });
        follow(&mut group, 1);
        group.crash(node(4));
        let mut sent = 0;
        for _ in 0..100 {
            for by in [2, 3] {
                sent += usize::from(send(&mut group, by, &[1, 4]).is_ok());
            }
            group.deliver();
        }
        assert_eq!(outstanding(&group, 1, 4), 20, "{discipline}");
        assert_eq!(group.history.delivered(node(1)).len(), 20, "{discipline}");
        assert!((20 + 2 * 20..100).contains(&sent), "{discipline}: {sent}");
        group.start(node(4));
        group.settle();
        assert_eq!(group.history.delivered(node(1)).len(), sent, "{discipline}");
        assert_eq!(group.history.delivered(node(4)).len(), sent, "{discipline}");
    }
}

/// All pass on messages to all, so nobody must wait for room before it hears the others.
#[test]
fn nodes_whose_backlogs_are_all_full_go_on() {
    for discipline in [Discipline::LamportClocks, Discipline::PcBroadcast] {
        let mut group = Group::new(Config { backlog: 2, ..config(discipline) });
        for by in [1, 2, 3, 4] {
            let others: Vec<_> = (1..=4).filter(|to| *to != by).collect();
            let sent = [(); 3].map(|()| send(&mut group, by, &others));
            assert_eq!(sent, [Ok(()), Ok(()), Err(Refusal::Full)], "{discipline}");
        }
        group.settle();
        let delivered = [1, 2, 3, 4].map(|at| group.history.delivered(node(at)).len());
        assert_eq!(delivered, [6; 4], "{discipline}");
    }
}

/// The bytes that all nodes save while so many messages are sent and one node is down.
fn saved(messages: u32) -> usize {
    let mut group = Group::new(config(Discipline::MajoritySequencer));
    follow(&mut group, 1);
    group.deliver();
    group.crash(node(4));
    for _ in 0..messages {
        send(&mut group, 1, &[1, 2, 3, 4]).expect("a majority is up");
        group.deliver();
    }
    group.saved
}

#[test]
fn what_is_saved_grows_with_the_messages_even_if_a_node_is_down() {
    let (few, many) = (saved(1_000), saved(4_000));
    println!("{} bytes a message at 1,000, {} at 4,000", few / 1_000, many / 4_000);
    assert!(many < 6 * few, "{few}, {many}");
}

#[test]
fn a_node_with_the_disk_of_another_discipline_says_so_and_does_nothing() {
    let mut group = Group::new(config(Discipline::Fifo));
    send(&mut group, 1, &[2]).expect("there is room");
    group.crash(node(1));
    group.start_with(node(1), config(Discipline::Skeen));
    let said = "does nothing: its disk is of fifo among 4 nodes (format 1), and it is to be of \
                Skeen among 4 nodes (format 1)";
    assert_eq!(group.misplaced, [said]);
    let before = group.storage(node(1)).clone();
    assert_eq!(send(&mut group, 1, &[2]), Err(Refusal::OtherSettings));
    send(&mut group, 2, &[1]).expect("there is room");
    group.deliver();
    assert_eq!(group.storage(node(1)), &before);
    // With the settings that it had it goes on.
    group.crash(node(1));
    group.start(node(1));
    group.settle();
    assert_eq!([1, 2].map(|at| group.history.delivered(node(at)).len()), [1, 1]);
}

/// Node 2 says this to node 1.
fn hears(group: &mut Group, packet: Packet<u64>) -> bool {
    let before = group.storage(node(1)).clone();
    let content = Parcel { number: 1, packet };
    let message = Message::Data { incarnation: 1, number: 1, floor: 1, content };
    group.step(node(1), Input::Message { from: node(2), message });
    group.storage(node(1)) != &before
}

#[test]
fn packets_that_no_node_of_the_group_can_have_sent_are_not_heard() {
    let message = |by| MessageId { by: node(by), number: 1 };
    let data = |by, stamp, content| Packet::Data { message: message(by), stamp, content };
    let to = Destinations::from(node(1_000_000));
    let submission = Submission { message: message(2), to, content: 1 };
    let submit = Packet::Relay(relay::Packet::Submit { number: 1, submission });
    for (packet, is_heard) in
        [(data(2, Stamp::Fifo(1), 1), true), (data(3, Stamp::Fifo(1), 1), false), (submit, false)]
    {
        let mut group = Group::new(config(Discipline::Fifo));
        assert_eq!(hears(&mut group, packet.clone()), is_heard, "{packet:?}");
    }
    let mut group = Group::new(Config { max_content: 9, ..config(Discipline::Fifo) });
    assert!(!hears(&mut group, data(2, Stamp::Fifo(1), 1)));
}
