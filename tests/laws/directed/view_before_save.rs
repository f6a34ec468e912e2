//! A node says that it is in a view before that is durable, and forgets it in a crash between
//! the two (<https://github.com/tigerbeetle/tigerbeetle/pull/650>).

use rehearsal::machine::Nothing;
use rehearsal::machine::{Context, Effect, Input, Machine, Message, NodeId};
use rehearsal::sim::{NodeEvent, Nodes, Observed, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, others};

struct Replica {
    form: Form,
    others: Vec<NodeId>,
    view: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct View(u64);

impl Message for View {
    fn kind(&self) -> &'static str {
        "view"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Cell {
    View,
}

impl Replica {
    fn enter(&mut self, view: u64, cx: &mut Context<'_, Self>) {
        self.view = view;
        if self.form == Form::Repaired {
            cx.save(Cell::View, view);
        }
        cx.send_all(self.others.iter().copied(), &View(view));
        if self.form == Form::Faulty {
            cx.save(Cell::View, view);
        }
    }
}

impl Machine for Replica {
    type Message = View;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.view = storage.get(&Cell::View).copied().unwrap_or(0),
            Input::Command(Command::Change) => self.enter(self.view + 1, cx),
            Input::Message { message: View(view), .. } if view > self.view => self.enter(view, cx),
            Input::Message { .. } | Input::Link { .. } => {}
            Input::Timer(nothing) => match nothing {},
        }
    }
}

impl Small for Replica {
    /// The last view that each node has said it is in.
    type Memory = Vec<u64>;

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        Self { form, others: others(me, nodes), view: 0 }
    }

    fn remember(memory: &mut Vec<u64>, world: &World<Self>, observed: &Observed<'_, Self>) {
        memory.resize(world.nodes().len(), 0);
        if let NodeEvent::Effect(Effect::Send { message: View(view), .. }) = observed.event {
            memory[observed.node.index()] = *view;
        }
    }

    fn sound(world: &World<Self>, said: &Vec<u64>) -> Result<(), &'static str> {
        let keeps = |(node, view): (NodeId, &u64)| {
            world.machine(node).is_none_or(|replica| replica.view >= *view)
        };
        let kept = world.nodes().zip(said).all(keeps);
        if kept { Ok(()) } else { Err("a node went back to an earlier view") }
    }

    fn text(View(view): &View) -> String {
        format!("view {view}")
    }
}

#[test]
fn a_node_remembers_the_view_that_it_has_announced() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Change),
        ],
        faults: [
            (when: Sends(from: 2, kind: "view"), do: Bounce(node: "it", down: "20ms")),
        ]"#;
    assert_shown::<Replica>(3, PLAIN, lines, "a node went back to an earlier view");
}
