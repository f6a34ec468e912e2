//! The chat of the paper's system, as a scenario has it.

mod desk;
mod facts;
mod line;
mod memory;
mod setting;

use std::sync::Arc;

use rehearsal_machine::{Draw, Message as _, NodeId};
use rehearsal_protocol::chat::{
    Cell, Command, Content, GroupName, Message, Output, Saved, conversation,
};
use rehearsal_protocol::deadlock::{Site, SiteOutput};
use rehearsal_protocol::half_duplex::HalfDuplex;
use rehearsal_protocol::link::stop_and_wait as link;
use rehearsal_protocol::{chat, deadlock, election, resource};
use rehearsal_sim::network::Network;
use rehearsal_sim::{
    Answer, Desk, Files, IsAboutPeer, Lane, Look, Nodes, Observed, Owner, Protocol, Question,
    Reason, Vocabulary, World,
};

use super::deadlock::HasSite;
use super::election::HasElection;
use super::ordering;
use super::{Deadlock, Election, Script};

use crate::shipped::names::{
    DEADLOCK_KINDS, DEADLOCK_TIMERS, ELECTION_KINDS, ELECTION_TIMERS, ORDERING_KINDS,
};

pub use facts::Fact;
pub use memory::Memory;
pub use setting::{Does, Setting};

impl HasElection for HalfDuplex<chat::Chat> {
    fn election(&self) -> Option<&election::Election> {
        Some(self.inner().election())
    }

    fn told(output: &Output) -> Option<&election::Output> {
        match output {
            Output::Election(output) => Some(output),
            _ => None,
        }
    }
}

impl HasSite for HalfDuplex<chat::Chat> {
    fn site(&self) -> Option<&Site> {
        self.inner().resources()
    }

    fn site_output(output: &Output) -> Option<&SiteOutput> {
        match output {
            Output::Resources(output) => Some(output),
            _ => None,
        }
    }
}

/// Users who chat, with a leader among them:
/// `protocol: Chat((resend: "40ms", election: (form: Paper(..), initial_leader: 3)))`.
pub enum Chat {}

impl Protocol for Chat {
    const NAME: &'static str = "Chat";
    type Config = Setting;
    type Machine = HalfDuplex<chat::Chat>;
    type Property = Fact;
    type Memory = Memory;
    type Look = Self;
    type Owner = Self;

    fn prepare(
        setting: &mut Setting,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        setting.check(nodes, network, files)
    }

    fn build(setting: &Setting, me: NodeId, nodes: &Nodes) -> Result<Self::Machine, Reason> {
        setting.machine(me, nodes)
    }

    /// Says something to another user. Where an order is kept: joins one of two groups,
    /// leaves it or says something in it, too.
    fn command(setting: &Setting, node: NodeId, _: &Nodes, draw: &mut dyn Draw) -> Option<Command> {
        if let Some(order) = setting.order()
            && let Some(command) = in_group(order, draw)
        {
            return Some(command);
        }
        let others = u64::from(setting.nodes().checked_sub(2)?);
        let other = draw.draw(1..=others + 1);
        // All but the node itself.
        let number = other + u64::from(other >= u64::from(node.number()));
        let to = NodeId::new(u32::try_from(number).ok()?)?;
        Some(Command::Say { to, text: hello(draw) })
    }

    fn observe(
        memory: &mut Memory,
        world: &World<Self::Machine>,
        observed: &Observed<'_, Self::Machine>,
    ) {
        memory.observe(world, observed);
    }

    fn holds(fact: &Fact, question: Question<'_, Self::Machine, Memory>) -> Answer {
        facts::holds(*fact, question)
    }
}

/// What a user does in a group, three times out of four; always where there are only
/// broadcasts.
fn in_group(order: &ordering::Setting, draw: &mut dyn Draw) -> Option<Command> {
    let name = if draw.draw(0..=1) == 0 { "lunch" } else { "work" };
    let group = GroupName::try_from(Arc::from(name)).ok()?;
    let most = if order.discipline().is_for_broadcasts() { 6 } else { 8 };
    match draw.draw(1..=most) {
        1..=2 => Some(Command::Join(group)),
        3 => Some(Command::Leave(group)),
        4..=6 => Some(Command::SayIn { group, text: hello(draw) }),
        _ => None,
    }
}

fn hello(draw: &mut dyn Draw) -> Arc<str> {
    format!("hello {}", draw.draw(1..=999_999)).into()
}

impl Look<Self> for Chat {
    fn describe(setting: &Setting) -> String {
        setting.to_string()
    }

    fn lane(user: &HalfDuplex<chat::Chat>) -> Lane {
        match user.inner().scripted() {
            Some(scripted) => Script::lane(scripted),
            None => Election::lane(user.inner().election()),
        }
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            kinds: &[&["task", "done"], ORDERING_KINDS, ELECTION_KINDS, DEADLOCK_KINDS],
            roles: &['.', '<', '>', 'C', 'F', 'L', 'W'],
            timers: &[&["slot"], ELECTION_TIMERS, DEADLOCK_TIMERS],
        }
    }

    /// First those whose turn in the script or whose resources it waits for, then those who have
    /// not acknowledged.
    fn waits_for(user: &HalfDuplex<chat::Chat>) -> Vec<NodeId> {
        let user = user.inner();
        let in_script = user.scripted().map(Script::waits_for).unwrap_or_default();
        let in_resources = user.resources().map(Deadlock::waits_for).unwrap_or_default();
        in_script.into_iter().chain(in_resources).chain(user.link().awaited()).collect()
    }

    fn state(user: &HalfDuplex<chat::Chat>) -> Option<String> {
        Some(format!("{:#?}", user.inner()))
    }

    fn legend() -> &'static str {
        Election::legend()
    }

    fn message_text(message: &Message) -> String {
        match message {
            Message::Link(link::Message::Data { content, .. }) => match content {
                Content::Text(text) => format!("data {text:?}"),
                Content::Task { number, what } => format!("task {number} {what:?}"),
                Content::Done { number } => format!("done {number}"),
            },
            Message::Script(message) => Script::message_text(message),
            Message::Election(message) => Election::message_text(message),
            Message::Resources(message) => Deadlock::message_text(message),
            Message::Conversation(message) => ordering::of_multicast(message),
            Message::Link(message @ link::Message::Ack { .. }) => message.kind().to_owned(),
        }
    }

    fn output_text(output: &Output) -> String {
        output.to_string()
    }

    fn cell_text(cell: &Cell) -> String {
        match cell {
            Cell::Conversation(conversation::Cell::Multicast(cell)) => {
                ordering::of_multicast_cell(*cell)
            }
            Cell::Conversation(conversation::Cell::History(number)) => format!("remark {number}"),
            Cell::Conversation(conversation::Cell::Member(group, user)) => {
                format!("member {user} of {group}")
            }
            Cell::Election(cell) => Election::cell_text(cell),
            Cell::Resources(cell) => Deadlock::cell_text(cell),
            cell => format!("{cell:?}"),
        }
    }

    fn saved_text(cell: &Cell, saved: &Saved) -> String {
        match (cell, saved) {
            (_, Saved::Number(number)) => number.to_string(),
            (Cell::Script(cell), Saved::Text(text)) => Script::saved_text(cell, text),
            (_, Saved::Text(text)) => format!("{text:?}"),
            (_, Saved::Given(by, what)) => format!("{what:?} by {by}"),
            (Cell::Election(cell), Saved::Election(saved)) => Election::saved_text(cell, saved),
            (Cell::Resources(cell), Saved::Resources(saved)) => Deadlock::saved_text(cell, saved),
            (_, Saved::Conversation(conversation::Saved::Multicast(saved))) => {
                ordering::of_saved_multicast(saved)
            }
            (_, Saved::Conversation(conversation::Saved::Remark(remark))) => remark.to_string(),
            _ => String::new(),
        }
    }

    fn command_text(command: &Command) -> String {
        match command {
            Command::Say { to, text } => format!("is to tell {to}: {text:?}"),
            Command::Assign { to, what } => format!("is to let {to} do {what:?}"),
            Command::Finish => "is done with its task".to_owned(),
            Command::Suspect => "suspects the leader".to_owned(),
            Command::Resources(command) => Deadlock::command_text(command),
            Command::SayIn { group, text } => format!("is to tell {group}: {text:?}"),
            Command::Join(group) => format!("is to join {group}"),
            Command::Leave(group) => format!("is to leave {group}"),
            other => format!("{other:?}"),
        }
    }
}

impl Owner<Self> for Chat {
    /// The numbers of messages and requests, and the tasks that the peer gave:
    /// in its new life the peer counts all of them from 1 again.
    ///
    /// Of a conversation nothing can be erased: what one user knows of the peer's posts is
    /// in the clocks and numbers of all others, and in packets that are under way. So the
    /// peer is kept out.
    fn is_about_peer(setting: &Setting) -> Option<IsAboutPeer<Self>> {
        if setting.order().is_some() {
            return None;
        }
        Some(|cell, peer| match cell {
            Cell::Link(link::Cell::Said(of) | link::Cell::Heard(of))
            | Cell::OnHand(of, _)
            | Cell::Resources(deadlock::Cell::Participant(resource::Cell::Granted(of))) => {
                *of == peer
            }
            _ => false,
        })
    }

    fn window(user: &HalfDuplex<chat::Chat>) -> Vec<String> {
        if let Some(scripted) = user.inner().scripted() {
            return Script::window(scripted);
        }
        let text: Vec<_> = user.inner().window().map(ToString::to_string).collect();
        text.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
    }

    fn desk(me: NodeId, user: &HalfDuplex<chat::Chat>) -> Desk {
        desk::desk(me, user.inner(), Self::waits_for(user))
    }

    fn files(user: &HalfDuplex<chat::Chat>) -> Vec<(String, String)> {
        user.inner().resources().map(Deadlock::files).unwrap_or_default()
    }

    /// `3 hello there` tells user 3 something and `#lunch hello` a group; `/join lunch`
    /// and `/leave lunch` are about groups, `/task 3 sweep`, `/done` and `/suspect`
    /// about tasks and the leader; all else is a [`Command`] as
    /// scenario files write it.
    fn line(_: &Setting, text: &str) -> Result<Command, Reason> {
        line::command(text)
    }

    fn demands(setting: &Setting, node: NodeId) -> Option<Vec<String>> {
        setting.script().and_then(|setting| Script::demands(setting, node))
    }
}

/// Makes the users follow the script in this file: the
/// [`FollowScript`](crate::real::FollowScript) of [`Chat`].
pub fn follow_script(setting: &mut Setting, file: &str) -> Result<(), Reason> {
    setting.follow(file)
}
