//! One party, without a world around it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rehearsal::machine::{Effect, Input, Node, Storage, Time};
use rehearsal::protocol::resource::{Command, Message, Model, Need, Output, Party, Rules, Stray};

use crate::chance::Least;
use crate::support::node;

/// One party among five, of which n5 is a lock.
pub(crate) struct Bench {
    party: Node<Party>,
    effects: Vec<Effect<Party>>,
}

impl Bench {
    pub(crate) fn of(me: u32) -> Self {
        Self::with(me, |_| {})
    }

    pub(crate) fn with(me: u32, change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = Rules {
            nodes: 5,
            locks: BTreeSet::from([node(5)]),
            model: Model::General,
            work: None,
            resend: None,
            restart: Duration::ZERO..=Duration::ZERO,
            two_phase: false,
        };
        change(&mut rules);
        let party = Party::new(Arc::new(rules), node(me), Default::default());
        let mut bench = Self { party: Node::new(node(me), 1, party), effects: Vec::new() };
        bench.takes(Input::Start(Storage::<Party>::new()));
        bench
    }

    /// What it then says, and to whom.
    pub(crate) fn takes(&mut self, input: Input<Party>) -> Vec<(u32, Message)> {
        self.effects.clear();
        self.party.handle(input, Time::ZERO, &mut Least, &mut self.effects);
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

    pub(crate) fn ignored(&self) -> Vec<Stray> {
        let ignored = self.told().into_iter().filter_map(|output| match output {
            Output::Ignores { what, .. } => Some(what),
            _ => None,
        });
        ignored.collect()
    }

    pub(crate) fn party(&self) -> &Party {
        self.party.machine()
    }

    /// What it asked its driver for with its last input.
    pub(crate) fn effects(&self) -> &[Effect<Party>] {
        &self.effects
    }
}
