//! Every fault of the menu does what it says, and nothing else.

mod clocks;
mod commands;
mod crashes;
mod disks;
mod filters;
mod lasting;
mod links;
mod messages;
mod nodes;
mod partitions;
mod random;
mod sessions;
mod timers;
mod triggers;
mod upgrades;
mod within_bounds;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::Report;
use rehearsal::sim::trace::EventKind;

use crate::courier::{AsWritten, Couriers, Five, at, couriers, node};

fn five(commands: impl AsRef<str>, faults: impl AsRef<str>) -> Five {
    couriers().commands(commands).wrong(faults)
}

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

/// Three letters from node 1 to node 2, at 100, 200 and 300 ms.
fn three(faults: impl AsRef<str>) -> Five {
    five(letters(1, 2, &[100, 200, 300]), faults)
}

/// When each message reached a machine: sender, recipient, milliseconds.
fn arrivals(five: &Five) -> Vec<(u32, u32, String)> {
    let arrivals = five.events(1).into_iter().filter_map(|event| match event.what {
        EventKind::Deliver { message, .. } => {
            Some((message.from.number(), message.to.number(), event.at.to_string()))
        }
        _ => None,
    });
    arrivals.collect()
}

/// When each event of a kind happened, in milliseconds.
fn times(five: &Five, is: fn(&EventKind) -> bool) -> Vec<String> {
    let events = five.events(1).into_iter().filter(|event| is(&event.what));
    events.map(|event| event.at.to_string()).collect()
}

fn deliveries(five: &Five) -> Vec<String> {
    times(five, |what| matches!(what, EventKind::Deliver { .. }))
}

fn deadlines(five: &Five) -> Vec<String> {
    times(five, |what| matches!(what, EventKind::Timer { .. }))
}

/// Which nodes are down at the end.
fn down(report: &Report<Couriers>) -> Vec<u32> {
    let down = report.world.nodes().filter(|node| !report.world.is_up(*node));
    down.map(NodeId::number).collect()
}

fn millis(millis: u64) -> Time {
    Time::from_millis(millis)
}
