//! Every fault of the menu does what it says, and nothing else.

mod clocks;
mod disks;
mod links;
mod nodes;
mod partitions;
mod random;
mod triggers;
mod upgrades;

use rehearsal::machine::Time;
use rehearsal::sim::trace::{Event, EventKind};

use crate::courier::{AsWritten, Five, at, node};

/// What a node told its owner after its first start.
fn outputs(five: &Five, number: u32) -> Vec<String> {
    five.run(1).world.outputs(node(number))[1..].to_vec()
}

/// Letters 1, 2, 3, ... by the first to the second, at these milliseconds.
fn letters(from: u32, to: u32, times: &[u32]) -> String {
    let letters = (1..).zip(times);
    letters
        .map(|(letter, millis)| at(*millis, from, &format!("Send(to: {to}, letter: {letter})")))
        .collect()
}

/// When each message reached a machine: from whom, to whom, which, in milliseconds.
fn arrivals(events: &[Event]) -> Vec<(u32, u32, String, String)> {
    let arrival = |event: &Event| match &event.what {
        EventKind::Deliver { node, message } => {
            Some((message.from.number(), node.number(), message.text.clone(), event.at.to_string()))
        }
        _ => None,
    };
    events.iter().filter_map(arrival).collect()
}

fn millis(millis: u64) -> Time {
    Time::from_millis(millis)
}
