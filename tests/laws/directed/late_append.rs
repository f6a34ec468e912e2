//! An append deletes everything behind it, so that a late one removes what was acknowledged
//! (<https://github.com/ktoso/akka-raft/issues/66>).

use rehearsal::machine::{Context, Effect, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{NodeEvent, Nodes, Observed, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, others, reason_of};

/// The first node appends what its owner writes; the others keep a copy of its log.
struct Replica {
    form: Form,
    others: Vec<NodeId>,
    log: Vec<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Append {
    /// This entry stands at this place.
    Append { place: usize, entry: u32 },
    /// The log has so many entries.
    Ack { entries: usize },
}

impl Message for Append {
    fn kind(&self) -> &'static str {
        match self {
            Self::Append { .. } => "append",
            Self::Ack { .. } => "ack",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Write(u32),
}

impl Machine for Replica {
    type Message = Append;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Write(entry)) => {
                let place = self.log.len();
                self.log.push(entry);
                cx.send_all(self.others.iter().copied(), &Append::Append { place, entry });
            }
            Input::Message { from, message: Append::Append { place, entry } } => {
                if place > self.log.len() {
                    return;
                }
                match self.form {
                    Form::Faulty => {
                        self.log.truncate(place);
                        self.log.push(entry);
                    }
                    Form::Repaired if self.log.get(place) != Some(&entry) => {
                        self.log.truncate(place);
                        self.log.push(entry);
                    }
                    Form::Repaired => {}
                }
                cx.send(from, Append::Ack { entries: self.log.len() });
            }
            Input::Message { message: Append::Ack { .. }, .. }
            | Input::Start(_)
            | Input::Link { .. } => {}
            Input::Timer(nothing) => match nothing {},
        }
    }
}

impl Small for Replica {
    /// How many entries each node has acknowledged.
    type Memory = Vec<usize>;

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        Self { form, others: others(me, nodes), log: Vec::new() }
    }

    fn remember(memory: &mut Vec<usize>, world: &World<Self>, observed: &Observed<'_, Self>) {
        memory.resize(world.nodes().len(), 0);
        if let NodeEvent::Effect(Effect::Send { message: Append::Ack { entries }, .. }) =
            observed.event
        {
            let most = &mut memory[observed.node.index()];
            *most = (*most).max(*entries);
        }
    }

    fn sound(world: &World<Self>, acknowledged: &Vec<usize>) -> Result<(), &'static str> {
        let has_all = |(node, entries): (NodeId, &usize)| {
            world.machine(node).is_none_or(|replica| replica.log.len() >= *entries)
        };
        let kept = world.nodes().zip(acknowledged).all(has_all);
        if kept { Ok(()) } else { Err("an acknowledged entry is gone") }
    }

    fn text(message: &Append) -> String {
        match message {
            Append::Append { place, entry } => format!("append {place} {entry}"),
            Append::Ack { entries } => format!("ack {entries}"),
        }
    }
}

const LINES: &str = r#"
    commands: [
        (at: "10ms", to: 1, command: Write(7)),
        (at: "20ms", to: 1, command: Write(8)),
    ],
    faults: [
        (when: Sends(to: 2, text: "append 0 *"), do: Duplicate("50ms")),
    ]"#;

#[test]
fn a_late_append_removes_nothing_that_was_acknowledged() {
    assert_shown::<Replica>(3, PLAIN, LINES, "an acknowledged entry is gone");
}

#[test]
fn on_fifo_links_the_late_append_does_no_harm() {
    let fifo = r#"network: (delay: Fixed("10ms"), fifo: All)"#;
    assert_eq!(reason_of::<Replica>(3, fifo, LINES), None);
}
