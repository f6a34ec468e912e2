//! A member of a group of users: a [`Multicast`] node, and the election of a leader where
//! the discipline needs one.
//!
//! The two parts do not know each other. When the election names a leader, the member
//! tells the multicast to follow its epoch.

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Multicast;
use super::multicast::{self, Config};
use crate::election::{self, Election, Epoch};
use rehearsal_machine::{Context, Embeds as _, Input, Machine, Nested, NodeId, compose};

/// What users say to each other.
pub type Text = Arc<str>;

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    multicast: Nested<Multicast<Text>>,
    /// None where the owner names the leader, or where there is none.
    election: Option<Nested<Election>>,
}

compose! {
    parts of Member {
        /// Of the multicast.
        Multicast(Multicast<Text>) => ask_multicast,
        /// Of the election.
        Election(Election) => ask_election,
    }

    /// What members say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub message Message { .. }

    /// Names of deadlines.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub timer Timer { .. }

    /// Names of durable cells.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub cell Cell { .. }

    /// What cells hold.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub saved Saved { .. }
}

/// What a member tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Output {
    /// About messages.
    Multicast(multicast::Output<Text>),
    /// About the leader.
    Election(election::Output),
}

impl Member {
    /// Member `me` of a group, with this election if the members elect a leader.
    #[must_use]
    pub fn new(config: Config, me: NodeId, election: Option<Election>) -> Self {
        let multicast = Nested::new(Multicast::new(config, me));
        Self { multicast, election: election.map(Nested::new) }
    }

    /// Its part that sends and delivers.
    #[must_use]
    pub fn multicast(&self) -> &Multicast<Text> {
        &self.multicast.machine
    }

    /// Its part that agrees on a leader, if there is one.
    #[must_use]
    pub fn election(&self) -> Option<&Election> {
        self.election.as_ref().map(|election| &election.machine)
    }

    fn ask_multicast(&mut self, input: Input<Multicast<Text>>, cx: &mut Context<'_, Self>) {
        cx.nest(
            self,
            |member| Some(&mut member.multicast),
            input,
            |_, output, cx| cx.emit(Output::Multicast(output)),
        );
    }

    fn ask_election(&mut self, input: Input<Election>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |member| member.election.as_mut(), input, Self::on_election);
    }

    fn on_election(&mut self, output: election::Output, cx: &mut Context<'_, Self>) {
        let epoch = output.new_epoch();
        cx.emit(Output::Election(output));
        if let Some(epoch) = epoch {
            self.follow(epoch, cx);
        }
    }

    fn follow(&mut self, epoch: Epoch, cx: &mut Context<'_, Self>) {
        self.ask_multicast(Input::Command(multicast::Command::Follow(epoch)), cx);
    }
}

impl Machine for Member {
    type Message = Message;
    type Command = multicast::Command<Text>;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Saved;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                self.ask_multicast(Self::start_input(&storage), cx);
                self.ask_election(Self::start_input(&storage), cx);
            }
            // Ignored: the election names the leader.
            Input::Command(multicast::Command::Follow(_)) if self.election.is_some() => {}
            Input::Command(command) => self.ask_multicast(Input::Command(command), cx),
            input => self.route(input, cx),
        }
    }
}
