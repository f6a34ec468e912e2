//! A client does not know whether it got a lock, and answers as if it had: a detector takes that
//! for a wait (<https://github.com/matrixorigin/matrixone/issues/26922>).

use std::collections::BTreeMap;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown};

type Lock = u8;

/// The first node keeps the locks; the others ask for them.
struct Party {
    form: Form,
    me: NodeId,
    clients: Vec<NodeId>,
    /// At the keeper: who holds each lock.
    holders: BTreeMap<Lock, NodeId>,
    /// Of a client: the locks that it has asked for, and whether it has them.
    locks: BTreeMap<Lock, Got>,
    /// The lock that it waits for.
    waits_for: Option<Lock>,
    has_found: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    Perhaps,
    Yes,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Say {
    /// Give it at once, or not at all.
    Try(Lock),
    Granted(Lock),
    Busy(Lock),
    /// Does a client hold this lock, and for which one does it wait?
    Probe(Lock),
    Claim {
        holds: bool,
        waits_for: Option<Lock>,
    },
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Try(_) => "try",
            Self::Granted(_) => "granted",
            Self::Busy(_) => "busy",
            Self::Probe(_) => "probe",
            Self::Claim { .. } => "claim",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Try(Lock),
    /// Wait until it can be had.
    Wait(Lock),
    /// Is that a deadlock?
    Look,
}

impl Machine for Party {
    type Message = Say;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Try(lock)) => {
                self.locks.insert(lock, Got::Perhaps);
                cx.send(KEEPER, Say::Try(lock));
            }
            Input::Command(Command::Wait(lock)) => self.waits_for = Some(lock),
            Input::Command(Command::Look) => {
                if let Some(lock) = self.waits_for {
                    let others = self.clients.iter().copied().filter(|node| *node != self.me);
                    cx.send_all(others, &Say::Probe(lock));
                }
            }
            Input::Message { from, message: Say::Try(lock) } => {
                let holder = *self.holders.entry(lock).or_insert(from);
                let reply = if holder == from { Say::Granted(lock) } else { Say::Busy(lock) };
                cx.send(from, reply);
            }
            Input::Message { message: Say::Granted(lock), .. } => {
                self.locks.insert(lock, Got::Yes);
            }
            Input::Message { message: Say::Busy(lock), .. } => {
                self.locks.remove(&lock);
            }
            Input::Message { from, message: Say::Probe(lock) } => {
                let got = self.locks.get(&lock);
                let holds = match self.form {
                    Form::Faulty => got.is_some(),
                    Form::Repaired => got == Some(&Got::Yes),
                };
                cx.send(from, Say::Claim { holds, waits_for: self.waits_for });
            }
            Input::Message { message: Say::Claim { holds, waits_for }, .. } => {
                let is_mine = |lock: Lock| self.locks.get(&lock) == Some(&Got::Yes);
                self.has_found |= holds && waits_for.is_some_and(is_mine);
            }
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}

const KEEPER: NodeId = NodeId::from_index(0);

impl Small for Party {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        Self {
            form,
            me,
            clients: nodes.iter().filter(|node| *node != KEEPER).collect(),
            holders: BTreeMap::new(),
            locks: BTreeMap::new(),
            waits_for: None,
            has_found: false,
        }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let Some(keeper) = world.machine(KEEPER) else { return Ok(()) };
        let awaited = |node: NodeId| {
            let lock = world.machine(node)?.waits_for?;
            keeper.holders.get(&lock).copied()
        };
        let is_on_a_cycle = |node: NodeId| {
            let way = std::iter::successors(awaited(node), |node| awaited(*node));
            way.take(world.nodes().count()).any(|met| met == node)
        };
        let has_found = |node: &NodeId| world.machine(*node).is_some_and(|it| it.has_found);
        if world.nodes().filter(has_found).all(is_on_a_cycle) {
            Ok(())
        } else {
            Err("a deadlock that is none")
        }
    }

    fn text(message: &Say) -> String {
        message.kind().to_owned()
    }
}

#[test]
fn a_lock_that_is_perhaps_held_is_on_no_cycle() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 4, command: Try(2)),
            (at: "20ms", to: 2, command: Try(1)),
            (at: "50ms", to: 3, command: Try(2)),
            (at: "100ms", to: 3, command: Wait(1)),
            (at: "110ms", to: 2, command: Wait(2)),
            (at: "120ms", to: 2, command: Look),
        ],
        faults: [
            (when: Sends(from: 1, kind: "busy"), do: Lose),
        ]"#;
    assert_shown::<Party>(4, PLAIN, lines, "a deadlock that is none");
}
