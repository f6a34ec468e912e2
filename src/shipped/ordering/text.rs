//! Packets and outputs as a trace tells them.

use rehearsal_machine::Message as _;
use rehearsal_protocol::link::sliding_window;
use rehearsal_protocol::ordering::group::{Message, Output, Text};
use rehearsal_protocol::ordering::multicast::{self, Event};
use rehearsal_protocol::ordering::{Packet, Submission, majority, relay, sequencer, skeen};
use rehearsal_sim::Look as _;

use crate::shipped::Election;

/// The kind, and the message or number that it is about: `data n1#2`, `commit 4`.
pub(super) fn of_message(message: &Message) -> String {
    let kind = message.kind();
    match message {
        Message::Multicast(sliding_window::Message::Data { content, .. }) => {
            format!("{kind} {}", about(&content.packet))
        }
        Message::Multicast(sliding_window::Message::Ack { .. }) => kind.to_owned(),
        Message::Election(message) => Election::message_text(message),
    }
}

fn about(packet: &Packet<Text>) -> String {
    match packet {
        Packet::Data { message, .. }
        | Packet::Skeen(skeen::Packet::Ask { message, .. })
        | Packet::Relay(
            relay::Packet::Forward { message, .. }
            | relay::Packet::Submit { submission: Submission { message, .. }, .. },
        )
        | Packet::Sequencer(sequencer::Packet::Submit(Submission { message, .. }))
        | Packet::Majority(majority::Packet::Submit(Submission { message, .. })) => {
            message.to_string()
        }
        Packet::Skeen(
            skeen::Packet::Propose { message, at } | skeen::Packet::Final { message, at },
        ) => format!("{message} at {}.{}", at.count, at.node),
        Packet::Sequencer(sequencer::Packet::Order { position, submission, .. }) => {
            format!("{position} {}", submission.message)
        }
        Packet::Majority(majority::Packet::Order { position, submission, .. }) => {
            let message = submission.as_ref().map(|it| it.message.to_string());
            format!("{position} {}", message.as_deref().unwrap_or("nothing"))
        }
        Packet::Majority(
            majority::Packet::Accept { position, .. } | majority::Packet::Commit { position, .. },
        ) => position.to_string(),
        Packet::Majority(
            majority::Packet::Recover { epoch, .. } | majority::Packet::Promise { epoch, .. },
        ) => epoch.to_string(),
    }
}

pub(super) fn of_output(output: &Output) -> String {
    match output {
        Output::Multicast(
            output @ (multicast::Output::Delivered { content, .. }
            | multicast::Output::Recalled(Event::Delivered { content, .. })),
        ) => format!("{output} {content:?}"),
        Output::Multicast(output) => output.to_string(),
        Output::Election(output) => output.to_string(),
    }
}
