use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{Effect, NodeId};
use rehearsal_protocol::chat::conversation::{self, Event, Post, Remark};
use rehearsal_protocol::chat::{Chat, GroupName, Output};
use rehearsal_protocol::half_duplex::HalfDuplex;
use rehearsal_protocol::ordering::MessageId;
use rehearsal_sim::order::Oracle;
use rehearsal_sim::{NodeEvent, Observed, World};

use crate::shipped::deadlock;

/// What the facts about a chat need to know of the past.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) resources: deadlock::Memory,
    /// Of the posts of a conversation.
    pub(super) order: Oracle<MessageId>,
    users: BTreeMap<NodeId, Heard>,
    seen: BTreeMap<NodeId, Seen>,
}

/// What a user has seen of a conversation so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// In the order of showing.
    pub(super) shown: Vec<MessageId>,
    /// The groups that it was seen to join, and not to leave.
    groups: BTreeSet<GroupName>,
    /// The first remark of a group of which it was no member, by what it had seen.
    pub(super) as_stranger: Option<Remark>,
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

    /// What the user has seen of a conversation.
    pub(super) fn seen(&self, user: NodeId) -> Option<&Seen> {
        self.seen.get(&user)
    }

    pub(super) fn observe(
        &mut self,
        world: &World<HalfDuplex<Chat>>,
        observed: &Observed<'_, HalfDuplex<Chat>>,
    ) {
        self.resources.observe(world, observed);
        self.order.observe(observed, note_in_oracle);
        if let NodeEvent::Effect(Effect::Emit(Output::Conversation(output))) = observed.event {
            self.seen.entry(observed.node).or_default().note(output, observed.node);
        }
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

fn note_in_oracle(oracle: &mut Oracle<MessageId>, node: NodeId, output: &Output) {
    let Output::Conversation(output) = output else { return };
    match output {
        conversation::Output::Happened(event) => match event {
            Event::Sent { message, to } => oracle.sent(node, message, to.iter()),
            Event::Shown(Remark { message, .. }) | Event::Hidden(message) => {
                oracle.delivered(node, message);
            }
        },
        conversation::Output::Recalled(event) => match event {
            Event::Sent { message, to } => oracle.recalled_sent(node, message, to.iter()),
            Event::Shown(Remark { message, .. }) | Event::Hidden(message) => {
                oracle.recalled_delivered(node, message);
            }
        },
        _ => {}
    }
}

impl Seen {
    fn note(&mut self, output: &conversation::Output, me: NodeId) {
        match output {
            conversation::Output::Happened(Event::Shown(remark)) => self.note_remark(remark, me),
            conversation::Output::Recalled(Event::Shown(remark))
                if !self.shown.contains(&remark.message) =>
            {
                self.note_remark(remark, me);
            }
            _ => {}
        }
    }

    fn note_remark(&mut self, remark: &Remark, me: NodeId) {
        self.shown.push(remark.message);
        let is_mine = remark.message.by == me;
        match &remark.post {
            Post::Join(group) if is_mine => drop(self.groups.insert(group.clone())),
            Post::Leave(group) if is_mine => drop(self.groups.remove(group)),
            Post::InGroup { group, .. } | Post::Join(group) | Post::Leave(group) => {
                if !self.groups.contains(group) {
                    self.as_stranger.get_or_insert_with(|| remark.clone());
                }
            }
            Post::Direct { .. } => {}
        }
    }
}
