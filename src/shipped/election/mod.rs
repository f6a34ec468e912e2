//! Leader election, as a scenario has it.

mod bully;
mod epochs;
mod facts;
mod form;
mod garcia_molina;
mod groups;
mod hardened;
mod has_election;
mod memory;
mod setting;
mod timing;

use rehearsal_machine::{Draw, Message as _, NodeId};
use rehearsal_protocol::election::{
    Command, Election as AnyElection, Elector as _, Output, Role, any, bully::Line,
    garcia_molina as machine, hardened as hardened_machine,
};
use rehearsal_sim::network::Network;
use rehearsal_sim::{
    Answer, Desk, Files, Lane, Look, Nodes, Observed, Offer, Owner, Protocol, Question, Reason,
    Vocabulary, World,
};

use crate::shipped::names::{ELECTION_KINDS, ELECTION_TIMERS};

pub use facts::Fact;
pub(crate) use facts::holds;
pub use form::Form;
pub(crate) use has_election::HasElection;
pub use memory::Memory;
pub use setting::Setting;

/// Nodes that agree on a leader:
/// `protocol: Election((form: Textbook(answer_wait: "30ms", coordinator_wait: "60ms")))`.
pub enum Election {}

impl Protocol for Election {
    const NAME: &'static str = "Election";
    type Config = Setting;
    type Machine = AnyElection;
    type Property = Fact;
    type Memory = Memory;
    type Look = Self;
    type Owner = Self;

    fn prepare(
        setting: &mut Setting,
        nodes: &Nodes,
        network: &Network,
        _files: &mut Files,
    ) -> Result<(), Reason> {
        setting.check(nodes.count(), network)
    }

    fn build(setting: &Setting, me: NodeId, nodes: &Nodes) -> Result<AnyElection, Reason> {
        setting.check_start(nodes)?;
        Ok(setting.machine(me, nodes.is_initial(me)))
    }

    fn command(_: &Setting, _: NodeId, _: &Nodes, _: &mut dyn Draw) -> Option<Command> {
        Some(Command::Suspect)
    }

    fn observe(memory: &mut Memory, _: &World<AnyElection>, observed: &Observed<'_, AnyElection>) {
        memory.observe(observed);
    }

    fn holds(fact: &Fact, question: Question<'_, AnyElection, Memory>) -> Answer {
        facts::holds(*fact, question)
    }
}

impl Look<Self> for Election {
    fn describe(setting: &Setting) -> String {
        setting.to_string()
    }

    fn lane(node: &AnyElection) -> Lane {
        match (node.role(), node.leader()) {
            (Role::Follows, Some(leader)) => Lane::towards(Role::Follows.letter(), leader),
            (role, _) => Lane::from(role.letter()),
        }
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            kinds: &[ELECTION_KINDS],
            roles: &['.', 'C', 'F', 'L', 'W'],
            timers: &[ELECTION_TIMERS],
        }
    }

    /// Nobody: a follower is content, and who asks others goes on when its time is up.
    fn waits_for(_: &AnyElection) -> Vec<NodeId> {
        Vec::new()
    }

    fn state(node: &AnyElection) -> Option<String> {
        Some(format!("{node:#?}"))
    }

    fn legend() -> &'static str {
        "Fk follows node k  C candidate  W waits  L leads"
    }

    fn message_text(message: &any::Message) -> String {
        let kind = message.kind();
        let epoch = match message {
            any::Message::Hardened(message) => message.epoch(),
            any::Message::GarciaMolina(machine::Message::Ready { task, .. }) => Some(*task),
            any::Message::GarciaMolina(machine::Message::Answer { is_yes: false, .. }) => {
                return format!("{kind} no");
            }
            any::Message::Bully(_) | any::Message::GarciaMolina(_) => None,
        };
        epoch.map_or_else(|| kind.to_owned(), |epoch| format!("{kind} {epoch}"))
    }

    /// The two slots of a value take turns, and are one to a reader.
    fn cell_text(cell: &any::Cell) -> String {
        match cell {
            any::Cell::Bully(_) => "that it was here",
            any::Cell::GarciaMolina(machine::Cell::Round(_)) => "round",
            any::Cell::Hardened(hardened_machine::Cell::Latest(_)) => "epoch",
            any::Cell::Hardened(hardened_machine::Cell::Fence(_)) => "fence",
        }
        .to_owned()
    }

    fn saved_text(_: &any::Cell, saved: &any::Saved) -> String {
        match saved {
            any::Saved::Bully(_) => String::new(),
            any::Saved::GarciaMolina(round) => round.to_string(),
            any::Saved::Hardened(epoch) => epoch.to_string(),
        }
    }

    fn output_text(output: &Output) -> String {
        output.to_string()
    }

    fn command_text(command: &Command) -> String {
        match command {
            Command::Suspect => "suspects the leader".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

impl Owner<Self> for Election {
    fn window(node: &AnyElection) -> Vec<String> {
        match node {
            AnyElection::Bully(bully) => {
                bully.machine.window().iter().map(Line::to_string).collect()
            }
            AnyElection::GarciaMolina(_) | AnyElection::Hardened(_) => Vec::new(),
        }
    }

    fn desk(_: NodeId, node: &AnyElection) -> Desk {
        let mut desk = Desk::default();
        desk.leader = node.leader();
        desk.offers = vec![Offer::new("Suspect the leader", "Suspect")];
        desk
    }
}
