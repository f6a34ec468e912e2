//! A node whose deadlines have numbers in their names: each one arms the next.

use std::time::Duration;

use rehearsal::prelude::*;
use rehearsal::sim::Scenario;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {
    Tick(u8),
}

#[derive(Debug)]
pub(crate) struct Ticker;

pub(crate) enum Ticks {}

impl Machine for Ticker {
    type Message = Nothing;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Due;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        let next = match input {
            Input::Timer(Due::Tick(number)) => number.wrapping_add(1),
            _ => 0,
        };
        let millisecond = Duration::from_millis(1);
        cx.arm(Due::Tick(next), millisecond..=millisecond);
    }
}

impl Protocol for Ticks {
    const NAME: &'static str = "Ticks";
    type Config = ();
    type Machine = Ticker;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), _: NodeId, _: &Nodes) -> Result<Ticker, Reason> {
        Ok(Ticker)
    }

    fn holds(never: &Nothing, _: Question<'_, Ticker>) -> Answer {
        match *never {}
    }
}

/// So many milliseconds of it.
pub(crate) fn scenario(until_ms: u32) -> Scenario<Ticks> {
    let text = format!(
        "(claim: \"It ticks.\", nodes: 1, until: \"{until_ms}ms\", protocol: Ticks(()),
        network: (delay: Fixed(\"1ms\")), expect: [])"
    );
    Scenario::parse("ticks.ron", &text, Files::none()).expect("a right scenario")
}
