use std::collections::BTreeMap;

use rehearsal_machine::{Effect, NodeId};
use rehearsal_protocol::chat::{Chat, Output};
use rehearsal_protocol::half_duplex::HalfDuplex;
use rehearsal_sim::{NodeEvent, Observed, World};

use crate::shipped::deadlock;

/// What the facts about a chat need to know of the past.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) resources: deadlock::Memory,
    users: BTreeMap<NodeId, Heard>,
}

/// What a user has heard so far.
#[derive(Clone, Debug, Default)]
struct Heard {
    /// The highest number of a message from each other user.
    last: BTreeMap<NodeId, u64>,
    /// The first message that came out of order.
    disorder: Option<Disorder>,
}

/// A message that was heard after a later one, or twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disorder {
    pub(super) from: NodeId,
    pub(super) number: u64,
    /// The number of the message heard before it.
    pub(super) before: u64,
}

impl Memory {
    /// The first message that the user heard out of order.
    pub(super) fn disorder(&self, user: NodeId) -> Option<Disorder> {
        self.users.get(&user)?.disorder
    }

    pub(super) fn observe(
        &mut self,
        world: &World<HalfDuplex<Chat>>,
        observed: &Observed<'_, HalfDuplex<Chat>>,
    ) {
        self.resources.observe(world, observed);
        if let NodeEvent::Effect(Effect::Emit(Output::Hears { from, number, .. })) = observed.event
        {
            let (from, number) = (*from, *number);
            let heard = self.users.entry(observed.node).or_default();
            match heard.last.get(&from).copied().filter(|before| *before >= number) {
                None => drop(heard.last.insert(from, number)),
                Some(before) => {
                    heard.disorder.get_or_insert(Disorder { from, number, before });
                }
            }
        }
    }
}
