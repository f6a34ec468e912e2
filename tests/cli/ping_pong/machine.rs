//! The smallest protocol of one's own: node 1 pings node 2 until it has heard enough pongs.

use std::time::Duration;

use rehearsal::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Say {
    Ping,
    Pong,
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Pong => "pong",
        }
    }
}

/// Wakes node 1 for its next ping.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Again;

/// One player, who still wants so many pongs.
pub struct Player {
    peer: Option<NodeId>,
    wants: u32,
}

impl Machine for Player {
    type Message = Say;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Again;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Message { from, message: Say::Ping } => cx.send(from, Say::Pong),
            Input::Message { message: Say::Pong, .. } => self.wants = self.wants.saturating_sub(1),
            Input::Start(_) | Input::Timer(Again) => {
                if let Some(peer) = self.peer.filter(|_| self.wants > 0) {
                    cx.send(peer, Say::Ping);
                    cx.arm(Again, Duration::from_millis(50)..=Duration::from_millis(70));
                }
            }
        }
    }
}

pub struct PingPong;

#[derive(Deserialize)]
pub struct Config {
    pongs: u32,
}

#[derive(Debug, Deserialize)]
pub enum Fact {
    EnoughPongs,
}

impl Protocol for PingPong {
    const NAME: &'static str = "PingPong";
    type Config = Config;
    type Machine = Player;
    type Property = Fact;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(config: &Config, me: NodeId, nodes: &Nodes) -> Result<Player, Reason> {
        let peer = nodes.iter().nth(1).filter(|_| me.index() == 0);
        Ok(Player { peer, wants: if peer.is_some() { config.pongs } else { 0 } })
    }

    fn holds(fact: &Fact, question: Question<'_, Player>) -> Answer {
        match fact {
            Fact::EnoughPongs => question.of_every_node(|view, node| match view.machine(node) {
                Some(player) if player.wants > 0 => {
                    let detail = || format!("{node} wants {} more", player.wants);
                    Err(view.violation("too few pongs", detail))
                }
                _ => Ok(()),
            }),
        }
    }
}
