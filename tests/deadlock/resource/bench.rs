//! One party, without a world around it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rehearsal::machine::draws::Lowest;
use rehearsal::machine::{Effect, Input, Node, Storage, Time};
use rehearsal::protocol::resource::{
    Command, Config, Message, Model, Need, Output, Participant, Unexpected,
};

use crate::support::node;

/// One party among five, of which n5 is a lock.
pub(crate) struct Bench {
    participant: Node<Participant>,
    effects: Vec<Effect<Participant>>,
}

impl Bench {
    pub(crate) fn of(me: u32) -> Self {
        Self::with(me, |_| {})
    }

    pub(crate) fn with(me: u32, change: impl FnOnce(&mut Config)) -> Self {
        let mut rules = Config {
            nodes: 5,
            locks: BTreeSet::from([node(5)]),
            model: Model::General,
            work: None,
            resend: None,
            restart: Duration::ZERO..=Duration::ZERO,
            two_phase: false,
        };
        change(&mut rules);
        let participant = Participant::new(Arc::new(rules), node(me), Default::default());
        let mut bench =
            Self { participant: Node::new(node(me), 1, participant), effects: Vec::new() };
        bench.takes(Input::Start(Storage::<Participant>::new()));
        bench
    }

    /// What it then says, and to whom.
    pub(crate) fn takes(&mut self, input: Input<Participant>) -> Vec<(u32, Message)> {
        self.effects.clear();
        self.participant.handle(input, Time::ZERO, &mut Lowest, &mut self.effects);
        let sent = self.effects.iter().filter_map(|effect| match effect {
            Effect::Send { to, message } => Some((to.number(), *message)),
            _ => None,
        });
        sent.collect()
    }

    pub(crate) fn hears(&mut self, from: u32, message: Message) -> Vec<(u32, Message)> {
        self.takes(Input::Message { from: node(from), message })
    }

    pub(crate) fn is_to(&mut self, command: Command) -> Vec<(u32, Message)> {
        self.takes(Input::Command(command))
    }

    pub(crate) fn asks(&mut self, of: &[u32], need: Need) -> Vec<(u32, Message)> {
        self.is_to(Command::Request { of: of.iter().map(|of| node(*of)).collect(), need })
    }

    /// What it told with its last input.
    pub(crate) fn told(&self) -> Vec<Output> {
        let told = self.effects.iter().filter_map(|effect| match effect {
            Effect::Emit(output) => Some(output.clone()),
            _ => None,
        });
        told.collect()
    }

    pub(crate) fn ignored(&self) -> Vec<Unexpected> {
        let ignored = self.told().into_iter().filter_map(|output| match output {
            Output::Ignores { what, .. } => Some(what),
            _ => None,
        });
        ignored.collect()
    }

    pub(crate) fn participant(&self) -> &Participant {
        self.participant.machine()
    }

    /// What it asked its driver for with its last input.
    pub(crate) fn effects(&self) -> &[Effect<Participant>] {
        &self.effects
    }
}
