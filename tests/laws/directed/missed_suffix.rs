//! A follower counts on a session that loses nothing, and takes what comes after a break for
//! what comes next. The leader has to send again what the end of a session may have lost, as
//! omnipaxos does when it is told that a peer has reconnected
//! (<https://github.com/haraldng/omnipaxos>).

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, Small, assert_shown, others};

/// The first node leads, and its log is the order in which its owner gave it values.
struct Replica {
    form: Form,
    followers: Vec<NodeId>,
    leads: bool,
    log: Vec<u8>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Say {
    /// The next entry. Its place is not told: the session keeps the order.
    Append(u8),
    /// All entries, from the first.
    Log(Vec<u8>),
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Append(_) => "append",
            Self::Log(_) => "log",
        }
    }
}

impl Machine for Replica {
    type Message = Say;
    type Command = u8;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    const HEARS_LINKS: bool = true;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(value) => {
                self.log.push(value);
                cx.send_all(self.followers.iter().copied(), &Say::Append(value));
            }
            Input::Message { message: Say::Append(value), .. } => self.log.push(value),
            Input::Message { message: Say::Log(log), .. } => self.log = log,
            Input::Link { peer, up: true } if self.leads && self.form == Form::Repaired => {
                cx.send(peer, Say::Log(self.log.clone()));
            }
            Input::Link { .. } | Input::Start(_) | Input::Timer(_) => {}
        }
    }
}

impl Small for Replica {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        let leads = me.number() == 1;
        let followers = if leads { others(me, nodes) } else { Vec::new() };
        Self { form, followers, leads, log: Vec::new() }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let mut logs = world.nodes().filter_map(|node| Some(&world.machine(node)?.log));
        let Some(leaders) = logs.next() else { return Ok(()) };
        if logs.all(|log| leaders.starts_with(log)) { Ok(()) } else { Err("a log with a gap") }
    }

    fn text(message: &Say) -> String {
        match message {
            Say::Append(value) => format!("append {value}"),
            Say::Log(log) => format!("log {log:?}"),
        }
    }
}

#[test]
fn what_the_end_of_a_session_has_lost_is_sent_again() {
    let network = "network: (delay: Fixed(\"10ms\"), sessions: ())";
    let lines = r#"
        commands: [
            (at: "100ms", to: 1, command: 1),
            (at: "200ms", to: 1, command: 2),
        ],
        faults: [
            (when: Sends(from: 1, to: 2, text: "append 1"), do: Break([(1, 2)])),
        ]"#;
    assert_shown::<Replica>(3, network, lines, "a log with a gap");
}
