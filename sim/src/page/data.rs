//! The data of a page, as its scripts read it.

use serde::Serialize;

/// All of a page.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    /// Texts; everything below names one by its place.
    pub(super) texts: Vec<String>,
    /// One run, or two side by side.
    pub(super) runs: Vec<RunData>,
    /// How the events of two runs belong together.
    pub(super) pairs: Option<Pairs>,
    /// What was left out, a sentence each.
    pub(super) cuts: Vec<String>,
}

/// A run.
#[derive(Debug, Serialize)]
pub(super) struct RunData {
    pub(super) name: String,
    pub(super) claim: String,
    pub(super) protocol: String,
    pub(super) configuration: String,
    /// The letter of a role and its meaning.
    pub(super) legend: Vec<(char, String)>,
    /// A number that JSON's readers would round is a text.
    pub(super) seed: Option<String>,
    pub(super) again: Option<String>,
    pub(super) nodes: u32,
    /// How many events happened before the first one.
    pub(super) dropped: u64,
    /// The roles before the first event: a letter, and a peer's number or 0.
    pub(super) lanes: Vec<Option<(char, u32)>>,
    pub(super) failure: Option<FailureData>,
    pub(super) held: Option<Vec<String>>,
    /// A key, and what the plan decided about it.
    pub(super) decided: Vec<(String, String)>,
    pub(super) events: Columns,
    pub(super) states: StateData,
    /// An event, none where it is before the first one, a node, and the nodes that it waits for
    /// from then on.
    pub(super) waits: Vec<(Option<u64>, u32, Vec<u32>)>,
    /// The places of the sends of messages that were delayed.
    pub(super) delayed: Vec<u64>,
    /// Nanoseconds, and thousandths.
    pub(super) curve: Vec<(u64, u16)>,
}

/// A check that was violated.
#[derive(Debug, Serialize)]
pub(super) struct FailureData {
    pub(super) check: String,
    pub(super) reason: String,
    pub(super) at: u64,
    pub(super) detail: String,
    /// Where the run stood, if it failed because something did not happen; may be empty.
    pub(super) stuck: String,
    /// Did the last step fail it?
    pub(super) step: bool,
}

/// The events, a column for each of their fields. A node is its number, or 0.
#[derive(Debug, Default, Serialize)]
pub(super) struct Columns {
    /// Which kind: a place in the list of kinds that the scripts have, too.
    pub(super) what: Vec<u8>,
    /// Nanoseconds since the event before, or since the beginning.
    pub(super) at: Vec<u64>,
    /// How many events before this one its cause is; 0 where there is none.
    pub(super) cause: Vec<u64>,
    /// Where it happened.
    pub(super) node: Vec<u32>,
    /// The other end of a message; the node that a role is about.
    pub(super) peer: Vec<u32>,
    /// What it says.
    pub(super) text: Vec<u32>,
    /// The kind of a message, or the name of a timer or a cell.
    pub(super) name: Vec<u32>,
    /// The key, as a plan lists it.
    pub(super) key: Vec<u32>,
    /// A copy, an incarnation, a deadline in nanoseconds, or 1 of a session that begins.
    pub(super) extra: Vec<u64>,
    /// Of an event with this place: why the message was lost.
    pub(super) lost: Vec<(u32, u32)>,
    /// Of an event with this place: when copies arrive that do not arrive in these events.
    pub(super) arrives: Vec<(u32, Vec<u64>)>,
    /// Of an event with this place: the sides of a partition.
    pub(super) sides: Vec<(u32, Vec<Vec<u32>>)>,
    /// Of an event with this place: links.
    pub(super) links: Vec<(u32, Vec<(u32, u32)>)>,
}

/// What machines were like.
#[derive(Debug, Default, Serialize)]
pub(super) struct StateData {
    /// States, each a list of lines.
    pub(super) bodies: Vec<Vec<u32>>,
    /// The event that is the input of a step, the state before it if it is the first of its node,
    /// and the state after it.
    pub(super) steps: Vec<(u64, Option<usize>, Option<usize>)>,
}

/// Which events of two runs are the same.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Pairs {
    /// From this place in the first run and this one in the second, so many are the same.
    pub(super) same: Vec<(u32, u32, u32)>,
    /// The places in the first run of events that are the same and say something else.
    pub(super) changed: Vec<u32>,
    /// Where the runs first differ, in either.
    pub(super) first: Option<(u32, u32)>,
}
