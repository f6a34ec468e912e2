//! A candidate that steps down in its own term forgets its vote, and votes a second time
//! (<https://github.com/microsoft/CCF/issues/5891>).

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::{Context, Effect, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{NodeEvent, Nodes, Observed, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, others};

/// The first term of an election is all that is needed here.
struct Member {
    form: Form,
    others: Vec<NodeId>,
    vote: Option<NodeId>,
    voters: BTreeSet<NodeId>,
    leads: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Word {
    Request,
    Grant,
    Leader,
}

impl Message for Word {
    fn kind(&self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Grant => "grant",
            Self::Leader => "leader",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Timer {
    Election,
}

impl Machine for Member {
    type Message = Word;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Timer;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => {
                let (least, most) = (Duration::from_secs(1), Duration::from_secs(9));
                cx.arm(Timer::Election, least..=most);
            }
            Input::Timer(Timer::Election) => {
                self.vote = Some(cx.me());
                self.voters.insert(cx.me());
                cx.send_all(self.others.iter().copied(), &Word::Request);
            }
            Input::Message { from, message: Word::Request } => {
                if self.vote.is_none_or(|vote| vote == from) {
                    self.vote = Some(from);
                    cx.send(from, Word::Grant);
                }
            }
            Input::Message { from, message: Word::Grant } => {
                self.voters.insert(from);
                if !self.leads && self.voters.len() > self.others.len().div_ceil(2) {
                    self.leads = true;
                    cx.send_all(self.others.iter().copied(), &Word::Leader);
                }
            }
            Input::Message { message: Word::Leader, .. } => {
                cx.disarm(Timer::Election);
                if self.form == Form::Faulty {
                    self.vote = None;
                }
            }
            Input::Command(nothing) => match nothing {},
            Input::Link { .. } => {}
        }
    }
}

impl Small for Member {
    /// The nodes that each node has granted its vote, or kept it for itself.
    type Memory = Vec<BTreeSet<NodeId>>;

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        Self { form, others: others(me, nodes), vote: None, voters: BTreeSet::new(), leads: false }
    }

    fn remember(memory: &mut Self::Memory, world: &World<Self>, observed: &Observed<'_, Self>) {
        memory.resize(world.nodes().len(), BTreeSet::new());
        let votes = &mut memory[observed.node.index()];
        match observed.event {
            NodeEvent::Effect(Effect::Send { to, message: Word::Grant }) => {
                votes.insert(*to);
            }
            NodeEvent::Effect(Effect::Send { message: Word::Request, .. }) => {
                votes.insert(observed.node);
            }
            _ => {}
        }
    }

    fn sound(_: &World<Self>, votes: &Self::Memory) -> Result<(), &'static str> {
        if votes.iter().any(|votes| votes.len() > 1) {
            Err("a node voted twice in a term")
        } else {
            Ok(())
        }
    }

    fn text(message: &Word) -> String {
        message.kind().to_owned()
    }
}

#[test]
fn a_candidate_that_steps_down_in_its_term_does_not_vote_again() {
    let lines = r#"
        faults: [
            (at: "10ms", do: [
                Fire(node: 1, timer: "election"),
                Fire(node: 2, timer: "election"),
                Fire(node: 3, timer: "election"),
            ]),
            (when: Sends(from: 3, to: 2), before: Receives(node: 2, kind: "leader"), do: Withhold),
        ]"#;
    assert_shown::<Member>(5, PLAIN, lines, "a node voted twice in a term");
}
