//! A protocol with a bug, a scenario that finds it, and the story of the run:
//! `cargo run --example ping_pong`.
//!
//! Node 1 serves a ball and waits for node 2 to return it. Both count. When no
//! return arrives, node 1 serves the same ball again, and node 2 cannot tell it
//! from the next one.

use std::time::Duration;

use rehearsal::prelude::*;
use rehearsal::sim::{Files, Keep, Options, Scenario, run, story};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Ball {
    Ping,
    Pong,
}

impl Message for Ball {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Pong => "pong",
        }
    }
}

/// The deadline for the return of a ball.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Return;

/// One player. The first one has an opponent to serve to.
struct Player {
    opponent: Option<NodeId>,
    balls: u32,
    count: u32,
}

impl Machine for Player {
    type Message = Ball;
    type Timer = Return;
    type Command = Nothing;
    type Output = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) | Input::Timer(Return) | Input::Link { .. } => {}
            Input::Message { from, message: Ball::Ping } => {
                self.count += 1;
                return cx.send(from, Ball::Pong);
            }
            Input::Message { message: Ball::Pong, .. } => self.count += 1,
        }
        match self.opponent {
            Some(opponent) if self.count < self.balls => {
                cx.send(opponent, Ball::Ping);
                cx.arm(Return, Duration::from_millis(50)..=Duration::from_millis(50));
            }
            _ => cx.disarm(Return),
        }
    }
}

/// The protocol: how a scenario configures it, and what can be expected of it.
struct PingPong;

#[derive(Deserialize)]
struct Config {
    balls: u32,
}

#[derive(Debug, Deserialize)]
enum Property {
    /// Node 2 has counted at most one ball more than node 1.
    InStep,
}

impl Protocol for PingPong {
    const NAME: &'static str = "PingPong";
    type Config = Config;
    type Machine = Player;
    type Property = Property;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(config: &Config, me: NodeId, nodes: &Nodes) -> Result<Player, Reason> {
        let opponent = nodes.iter().nth(1).filter(|opponent| me < *opponent);
        Ok(Player { opponent, balls: config.balls, count: 0 })
    }

    fn holds(property: &Property, question: Question<'_, Player>) -> Answer {
        match property {
            Property::InStep => question.of_world(|view| {
                let players = view.nodes().filter_map(|node| view.machine(node));
                match players.map(|player| player.count).collect::<Vec<_>>()[..] {
                    [one, two] if two > one + 1 => {
                        let detail = || format!("n1 has counted {one}, n2 {two}");
                        Err(view.violation("a ball was counted twice", detail))
                    }
                    _ => Ok(()),
                }
            }),
        }
    }
}

/// What happens in the scenario of `ping_pong.ron`.
pub(crate) fn story() -> String {
    let source = include_str!("ping_pong.ron");
    let scenario = Scenario::<PingPong>::parse("ping_pong.ron", source, Files::none());
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let options = Options::seed(0).keep(Keep::Trace);
    let seed = options.seed;
    story::tell(&scenario, seed, &run(&scenario, options))
}

fn main() {
    print!("{}", story());
}
