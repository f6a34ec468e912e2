//! What is said and asked, as a trace has it.

use rehearsal_machine::{Message as _, NodeId};
use rehearsal_protocol::deadlock::{
    Cell, Command, Message, Saved, any, central, chasing, diffusing, hierarchy, labels, snapshot,
};
use rehearsal_protocol::resource::{self, Need};
use rehearsal_sim::Look as _;

use crate::shipped::Election;

pub(super) fn message(message: &Message) -> String {
    match message {
        Message::Participant(message) => message.kind().to_owned(),
        Message::Detector(message) => of_detector(message),
        Message::Election(message) => Election::message_text(message),
    }
}

/// Where a node writes something down: `requests`, `lent`, `grants to n2`, `collects`.
pub(super) fn cell(cell: Cell) -> String {
    match cell {
        Cell::Participant(resource::Cell::Granted(to)) => format!("grants to {to}"),
        Cell::Election(cell) => Election::cell_text(&cell),
        cell => format!("{cell:?}").to_lowercase(),
    }
}

/// The number that it writes there, or the request.
pub(super) fn saved(cell: Cell, saved: &Saved) -> String {
    match (cell, saved) {
        (Cell::Election(cell), Saved::Election(saved)) => Election::saved_text(&cell, saved),
        (_, Saved::Participant(resource::Saved::Request(request))) => request.to_string(),
        (_, Saved::Participant(resource::Saved::Number(number)) | Saved::Detector(number)) => {
            number.to_string()
        }
        (_, Saved::Election(_)) => String::new(),
    }
}

/// Its kind, and what tells it from others of that kind.
fn of_detector(message: &any::Message) -> String {
    let kind = message.kind();
    match message {
        any::Message::Central(message) => match message {
            central::Message::Ask { collect } => format!("{kind} {collect}"),
            central::Message::Report { account, .. } => format!("{kind} {account}"),
            central::Message::Verdict { verdict, .. } => format!("{kind}: {verdict}"),
        },
        any::Message::Snapshot(message) => match message {
            snapshot::Message::Marker(name) => format!("{kind} {name}"),
            snapshot::Message::Report { record, .. } => {
                let arrived = record
                    .channels
                    .iter()
                    .map(|(from, message)| format!(", on the way {} of {from}", message.kind()));
                format!("{kind} {}{}", record.view, arrived.collect::<String>())
            }
            snapshot::Message::Verdict { verdict, .. } => format!("{kind}: {verdict}"),
        },
        any::Message::Hierarchy(message) => match message {
            hierarchy::Message::Ask { round } => format!("{kind} {round}"),
            hierarchy::Message::Report { account, .. } => {
                let views = account.undecided.iter().map(|(node, view)| format!(" {node}: {view}"));
                let views: Vec<_> = views.collect();
                if views.is_empty() {
                    format!("{kind} nothing")
                } else {
                    kind.to_owned() + &views.join(";")
                }
            }
            hierarchy::Message::Verdict { by, verdict } => format!("{kind} of {by}: {verdict}"),
        },
        any::Message::Chasing(message) => match message {
            chasing::Message::Probe(probe) => format!("{kind} for {}", probe.initiator),
            chasing::Message::Condemn { request } => format!("{kind} {request}"),
        },
        any::Message::Diffusing(message) => match message {
            diffusing::Message::Query(query) => format!("{kind} for {}", query.initiator),
            diffusing::Message::Reply(reply) => format!("{kind} for {}", reply.to.initiator),
            diffusing::Message::Condemn { request } => format!("{kind} {request}"),
        },
        any::Message::Labels(message) => match message {
            labels::Message::Label { label, .. } => format!("{kind} {label}"),
            labels::Message::Condemn { request } => format!("{kind} {request}"),
        },
        _ => kind.to_owned(),
    }
}

pub(super) fn command(command: &Command) -> String {
    match command {
        Command::Request { of, need } => {
            let of: Vec<_> = of.iter().map(NodeId::to_string).collect();
            match need {
                Need::All => format!("is to ask for {}", of.join(", ")),
                need => format!("is to ask for {need} {}", of.join(", ")),
            }
        }
        Command::Release => "is done".to_owned(),
        Command::Cancel => "wants nothing any more".to_owned(),
        Command::Check => "is to look for a deadlock".to_owned(),
        Command::Suspect => "suspects the leader".to_owned(),
        other => format!("{other:?}"),
    }
}
