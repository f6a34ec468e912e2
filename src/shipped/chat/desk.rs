//! What the page of a user shows beside the window.

use rehearsal_machine::NodeId;
use rehearsal_protocol::chat::{Chat, Fate};
use rehearsal_protocol::election::{Elector as _, Role};
use rehearsal_sim::{Desk, Offer, Said, SaidFate};

use crate::shipped::deadlock;

/// What this user knows.
pub(super) fn desk(me: NodeId, user: &Chat, awaited: Vec<NodeId>) -> Desk {
    let mut desk = user.resources().map(|site| deadlock::desk(me, site)).unwrap_or_default();
    desk.leader = user.leader();
    desk.waits.extend(awaited.into_iter().map(|peer| (me, peer)));
    desk.waits.sort_unstable();
    desk.waits.dedup();
    let tasks: Vec<_> = user.tasks().map(ToString::to_string).collect();
    if !tasks.is_empty() {
        desk.facts.push(("to do".to_owned(), tasks.join(", ")));
    }
    desk.said = user.said().map(said).collect();
    desk.offers = offers(user, !tasks.is_empty());
    desk
}

fn said(said: &rehearsal_protocol::chat::Said) -> Said {
    let fate = match said.fate {
        Fate::UnderWay => SaidFate::UnderWay,
        Fate::Heard => SaidFate::Heard,
        Fate::GivenUp => SaidFate::GivenUp,
    };
    Said { to: said.to, text: said.text.to_string(), fate }
}

/// Users who follow a script say nothing of their own.
fn offers(user: &Chat, has_tasks: bool) -> Vec<Offer> {
    let mut offers = Vec::new();
    if user.scripted().is_none() {
        offers.push(Offer::new("Tell", "{node} {text}"));
        if user.conversation().is_some() {
            offers.push(Offer::new("Tell a group: name, then text", "#{text}"));
            offers.push(Offer::new("Join a group", "/join {text}"));
            offers.push(Offer::new("Leave a group", "/leave {text}"));
        }
        if user.role() == Role::Leads {
            offers.push(Offer::new("Give a task", "/task {node} {text}"));
        }
        if has_tasks {
            offers.push(Offer::new("The task is done", "/done"));
        }
    }
    offers.push(Offer::new("Suspect the leader", "/suspect"));
    if user.resources().is_some() {
        let in_chat = |Offer { label, line }| Offer { label, line: format!("Resources({line})") };
        offers.extend(deadlock::offers().into_iter().map(in_chat));
    }
    offers
}
