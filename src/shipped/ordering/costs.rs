use rehearsal_machine::{Effect, Input, Message as _, NodeId};
use rehearsal_protocol::link::sliding_window;
use rehearsal_protocol::ordering::group::{Member, Message};
use rehearsal_sim::{NodeEvent, Observed};

/// What the messages of a run have cost: how many numbers they carried for the sake of the
/// order, and how many each node has sent or received. A message that is sent again counts again.
#[derive(Debug, Default)]
pub(super) struct Costs {
    kinds: Vec<Kind>,
    /// Of each node, how many messages it has sent or received.
    load: Vec<u64>,
}

/// The messages of one kind.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    messages: u64,
    numbers: u64,
}

impl Costs {
    pub(super) fn observe(&mut self, observed: &Observed<'_, Member>) {
        match observed.event {
            NodeEvent::Input(Input::Start(_)) => self.note_load(observed.node, 0),
            NodeEvent::Input(Input::Message { .. }) => self.note_load(observed.node, 1),
            NodeEvent::Effect(Effect::Send { message, .. }) => {
                self.note_load(observed.node, 1);
                self.note_numbers(message);
            }
            _ => {}
        }
    }

    /// A line about the numbers, and one about the load; none if nothing was observed.
    pub(super) fn lines(&self) -> Vec<String> {
        if self.load.is_empty() {
            return Vec::new();
        }
        let with_numbers = self.kinds.iter().filter(|kind| kind.numbers > 0);
        let numbers: Vec<_> = with_numbers.map(Kind::text).collect();
        let numbers = if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") };
        let mut lines = vec![format!("numbers for the order: {numbers}")];
        // The first of those with the largest.
        let largest = self.load.iter().enumerate().rev().max_by_key(|(_, load)| **load);
        if let Some((place, largest)) = largest {
            let mean = tenths(self.load.iter().sum(), self.load.len() as u64);
            let node = NodeId::from_index(place);
            lines.push(format!("load: {largest} messages sent or received by {node}, mean {mean}"));
        }
        lines
    }

    fn note_load(&mut self, node: NodeId, messages: u64) {
        let nodes = self.load.len().max(node.index() + 1);
        self.load.resize(nodes, 0);
        self.load[node.index()] += messages;
    }

    fn note_numbers(&mut self, message: &Message) {
        let Message::Multicast(sliding_window::Message::Data { content, .. }) = message else {
            return;
        };
        let (name, numbers) = (message.kind(), content.packet.ints() as u64);
        match self.kinds.iter_mut().find(|kind| kind.name == name) {
            Some(kind) => {
                kind.messages += 1;
                kind.numbers += numbers;
            }
            None => self.kinds.push(Kind { name, messages: 1, numbers }),
        }
    }
}

impl Kind {
    /// `20 in 4 data (5 each)`.
    fn text(&self) -> String {
        let Self { name, messages, numbers } = self;
        format!("{numbers} in {messages} {name} ({} each)", tenths(*numbers, *messages))
    }
}

/// A quotient, to a tenth where it is no whole number.
fn tenths(sum: u64, count: u64) -> String {
    if sum.is_multiple_of(count) {
        return (sum / count).to_string();
    }
    let tenths = (sum * 10 + count / 2) / count;
    format!("{}.{}", tenths / 10, tenths % 10)
}
