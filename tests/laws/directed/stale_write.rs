//! A repetition of an older write overwrites a newer one
//! (<https://github.com/coq-community/chapar/issues/3>).

use std::collections::BTreeMap;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{NodeEvent, Nodes, Observed, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, others};

/// A store of which every node has a copy; each value has the number of its write.
struct Store {
    form: Form,
    others: Vec<NodeId>,
    values: BTreeMap<char, (u64, u32)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Write {
    key: char,
    number: u64,
    value: u32,
}

impl Message for Write {
    fn kind(&self) -> &'static str {
        "write"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Put(char, u32),
}

impl Machine for Store {
    type Message = Write;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Put(key, value)) => {
                let number = self.values.get(&key).map_or(1, |(number, _)| number + 1);
                self.values.insert(key, (number, value));
                cx.send_all(self.others.iter().copied(), &Write { key, number, value });
            }
            Input::Message { message: Write { key, number, value }, .. } => {
                let known = self.values.get(&key).map_or(0, |(number, _)| *number);
                if self.form == Form::Faulty || number > known {
                    self.values.insert(key, (number, value));
                }
            }
            Input::Start(_) | Input::Link { .. } => {}
            Input::Timer(nothing) => match nothing {},
        }
    }
}

impl Small for Store {
    /// The newest write to each key that each node has shown, and whether one went back.
    type Memory = (BTreeMap<(NodeId, char), u64>, bool);

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        Self { form, others: others(me, nodes), values: BTreeMap::new() }
    }

    fn remember(
        (newest, went_back): &mut Self::Memory,
        world: &World<Self>,
        observed: &Observed<'_, Self>,
    ) {
        let (NodeEvent::StepEnd, Some(store)) = (&observed.event, world.machine(observed.node))
        else {
            return;
        };
        for (key, (number, _)) in &store.values {
            let before = newest.entry((observed.node, *key)).or_default();
            *went_back |= number < before;
            *before = *number;
        }
    }

    fn sound(_: &World<Self>, (_, went_back): &Self::Memory) -> Result<(), &'static str> {
        if *went_back { Err("an older write replaced a newer one") } else { Ok(()) }
    }

    fn text(Write { key, number, value }: &Write) -> String {
        format!("write {key} #{number} {value}")
    }
}

#[test]
fn a_repeated_write_does_not_replace_a_newer_one() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Put('x', 1)),
            (when: Receives(node: 2, text: "write x #1 *"), to: 1, command: Put('x', 2)),
        ],
        faults: [
            (when: Sends(to: 2, text: "write x #1 *"), do: Duplicate("100ms")),
        ]"#;
    assert_shown::<Store>(3, PLAIN, lines, "an older write replaced a newer one");
}
