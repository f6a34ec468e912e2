//! Nodes in a ring that watch each other: every 50 ms a node sends a heartbeat
//! to the next one, and each receipt puts off the instant, 200 ms later, at
//! which the receiver would suspect the sender. Nobody ever fails.

use std::time::Duration;

use rehearsal::prelude::*;
use rehearsal::sim::Scenario;
use serde::{Deserialize, Serialize};

pub(crate) const PERIOD: Duration = Duration::from_millis(50);
pub(crate) const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Heartbeat;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {
    Beat,
    Suspicion,
}

/// One node of the ring.
#[derive(Debug)]
pub(crate) struct Watcher {
    next: NodeId,
    heard: u64,
}

pub(crate) enum Ring {}

impl Message for Heartbeat {
    fn kind(&self) -> &'static str {
        "heartbeat"
    }
}

impl Machine for Watcher {
    type Message = Heartbeat;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Due;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => cx.arm(Due::Beat, Duration::ZERO..=PERIOD),
            Input::Timer(Due::Beat) => {
                cx.send(self.next, Heartbeat);
                cx.arm(Due::Beat, PERIOD..=PERIOD);
            }
            Input::Message { message: Heartbeat, .. } => {
                self.heard += 1;
                cx.arm(Due::Suspicion, PATIENCE..=PATIENCE);
            }
            Input::Timer(Due::Suspicion) => panic!("nobody fails"),
            Input::Link { .. } => {}
        }
    }
}

impl Protocol for Ring {
    const NAME: &'static str = "Ring";
    type Config = ();
    type Machine = Watcher;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), me: NodeId, nodes: &Nodes) -> Result<Watcher, Reason> {
        let next = NodeId::from_index((me.index() + 1) % nodes.count() as usize);
        Ok(Watcher { next, heard: 0 })
    }

    fn holds(never: &Nothing, _: Question<'_, Watcher>) -> Answer {
        match *never {}
    }
}

/// A ring until then, with delays of 1 to 10 ms.
pub(crate) fn scenario(nodes: u32, until_ms: u64) -> Scenario<Ring> {
    let text = format!(
        r#"(claim: "Nobody fails.", protocol: Ring(()), nodes: {nodes}, until: "{until_ms}ms",
        network: (delay: Uniform("1ms", "10ms")), expect: [])"#
    );
    Scenario::parse("ring.ron", &text, Files::none()).expect("a right scenario")
}
