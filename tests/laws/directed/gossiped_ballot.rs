//! The largest ballot is gossiped, so that two nodes that do not hear each other outbid each
//! other as long as a third hears both (<https://github.com/haraldng/omnipaxos/issues/1>).

use std::collections::BTreeMap;
use std::time::Duration;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, Small, assert_shown, others};

/// A number, and the node that has it.
type Ballot = (u32, NodeId);

struct Elector {
    form: Form,
    others: Vec<NodeId>,
    own: Ballot,
    /// The largest ballot it knows of.
    leader: Ballot,
    /// What each node has said of its own ballot since the last look.
    heard: BTreeMap<NodeId, Ballot>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Heartbeat {
    own: Ballot,
    /// What the sender has heard from others.
    gossip: Ballot,
}

impl Message for Heartbeat {
    fn kind(&self) -> &'static str {
        "heartbeat"
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Timer {
    Round,
}

impl Elector {
    fn round(&mut self, cx: &mut Context<'_, Self>) {
        let heard = std::mem::take(&mut self.heard);
        let alive = heard.values().copied().chain([self.own]).max().unwrap_or(self.own);
        if alive < self.leader && self.leader.1 != self.own.1 {
            // The leader is not heard: outbid it.
            self.own.0 = self.leader.0 + 1;
            self.leader = self.own;
        } else {
            self.leader = self.leader.max(alive);
        }
        let beat = Heartbeat { own: self.own, gossip: self.leader };
        cx.send_all(self.others.iter().copied(), &beat);
        let round = Duration::from_millis(30);
        cx.arm(Timer::Round, round..=round);
    }
}

impl Machine for Elector {
    type Message = Heartbeat;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Timer;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) | Input::Timer(Timer::Round) => self.round(cx),
            Input::Message { from, message: Heartbeat { own, gossip } } => {
                self.heard.insert(from, own);
                if self.form == Form::Faulty {
                    self.leader = self.leader.max(gossip);
                }
            }
            Input::Command(nothing) => match nothing {},
            Input::Link { .. } => {}
        }
    }
}

impl Small for Elector {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        let own = (0, me);
        Self { form, others: others(me, nodes), own, leader: own, heard: BTreeMap::new() }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let mut machines = world.nodes().filter_map(|node| world.machine(node));
        if machines.any(|elector| elector.own.0 > 5) { Err("ballots without end") } else { Ok(()) }
    }

    fn text(Heartbeat { own, gossip }: &Heartbeat) -> String {
        format!("heartbeat {}.{} {}.{}", own.0, own.1, gossip.0, gossip.1)
    }
}

#[test]
fn one_link_that_stays_cut_does_not_raise_ballots_without_end() {
    let calm = r#"network: (delay: Fixed("10ms"), loss: "1/20"), calm_at: "300ms""#;
    let lines = r#"
        faults: [
            (at: "100ms", do: Cut([(1, 3)]), lasting: true),
        ]"#;
    assert_shown::<Elector>(3, calm, lines, "ballots without end");
}
