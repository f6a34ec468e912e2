//! Messages that walk from node to node at random: each delivery makes its
//! receiver send one message on. As many are under way at any time as at the
//! start, so what a run costs is the world's cost of a delivery and nothing else.

use std::hint::black_box;

use rehearsal::prelude::*;
use rehearsal::sim::Scenario;
use serde::{Deserialize, Serialize};

/// What [`Weigh`] allocates for a moment: more than a run of these holds.
pub(crate) const SCALE: u64 = 1 << 30;

/// How often it is still to be sent on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Walk(u64);

/// Allocates [`SCALE`] bytes, touches none and frees them: the peak of a run's
/// memory is thereby at this instant, and tells what was held just then, whatever
/// tables may have been moved before.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Weigh;

/// Sends each message that it gets on to one of its neighbours.
#[derive(Debug)]
pub(crate) struct Walker {
    nodes: u32,
    walks: Walks,
    sum: u64,
}

/// The protocol, and the part of a scenario that configures it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Walks {
    /// How many neighbours a node has, evenly spread over all nodes; a divisor of their number.
    pub(crate) neighbours: u32,
    /// How many messages a node sends at its start, one neighbour after the other.
    pub(crate) each: u32,
    /// How often a message is sent on.
    pub(crate) hops: u64,
}

impl Message for Walk {
    fn kind(&self) -> &'static str {
        "walk"
    }
}

impl Walker {
    fn neighbour(&self, me: NodeId, which: u32) -> NodeId {
        NodeId::from_index(
            neighbour(me.index() as u32, which, self.nodes, self.walks.neighbours) as usize
        )
    }
}

/// The neighbour of a node, all counted from 0. With as many neighbours as
/// nodes everybody is one, oneself included.
pub(crate) fn neighbour(me: u32, which: u32, nodes: u32, neighbours: u32) -> u32 {
    let place = me + 1 + which * (nodes / neighbours);
    if place < nodes { place } else { place - nodes }
}

impl Machine for Walker {
    type Message = Walk;
    type Command = Weigh;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => {
                for message in 0..self.walks.each {
                    let to = self.neighbour(cx.me(), message % self.walks.neighbours);
                    cx.send(to, Walk(self.walks.hops));
                }
            }
            Input::Message { message: Walk(hops), .. } => {
                self.sum = self.sum.wrapping_add(hops);
                if let Some(left) = hops.checked_sub(1) {
                    let which = cx.draw(0..=u64::from(self.walks.neighbours - 1));
                    cx.send(self.neighbour(cx.me(), which as u32), Walk(left));
                }
            }
            Input::Command(Weigh) => drop(black_box(Vec::<u8>::with_capacity(SCALE as usize))),
            Input::Link { .. } => {}
        }
    }
}

/// Properties that hold throughout, and cost as little as a property can.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Property {
    /// Every node's sum is below this.
    SumBelow(u64),
}

impl Protocol for Walks {
    const NAME: &'static str = "Walks";
    type Config = Self;
    type Machine = Walker;
    type Property = Property;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(walks: &Self, _me: NodeId, nodes: &Nodes) -> Result<Walker, Reason> {
        Ok(Walker { nodes: nodes.count(), walks: *walks, sum: 0 })
    }

    fn holds(property: &Property, question: Question<'_, Walker>) -> Answer {
        match property {
            Property::SumBelow(most) => {
                question.of_every_node(|view, node| match view.machine(node) {
                    Some(walker) if walker.sum >= *most => Err("the sum is too large"),
                    _ => Ok(()),
                })
            }
        }
    }
}

impl Walks {
    /// One message for every node, which walks among all of them without end.
    pub(crate) fn among_all(nodes: u32) -> Self {
        Self { neighbours: nodes, each: 1, hops: u64::MAX }
    }

    /// A world of such nodes, with delays of 1 to 10 ms.
    pub(crate) fn scenario(self, nodes: u32, until_us: u64, commands: &str) -> Scenario<Self> {
        self.expecting(nodes, until_us, commands, "")
    }

    /// The same, of which this is expected.
    pub(crate) fn expecting(
        self,
        nodes: u32,
        until_us: u64,
        commands: &str,
        expect: &str,
    ) -> Scenario<Self> {
        let Self { neighbours, each, hops } = self;
        let text = format!(
            r#"(claim: "Messages walk.", nodes: {nodes}, until: "{until_us}us",
            protocol: Walks((neighbours: {neighbours}, each: {each}, hops: {hops})),
            network: (delay: Uniform("1ms", "10ms")), commands: [{commands}], expect: [{expect}])"#
        );
        Scenario::parse("walks.ron", &text, Files::none()).expect("a right scenario")
    }
}
