//! Votes are counted, not voters: a late grant and its repetition make a majority of two
//! (<https://github.com/ktoso/akka-raft/issues/45>).

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, others};

struct Candidate {
    form: Form,
    others: Vec<NodeId>,
    majority: usize,
    grants: usize,
    voters: BTreeSet<NodeId>,
    leads: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Vote {
    Request,
    Grant,
}

impl Message for Vote {
    fn kind(&self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Grant => "grant",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Stand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Timer {
    Again,
}

impl Candidate {
    fn ask(&self, cx: &mut Context<'_, Self>) {
        cx.send_all(self.others.iter().copied(), &Vote::Request);
        let again = Duration::from_millis(50);
        cx.arm(Timer::Again, again..=again);
    }
}

impl Machine for Candidate {
    type Message = Vote;
    type Command = Command;
    type Output = Nothing;
    type Timer = Timer;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Stand) => self.ask(cx),
            Input::Timer(Timer::Again) if !self.leads => self.ask(cx),
            Input::Message { from, message: Vote::Request } => cx.send(from, Vote::Grant),
            Input::Message { from, message: Vote::Grant } => {
                self.grants += 1;
                self.voters.insert(from);
                let votes = match self.form {
                    Form::Faulty => self.grants,
                    Form::Repaired => self.voters.len(),
                };
                // Its own vote, too.
                self.leads |= votes + 1 >= self.majority;
            }
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}

impl Small for Candidate {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        let others = others(me, nodes);
        let majority = others.len().div_ceil(2) + 1;
        Self { form, others, majority, grants: 0, voters: BTreeSet::new(), leads: false }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let is_alone = |it: &Self| it.leads && it.voters.len() + 1 < it.majority;
        let mut machines = world.nodes().filter_map(|node| world.machine(node));
        if machines.any(is_alone) { Err("a leader without a majority") } else { Ok(()) }
    }

    fn text(message: &Vote) -> String {
        message.kind().to_owned()
    }
}

#[test]
fn a_late_grant_and_its_repetition_make_no_majority() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Stand),
        ],
        faults: [
            (at: "0ms", do: Partition([[1, 2], [3, 4, 5]])),
            (when: Sends(from: 2, kind: "grant"), do: Delay("60ms")),
        ]"#;
    assert_shown::<Candidate>(5, PLAIN, lines, "a leader without a majority");
}
