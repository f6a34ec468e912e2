//! A leave of a member that has left is passed on as news, and its time is not kept: it stays
//! news (<https://github.com/hashicorp/serf/issues/606>).

use std::collections::BTreeMap;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_stuck};

struct Member {
    form: Form,
    /// To which it passes on what is new.
    next: NodeId,
    clock: u64,
    /// When each member left, by the clock of the leave.
    left: BTreeMap<NodeId, u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Leave {
    member: NodeId,
    time: u64,
}

impl Message for Leave {
    fn kind(&self) -> &'static str {
        "leave"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    /// This member has left, its owner says.
    Leave(NodeId),
}

impl Member {
    fn hear(&mut self, leave: Leave, cx: &mut Context<'_, Self>) {
        let Leave { member, time } = leave;
        self.clock = self.clock.max(time);
        let before = self.left.get(&member).copied();
        if before.is_some_and(|before| time <= before) {
            return;
        }
        if before.is_none() || self.form == Form::Repaired {
            self.left.insert(member, time);
        }
        cx.send(self.next, leave);
    }
}

impl Machine for Member {
    type Message = Leave;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Leave(member)) => {
                let time = self.clock + 1;
                self.hear(Leave { member, time }, cx);
            }
            Input::Message { message, .. } => self.hear(message, cx),
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}

impl Small for Member {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        let after = nodes.iter().find(|node| *node > me);
        let next = after.or_else(|| nodes.iter().next()).expect("it is one of them");
        Self { form, next, clock: 0, left: BTreeMap::new() }
    }

    fn sound(_: &World<Self>, (): &()) -> Result<(), &'static str> {
        Ok(())
    }

    fn text(message: &Leave) -> String {
        format!("leave {} {}", message.member, message.time)
    }
}

#[test]
fn a_leave_of_a_member_that_has_left_comes_to_rest() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 2, command: Leave(2)),
            (at: "200ms", to: 3, command: Leave(2)),
        ]"#;
    assert_stuck::<Member>(4, PLAIN, lines, "Quiet", "messages are on their way");
}
