//! Orders of messages, as a scenario has them.

mod costs;
mod facts;
mod memory;
mod setting;
mod text;

use rehearsal_machine::{Draw, NodeId};
use rehearsal_protocol::ordering::Destinations;
use rehearsal_protocol::ordering::group::{Cell, Member, Message, Output, Saved, Text};
use rehearsal_protocol::ordering::multicast::Command;
use rehearsal_sim::network::Network;
use rehearsal_sim::{
    Answer, Files, Lane, Look, Nodes, Observed, Plain, Protocol, Question, Reason, Vocabulary,
    World,
};

use crate::shipped::names::{ELECTION_KINDS, ELECTION_TIMERS, ORDERING_KINDS};

pub use facts::Fact;
pub(crate) use facts::rests;
pub use memory::Memory;
pub use setting::Setting;
pub(crate) use text::{of_multicast, of_multicast_cell, of_saved_multicast};

/// Nodes that send messages to each other and deliver them in an order:
/// `protocol: Ordering((discipline: CausalBroadcast, resend: "50ms"))`.
pub enum Ordering {}

impl Protocol for Ordering {
    const NAME: &'static str = "Ordering";
    type Config = Setting;
    type Machine = Member;
    type Property = Fact;
    type Memory = Memory;
    type Look = Self;
    type Owner = Plain;

    fn prepare(
        setting: &mut Setting,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        setting.prepare(nodes, network, files)
    }

    fn build(setting: &Setting, me: NodeId, nodes: &Nodes) -> Result<Member, Reason> {
        setting.member(me, nodes)
    }

    /// A message to all other nodes, or to one, two or all of them where the
    /// discipline allows it.
    fn command(
        setting: &Setting,
        node: NodeId,
        nodes: &Nodes,
        draw: &mut dyn Draw,
    ) -> Option<Command<Text>> {
        let content = format!("message {}", draw.draw(1..=9_999)).into();
        let count = nodes.count();
        let to = if setting.discipline().is_for_broadcasts() || draw.draw(1..=3) == 1 {
            Destinations::others(count, node)
        } else {
            let mut pick = || NodeId::new(draw.draw(1..=count.into()) as u32);
            [pick(), pick()].into_iter().flatten().collect()
        };
        (!to.is_empty()).then_some(Command::Send { to, content })
    }

    fn observe(memory: &mut Memory, _: &World<Member>, observed: &Observed<'_, Member>) {
        memory.observe(observed);
    }

    fn holds(fact: &Fact, question: Question<'_, Member, Self::Memory>) -> Answer {
        facts::holds(fact, question)
    }
}

impl Look<Self> for Ordering {
    fn describe(setting: &Setting) -> String {
        setting.to_string()
    }

    fn lane(member: &Member) -> Lane {
        let algorithm = member.multicast().algorithm();
        Lane::from(if algorithm.leads() {
            'L'
        } else if algorithm.recovers() {
            'R'
        } else if algorithm.held() > 0 {
            'h'
        } else if algorithm.unordered() > 0 {
            'w'
        } else {
            '.'
        })
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            kinds: &[ORDERING_KINDS, ELECTION_KINDS],
            roles: &['.', 'L', 'R', 'h', 'w'],
            timers: &[&["resend"], ELECTION_TIMERS],
        }
    }

    fn waits_for(member: &Member) -> Vec<NodeId> {
        member.multicast().awaited().collect()
    }

    fn state(member: &Member) -> Option<String> {
        Some(format!("{member:#?}"))
    }

    fn legend() -> &'static str {
        "L leads  R recovers what was numbered  h holds messages back  w waits for a place in \
         the order  . none of these"
    }

    fn costs(memory: &Memory) -> Vec<String> {
        memory.costs.lines()
    }

    fn message_text(message: &Message) -> String {
        text::of_message(message)
    }

    fn output_text(output: &Output) -> String {
        text::of_output(output)
    }

    fn cell_text(cell: &Cell) -> String {
        text::of_cell(cell)
    }

    fn saved_text(cell: &Cell, saved: &Saved) -> String {
        text::of_saved(cell, saved)
    }

    fn command_text(command: &Command<Text>) -> String {
        match command {
            Command::Send { to, content } => format!("is to send {content:?} to {to}"),
            Command::Follow(epoch) => format!("is to follow {epoch}"),
            other => format!("{other:?}"),
        }
    }
}
