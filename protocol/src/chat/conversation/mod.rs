//! What users say to each other and in groups, in an order that all of them keep.
//!
//! Every post is a message of a [`Multicast`] to its readers and to its author, so an
//! author sees its own post where the order has it. A post to a group goes to the
//! members that its author knows of.
//!
//! # Groups
//!
//! To join or to leave a group is a post to all users. Each user, the joining one too,
//! changes its own view of the members when the post is delivered to it, and sees what
//! is said in a group while it is a member by this view. So views are as ordered as
//! texts are; docs/chat.md says what that means in each discipline.
//!
//! # History
//!
//! A user keeps the last remarks that it has seen in durable cells, each one saved
//! before it is shown. The journal of the multicast has the texts, too, but only up to
//! its next checkpoint, and a checkpoint of all remarks would write each of them
//! many times. So a text is usually saved twice: when it arrives, and when it becomes
//! history.
//!
//! A crash can fall between the save of the journal and that of the history. After the
//! restart the multicast recalls the deliveries of its last journal entry, and the
//! number of the last remark in the history tells which of them are new. For a delivery
//! that changes the members of a group of this user, the history is saved first: a
//! recalled delivery that is not in the history has changed nothing that decides whether
//! it is shown, and one that is in it repeats its change of the members.

mod group_name;
mod history;
mod members;
mod output;
mod post;

use alloc::sync::Arc;
use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use self::history::History;
use crate::election::Epoch;
use crate::ordering::Destinations;
use crate::ordering::multicast::{self, Multicast};
use rehearsal_machine::{
    Context, Embeds as _, Input, Machine, Nested, NodeId, Storage, compose, mutant,
};

pub use group_name::{BadGroupName, GroupName};
pub use members::Members;
pub use output::{Event, Output, Refusal};
pub use post::{Post, Remark};

/// The most groups that a user can be in: the others keep something for each of them.
pub const MOST_GROUPS: usize = 64;

/// What all users of a conversation know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The order, and how it is kept.
    pub order: multicast::Config,
    /// How many remarks each user keeps, at least 1.
    pub history: u32,
}

/// What a user asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Tell another user something.
    Say {
        /// The receiver.
        to: NodeId,
        /// The text.
        text: Arc<str>,
    },
    /// Tell the members of a group something; only a member can.
    SayIn {
        /// The group.
        group: GroupName,
        /// The text.
        text: Arc<str>,
    },
    /// Become a member of a group.
    Join(GroupName),
    /// Leave a group.
    Leave(GroupName),
    /// Follow the leader of this epoch.
    Follow(Epoch),
}

/// One user's part in the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    me: NodeId,
    config: Config,
    multicast: Nested<Multicast<Post>>,
    /// How many posts have been delivered to this user, in all its lives.
    delivered: u64,
    members: Members,
    history: History,
}

compose! {
    parts of Conversation {
        /// Of the multicast.
        Multicast(Multicast<Post>) => ask_multicast,
    }

    /// Names of durable cells.
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub cell Cell {
        ..,
        /// The remark of the delivery of this number.
        History(u64),
        /// This user is a member of this group.
        Member(GroupName, NodeId),
    }

    /// What cells hold.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub saved Saved {
        ..,
        /// A remark of the history.
        Remark(Remark),
        /// All is in the name of the cell.
        Member,
    }
}

impl Conversation {
    /// The part of user `me`.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            me,
            config,
            multicast: Nested::new(Multicast::new(config.order, me)),
            delivered: 0,
            members: Members::default(),
            history: History::new(config.history),
        }
    }

    /// What all users know.
    #[must_use]
    pub fn config(&self) -> Config {
        self.config
    }

    /// Its part that sends and delivers.
    #[must_use]
    pub fn multicast(&self) -> &Multicast<Post> {
        &self.multicast.machine
    }

    /// The members of all groups, as this user knows them.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The last remarks that its user has seen, in this life or an earlier one, oldest
    /// first.
    #[must_use]
    pub fn history(&self) -> impl DoubleEndedIterator<Item = &Remark> + ExactSizeIterator {
        self.history.remarks()
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.members = Members::default();
        for cell in storage.keys() {
            if let Cell::Member(group, user) = cell {
                self.members.insert(group, *user);
            }
        }
        self.history.restore(storage, cx);
        let mut is_first = true;
        let input = Self::start_input(storage);
        cx.nest(
            self,
            |user| Some(&mut user.multicast),
            input,
            |user, output, cx| {
                if is_first {
                    let multicast = user.multicast();
                    user.delivered = multicast.delivered().saturating_sub(multicast.recalled());
                    is_first = false;
                }
                user.on_multicast(output, cx);
            },
        );
        self.delivered = self.multicast().delivered();
    }

    fn command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        match command {
            Command::Say { to, text } => {
                let readers = [to, self.me].into_iter().collect();
                self.send(readers, Post::Direct { to, text }, cx);
            }
            Command::SayIn { group, text } => {
                if self.is_member(&group) {
                    let readers = self.readers(&group);
                    self.send(readers, Post::InGroup { group, text }, cx);
                } else {
                    cx.emit(Output::Refused(Refusal::NotMember));
                }
            }
            Command::Join(group) if self.is_member(&group) => {
                cx.emit(Output::Refused(Refusal::Member));
            }
            Command::Join(_) if self.members.groups_of(self.me) >= MOST_GROUPS => {
                cx.emit(Output::Refused(Refusal::TooManyGroups));
            }
            Command::Join(group) => {
                if mutant!(JoinsAtOnce) {
                    self.members.insert(&group, self.me);
                }
                self.send(self.all(), Post::Join(group), cx);
            }
            Command::Leave(group) if !self.is_member(&group) => {
                cx.emit(Output::Refused(Refusal::NotMember));
            }
            Command::Leave(group) => self.send(self.all(), Post::Leave(group), cx),
            Command::Follow(epoch) => {
                self.ask_multicast(Input::Command(multicast::Command::Follow(epoch)), cx);
            }
        }
    }

    fn is_member(&self, group: &GroupName) -> bool {
        self.members.contains(group, self.me)
    }

    fn all(&self) -> Destinations {
        NodeId::all(self.config.order.nodes).collect()
    }

    /// Who gets a post to this group: its members, or all where the order is one of
    /// broadcasts.
    fn readers(&self, group: &GroupName) -> Destinations {
        if self.config.order.discipline.is_for_broadcasts() {
            self.all()
        } else {
            self.members.of(group).collect()
        }
    }

    fn send(&mut self, to: Destinations, content: Post, cx: &mut Context<'_, Self>) {
        self.ask_multicast(Input::Command(multicast::Command::Send { to, content }), cx);
    }

    fn ask_multicast(&mut self, input: Input<Multicast<Post>>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |user| Some(&mut user.multicast), input, Self::on_multicast);
    }

    fn on_multicast(&mut self, output: multicast::Output<Post>, cx: &mut Context<'_, Self>) {
        match output {
            multicast::Output::Happened(multicast::Event::Sent { message, to }) => {
                cx.emit(Output::Happened(Event::Sent { message, to }));
            }
            multicast::Output::Happened(multicast::Event::Delivered { message, content }) => {
                let event = self.take(Remark { message, post: content }, cx);
                cx.emit(Output::Happened(event));
            }
            multicast::Output::Recalled(multicast::Event::Sent { message, to }) => {
                cx.emit(Output::Recalled(Event::Sent { message, to }));
            }
            multicast::Output::Recalled(multicast::Event::Delivered { message, content }) => {
                self.recall(Remark { message, post: content }, cx);
            }
            multicast::Output::Refused { why, .. } => {
                cx.emit(Output::Refused(Refusal::Order(why)));
            }
            multicast::Output::OtherSettings { saved, given } => {
                cx.emit(Output::OtherSettings { saved, given });
            }
        }
    }

    /// It was this post's turn when the node crashed.
    fn recall(&mut self, remark: Remark, cx: &mut Context<'_, Self>) {
        let number = self.delivered.saturating_add(1);
        match number.cmp(&self.history.last()) {
            // All that came of it was done before the next one was saved.
            Ordering::Less => self.delivered = number,
            Ordering::Equal if !mutant!(RecalledIsNew) => {
                self.delivered = number;
                self.change_members(&remark, cx);
                cx.emit(Output::Recalled(Event::Shown(remark)));
            }
            Ordering::Greater if mutant!(RecalledIsOld) => {
                self.delivered = number;
                cx.emit(Output::Recalled(Event::Shown(remark)));
            }
            Ordering::Equal | Ordering::Greater => {
                let event = self.take(remark, cx);
                cx.emit(Output::Recalled(event));
            }
        }
    }

    /// Does what a delivery brings about.
    fn take(&mut self, remark: Remark, cx: &mut Context<'_, Self>) -> Event {
        // No user gets 2^64 posts.
        self.delivered = self.delivered.saturating_add(1);
        let is_shown = self.is_to_be_shown(&remark);
        if mutant!(MemberBeforeHistory) {
            self.change_members(&remark, cx);
        }
        if is_shown {
            self.history.push(self.delivered, remark.clone(), cx);
        }
        self.change_members(&remark, cx);
        if is_shown { Event::Shown(remark) } else { Event::Hidden(remark.message) }
    }

    fn is_to_be_shown(&self, Remark { message, post }: &Remark) -> bool {
        let by = message.by;
        match post {
            Post::Direct { to, .. } => [*to, by].contains(&self.me),
            Post::InGroup { group, .. } => self.is_member(group) || mutant!(HearsAfterLeaving),
            Post::Join(group) => {
                self.is_joining(group, by) && (by == self.me || self.is_member(group))
            }
            Post::Leave(group) => self.members.contains(group, by) && self.is_member(group),
        }
    }

    fn change_members(&mut self, remark: &Remark, cx: &mut Context<'_, Self>) {
        let by = remark.message.by;
        match &remark.post {
            Post::Join(group) if self.is_joining(group, by) => {
                if self.members.insert(group, by) && !mutant!(MemberUnsaved) {
                    cx.save(Cell::Member(group.clone(), by), Saved::Member);
                }
            }
            Post::Leave(group) => {
                if self.members.remove(group, by) {
                    cx.erase(Cell::Member(group.clone(), by));
                }
            }
            Post::Join(_) | Post::Direct { .. } | Post::InGroup { .. } => {}
        }
    }

    /// Whether a post with which this user joins a group changes anything.
    fn is_joining(&self, group: &GroupName, user: NodeId) -> bool {
        user.number() <= self.config.order.nodes
            && !self.members.contains(group, user)
            && self.members.groups_of(user) < MOST_GROUPS
    }
}

impl Machine for Conversation {
    type Message = multicast::Message<Post>;
    type Command = Command;
    type Output = Output;
    type Timer = crate::link::sliding_window::Timer;
    type Cell = Cell;
    type Saved = Saved;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(command) => self.command(command, cx),
            input => self.route(input, cx),
        }
    }
}
