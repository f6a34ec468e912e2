//! Every 50 ms a node tells two others how often it has done so, and each of them echoes.

use std::time::Duration;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal_sim::{Answer, Look, Nodes, Plain, Protocol, Question, Reason};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Say {
    Rumor(u64),
    Echo(u64),
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Rumor(_) => "rumor",
            Self::Echo(_) => "echo",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Tell;

#[derive(Debug)]
pub(crate) struct Teller {
    nodes: u64,
    count: u64,
}

const PERIOD: Duration = Duration::from_millis(50);

impl Machine for Teller {
    type Message = Say;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Tell;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => cx.arm(Tell, Duration::ZERO..=PERIOD),
            Input::Timer(Tell) => {
                self.count += 1;
                let me = u64::from(cx.me().number());
                let step = cx.draw(1..=self.nodes - 2);
                for step in [step, step + 1] {
                    let peer = (me - 1 + step) % self.nodes + 1;
                    let peer = NodeId::new(peer as u32).expect("from 1");
                    cx.send(peer, Say::Rumor(self.count));
                }
                cx.arm(Tell, PERIOD..=PERIOD);
            }
            Input::Message { from, message: Say::Rumor(count) } => {
                cx.send(from, Say::Echo(count));
            }
            Input::Message { message: Say::Echo(_), .. } | Input::Link { .. } => {}
        }
    }
}

pub(crate) enum Gossip {}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Claim {}

impl Protocol for Gossip {
    const NAME: &'static str = "Gossip";
    type Config = ();
    type Machine = Teller;
    type Property = Claim;
    type Memory = ();
    type Look = Self;
    type Owner = Plain;

    fn build((): &(), _: NodeId, nodes: &Nodes) -> Result<Teller, Reason> {
        Ok(Teller { nodes: nodes.iter().count() as u64, count: 0 })
    }

    fn holds(claim: &Claim, _: Question<'_, Teller>) -> Answer {
        match *claim {}
    }
}

impl Look<Self> for Gossip {
    fn message_text(message: &Say) -> String {
        match message {
            Say::Rumor(count) => format!("rumor {count}"),
            Say::Echo(count) => format!("echo {count}"),
        }
    }
}
