//! Every 100 ms n1 holds a ballot, and all save its number before they vote.

use std::time::Duration;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use rehearsal_sim::{Answer, Lane, Look, Nodes, Owner, Protocol, Question, Reason, World};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Say {
    Ballot(u64),
    Vote(u64),
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ballot(_) => "ballot",
            Self::Vote(_) => "vote",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    Forget,
    Note(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Round;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Last;

#[derive(Debug, Serialize)]
pub(crate) struct Won(u64);

pub(crate) struct Voter {
    nodes: u32,
    last: u64,
    votes: u32,
}

const PERIOD: Duration = Duration::from_millis(100);

impl Machine for Voter {
    type Message = Say;
    type Command = Ask;
    type Output = Won;
    type Timer = Round;
    type Cell = Last;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                self.last = storage.get(&Last).copied().unwrap_or(0);
                if cx.me().number() == 1 {
                    cx.arm(Round, PERIOD..=PERIOD);
                }
            }
            Input::Timer(Round) => {
                self.take(self.last + 1, cx);
                self.votes = 1;
                for peer in (2..=self.nodes).filter_map(NodeId::new) {
                    cx.send(peer, Say::Ballot(self.last));
                }
                cx.arm(Round, PERIOD..=PERIOD);
            }
            Input::Message { from, message: Say::Ballot(ballot) } => {
                self.take(ballot, cx);
                cx.send(from, Say::Vote(ballot));
            }
            Input::Message { message: Say::Vote(ballot), .. } if ballot == self.last => {
                self.votes += 1;
                if self.votes == 2 {
                    cx.emit(Won(ballot));
                }
            }
            Input::Message { .. } | Input::Command(Ask::Note(_)) | Input::Link { .. } => {}
            Input::Command(Ask::Forget) => cx.erase(Last),
        }
    }
}

impl Voter {
    fn take(&mut self, ballot: u64, cx: &mut Context<'_, Self>) {
        self.last = ballot;
        cx.save(Last, ballot);
    }
}

pub(crate) enum Ballots {}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Claim {
    /// No two nodes are more than one ballot apart.
    Close,
    /// Never.
    Finished,
}

impl Protocol for Ballots {
    const NAME: &'static str = "Ballots";
    type Config = ();
    type Machine = Voter;
    type Property = Claim;
    type Memory = ();
    type Look = Self;
    type Owner = Self;

    fn build((): &(), _: NodeId, nodes: &Nodes) -> Result<Voter, Reason> {
        Ok(Voter { nodes: nodes.iter().count() as u32, last: 0, votes: 0 })
    }

    fn holds(claim: &Claim, question: Question<'_, Voter>) -> Answer {
        match claim {
            Claim::Close => question.of_world(|view| {
                let world: &World<Voter> = view;
                let ballot = |node| world.machine(node).map(|voter| voter.last);
                let ballots: Vec<_> = world.nodes().filter_map(ballot).collect();
                let (least, most) = (ballots.iter().min(), ballots.iter().max());
                match (least, most) {
                    (Some(least), Some(most)) if most - least > 1 => Err("ballots are far apart"),
                    _ => Ok(()),
                }
            }),
            Claim::Finished => question.of_world(|_| Err("it goes on")),
        }
    }
}

impl Look<Self> for Ballots {
    fn message_text(message: &Say) -> String {
        match message {
            Say::Ballot(number) => format!("ballot {number}"),
            Say::Vote(number) => format!("vote {number}"),
        }
    }

    fn lane(voter: &Voter) -> Lane {
        match NodeId::new(1) {
            _ if voter.votes == 1 => Lane::from('C'),
            Some(first) if voter.last > 0 => Lane::towards('F', first),
            _ => Lane::from('.'),
        }
    }
}

impl Owner<Self> for Ballots {}
