//! Packets and outputs as a trace tells them.

use rehearsal_machine::Message as _;
use rehearsal_protocol::link::sliding_window;
use rehearsal_protocol::ordering::group::{Cell, Message, Output, Saved};
use rehearsal_protocol::ordering::multicast::{self, Entry, Event};
use rehearsal_protocol::ordering::{
    Packet, Submission, lamport_clocks, majority, relay, sequencer, skeen,
};
use rehearsal_sim::Look as _;

use crate::shipped::Election;

/// The kind, what it is about, and its number on the way from node to node, to which
/// acknowledgements refer: `data n1#2 [3]`, `ack [1-3] [5]`.
pub(super) fn of_message(message: &Message) -> String {
    match message {
        Message::Multicast(message) => of_multicast(message),
        Message::Election(message) => Election::message_text(message),
    }
}

/// The same of a multicast of any contents.
pub(crate) fn of_multicast<T: Clone>(message: &multicast::Message<T>) -> String {
    let kind = message.kind();
    match message {
        sliding_window::Message::Data { content, number, .. } => {
            format!("{kind} {} [{number}]", about(&content.packet))
        }
        sliding_window::Message::Ack { below, beyond, .. } => {
            let ranges = ranges(*below, beyond).into_iter().map(|(first, last)| {
                if first == last { format!(" [{first}]") } else { format!(" [{first}-{last}]") }
            });
            kind.to_owned() + &ranges.collect::<String>()
        }
    }
}

/// The numbers from 1 to below this one, and those beyond it in their order, as ranges.
fn ranges(below: u64, beyond: &[u64]) -> Vec<(u64, u64)> {
    let mut ranges = Vec::new();
    if below > 1 {
        ranges.push((1, below - 1));
    }
    for &number in beyond {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

/// Numbers of a sequencer are numbers of a leader's epoch: `n2#1 as 3 of 2.n1`.
fn about<T>(packet: &Packet<T>) -> String {
    match packet {
        Packet::Data { message, .. }
        | Packet::Skeen(skeen::Packet::Ask { message, .. })
        | Packet::Relay(
            relay::Packet::Forward { message, .. }
            | relay::Packet::Submit { submission: Submission { message, .. }, .. },
        )
        | Packet::Sequencer(sequencer::Packet::Submit(Submission { message, .. })) => {
            message.to_string()
        }
        Packet::LamportClocks(lamport_clocks::Packet { at, submission, .. }) => match submission {
            Some(submission) => format!("{} at {at}", submission.message),
            None => format!("than {at}"),
        },
        Packet::PcBroadcast(packet) => packet.message.to_string(),
        Packet::Skeen(
            skeen::Packet::Propose { message, at } | skeen::Packet::Final { message, at },
        ) => format!("{message} at {}.{}", at.count, at.node),
        Packet::Sequencer(sequencer::Packet::Order { epoch, position, submission }) => {
            format!("{} as {position} of {epoch}", submission.message)
        }
        Packet::Majority(packet) => about_majority(packet),
    }
}

fn about_majority<T>(packet: &majority::Packet<T>) -> String {
    let name = |submission: &Option<Submission<T>>| match submission {
        Some(submission) => submission.message.to_string(),
        None => "nothing".to_owned(),
    };
    match packet {
        majority::Packet::Submit(submission) => submission.message.to_string(),
        majority::Packet::Order { epoch, position, submission } => {
            format!("{} as {position} of {epoch}", name(submission))
        }
        majority::Packet::Accept { epoch, position, .. }
        | majority::Packet::Commit { epoch, position, .. } => format!("{position} of {epoch}"),
        majority::Packet::Recover { epoch, after } => format!("{epoch}, after {after}"),
        majority::Packet::Promise { epoch, next: None, .. } => format!("{epoch}, no more"),
        majority::Packet::Promise { epoch, next: Some((position, accepted)), .. } => {
            let submission = name(&accepted.submission);
            format!("{epoch}, {submission} as {position} of {}", accepted.epoch)
        }
    }
}

/// Where something is written down: `entry 4`.
pub(super) fn of_cell(cell: &Cell) -> String {
    match cell {
        Cell::Multicast(cell) => of_multicast_cell(*cell),
        Cell::Election(cell) => Election::cell_text(cell),
    }
}

/// The same of a multicast. The slots of a checkpoint, and of the link's life, take turns.
pub(crate) fn of_multicast_cell(cell: multicast::Cell) -> String {
    match cell {
        multicast::Cell::Entry(number) => format!("entry {number}"),
        multicast::Cell::Link(_) => "life".to_owned(),
        multicast::Cell::Settings => "settings".to_owned(),
        multicast::Cell::Checkpoint(_) => "checkpoint".to_owned(),
    }
}

/// What is written down there: `from n1, data n1#2`.
pub(super) fn of_saved(cell: &Cell, saved: &Saved) -> String {
    match (cell, saved) {
        (Cell::Election(cell), Saved::Election(saved)) => Election::saved_text(cell, saved),
        (_, Saved::Multicast(saved)) => of_saved_multicast(saved),
        (Cell::Multicast(_), Saved::Election(_)) => String::new(),
    }
}

/// The same of a multicast of any contents.
pub(crate) fn of_saved_multicast<T: Clone>(saved: &multicast::Saved<T>) -> String {
    match saved {
        multicast::Saved::Entry(entry) => of_entry(entry),
        multicast::Saved::Number(life) => life.to_string(),
        multicast::Saved::Settings(_) | multicast::Saved::Checkpoint(_) => String::new(),
    }
}

fn of_entry<T: Clone>(entry: &Entry<T>) -> String {
    match entry {
        Entry::Sent { to, .. } => format!("sends to {to}"),
        Entry::Received { from, parcel } => {
            format!("from {from}, {} {}", parcel.packet.kind(), about(&parcel.packet))
        }
        Entry::Acknowledged { to, number } => format!("{to} has packet {number}"),
        Entry::Follows(epoch) => format!("follows {epoch}"),
    }
}

pub(super) fn of_output(output: &Output) -> String {
    match output {
        Output::Multicast(
            output @ (multicast::Output::Happened(Event::Delivered { content, .. })
            | multicast::Output::Recalled(Event::Delivered { content, .. })),
        ) => format!("{output} {content:?}"),
        Output::Multicast(output) => output.to_string(),
        Output::Election(output) => output.to_string(),
    }
}
