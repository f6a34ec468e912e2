use std::marker::PhantomData;

use rehearsal::machine::{Draw, Effect, Input, Message as _, NodeId};
use rehearsal::protocol::link::sliding_window;
use rehearsal::protocol::ordering::Destinations;
use rehearsal::protocol::ordering::group::{Member, Message, Output, Text};
use rehearsal::protocol::ordering::multicast::{self, Command, Event};
use rehearsal::shipped::{Ordering, ordering};
use rehearsal::sim::network::Network;
use rehearsal::sim::{
    Answer, Files, Look, NodeEvent, Nodes, Observed, Plain, Protocol, Question, Reason, World,
};

/// What every message says; its length takes one byte on the wire.
const CONTENT: &str = "hello";

/// To which nodes a message goes.
pub(crate) trait Pick: 'static {
    const NAME: &'static str;

    fn to(count: u32, from: NodeId, draw: &mut dyn Draw) -> Destinations;
}

/// To all others.
pub(crate) enum Broadcasts {}

impl Pick for Broadcasts {
    const NAME: &'static str = "all others";

    fn to(count: u32, from: NodeId, _: &mut dyn Draw) -> Destinations {
        Destinations::others(count, from)
    }
}

/// To another one.
pub(crate) enum Singles {}

impl Pick for Singles {
    const NAME: &'static str = "one";

    fn to(count: u32, from: NodeId, draw: &mut dyn Draw) -> Destinations {
        let place = draw.draw(1..=u64::from(count) - 1);
        Destinations::others(count, from).iter().nth(place as usize - 1).into_iter().collect()
    }
}

/// `Ordering`, with other messages, and with what is measured in its memory.
pub(crate) struct Measured<W>(PhantomData<W>);

#[derive(Default)]
pub(crate) struct Memory {
    group: ordering::Memory,
    messages: u64,
    packets: u64,
    /// Of all packets, beyond the contents of messages.
    bytes: u64,
    /// The most messages that a node held back at some time.
    held: usize,
    /// Of each node, how many messages it has sent or received.
    load: Vec<u64>,
}

impl<W: Pick> Protocol for Measured<W> {
    const NAME: &'static str = Ordering::NAME;
    type Config = <Ordering as Protocol>::Config;
    type Machine = Member;
    type Property = <Ordering as Protocol>::Property;
    type Memory = Memory;
    type Look = Self;
    type Owner = Plain;

    fn prepare(
        config: &mut Self::Config,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        Ordering::prepare(config, nodes, network, files)
    }

    fn build(config: &Self::Config, me: NodeId, nodes: &Nodes) -> Result<Member, Reason> {
        Ordering::build(config, me, nodes)
    }

    fn command(
        _: &Self::Config,
        node: NodeId,
        nodes: &Nodes,
        draw: &mut dyn Draw,
    ) -> Option<Command<Text>> {
        Some(Command::Send { to: W::to(nodes.count(), node, draw), content: CONTENT.into() })
    }

    fn observe(memory: &mut Memory, world: &World<Member>, observed: &Observed<'_, Member>) {
        memory.load.resize(world.nodes().len(), 0);
        let load = &mut memory.load[observed.node.index()];
        match observed.event {
            NodeEvent::Input(Input::Message { .. }) => *load += 1,
            NodeEvent::Effect(Effect::Send { message, .. }) => {
                *load += 1;
                if let Some(bytes) = for_the_order(message) {
                    memory.packets += 1;
                    memory.bytes += bytes;
                }
            }
            NodeEvent::Effect(Effect::Emit(Output::Multicast(multicast::Output::Happened(
                Event::Sent { .. },
            )))) => memory.messages += 1,
            NodeEvent::StepEnd => {
                let held = world.machine(observed.node).map(|it| it.multicast().algorithm().held());
                memory.held = memory.held.max(held.unwrap_or(0));
            }
            _ => {}
        }
        Ordering::observe(&mut memory.group, world, observed);
    }

    fn holds(property: &Self::Property, question: Question<'_, Member, Memory>) -> Answer {
        Ordering::holds(property, question.part(|memory| &memory.group))
    }
}

impl<W: Pick> Look<Self> for Measured<W> {
    /// Messages, packets, bytes, the most held back, and the largest load relative to the mean.
    fn costs(memory: &Memory) -> Vec<String> {
        let sum: u64 = memory.load.iter().sum();
        let largest = memory.load.iter().max().copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a ratio for a table")]
        let uneven = (largest * memory.load.len() as u64) as f64 / sum.max(1) as f64;
        let Memory { messages, packets, bytes, held, .. } = memory;
        vec![format!("{messages} {packets} {bytes} {held} {uneven}")]
    }
}

/// How many bytes of a packet of the order are not its message's content.
fn for_the_order(message: &Message) -> Option<u64> {
    let Message::Multicast(sliding_window::Message::Data { content, .. }) = message else {
        return None;
    };
    let size = postcard::to_stdvec(&content.packet).expect("it can be written").len() as u64;
    let has_content =
        ["data", "ask", "submit", "order", "forward", "timed", "flood"].contains(&message.kind());
    let of_content = if has_content { CONTENT.len() as u64 + 1 } else { 0 };
    Some(size - of_content)
}
