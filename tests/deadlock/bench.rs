//! One machine, without a world around it.

use rehearsal::machine::draws::Lowest;
use rehearsal::machine::{Effect, Input, Machine, Node, NodeId, Storage, Time};

use super::support::node;

pub(crate) struct Bench<M: Machine> {
    node: Node<M>,
    /// What it asked its driver for with its last input.
    pub(crate) effects: Vec<Effect<M>>,
}

impl<M: Machine<Message: Clone>> Bench<M> {
    /// This node has started.
    pub(crate) fn new(me: u32, build: impl Fn(NodeId) -> M) -> Self {
        let mut bench = Self { node: Node::new(node(me), 1, build(node(me))), effects: vec![] };
        bench.takes(Input::Start(Storage::<M>::new()));
        bench
    }

    pub(crate) fn machine(&self) -> &M {
        self.node.machine()
    }

    /// The messages that it then sends, with their recipients.
    pub(crate) fn takes(&mut self, input: Input<M>) -> Vec<(u32, M::Message)> {
        self.effects.clear();
        self.node.handle(input, Time::ZERO, &mut Lowest, &mut self.effects);
        let sent = self.effects.iter().filter_map(|effect| match effect {
            Effect::Send { to, message } => Some((to.number(), message.clone())),
            _ => None,
        });
        sent.collect()
    }

    pub(crate) fn hears(&mut self, from: u32, message: M::Message) -> Vec<(u32, M::Message)> {
        self.takes(Input::Message { from: node(from), message })
    }

    pub(crate) fn is_to(&mut self, command: M::Command) -> Vec<(u32, M::Message)> {
        self.takes(Input::Command(command))
    }

    /// What it told with its last input.
    pub(crate) fn told(&self) -> Vec<&M::Output> {
        let told = self.effects.iter().filter_map(|effect| match effect {
            Effect::Emit(output) => Some(output),
            _ => None,
        });
        told.collect()
    }
}
