//! An empty append brings a newer commit index and checks nothing, so that a deposed leader
//! commits the tail that only it has (<https://github.com/atomix/copycat/issues/265>).

use std::collections::BTreeSet;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, others};

/// A term, and what was appended in it.
type Entry = (u32, u8);

struct Replica {
    form: Form,
    others: Vec<NodeId>,
    term: u32,
    leads: bool,
    log: Vec<Entry>,
    committed: usize,
    acks: BTreeSet<NodeId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Say {
    /// The entry at this place; without one, the entry before the place is told.
    Append {
        term: u32,
        place: usize,
        entry: Option<Entry>,
        before: Option<Entry>,
        committed: usize,
    },
    Ack {
        term: u32,
    },
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Append { .. } => "append",
            Self::Ack { .. } => "ack",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Lead(u32),
    Append(u8),
    /// Tell the commit index again.
    Beat,
}

impl Replica {
    fn append(&self, entry: Option<Entry>, cx: &mut Context<'_, Self>) {
        let place = self.log.len() - usize::from(entry.is_some());
        let before = place.checked_sub(1).map(|last| self.log[last]);
        let (term, committed) = (self.term, self.committed);
        let append = Say::Append { term, place, entry, before, committed };
        cx.send_all(self.others.iter().copied(), &append);
    }
}

impl Machine for Replica {
    type Message = Say;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Lead(term)) => (self.term, self.leads) = (term, true),
            Input::Command(Command::Append(value)) => {
                let entry = (self.term, value);
                self.log.push(entry);
                self.acks.clear();
                self.append(Some(entry), cx);
            }
            Input::Command(Command::Beat) => self.append(None, cx),
            Input::Message {
                from,
                message: Say::Append { term, place, entry, before, committed },
            } => {
                if term < self.term {
                    return;
                }
                if term > self.term {
                    (self.term, self.leads) = (term, false);
                }
                match entry {
                    Some(entry) => {
                        self.log.truncate(place);
                        self.log.push(entry);
                        cx.send(from, Say::Ack { term });
                    }
                    None if self.form == Form::Repaired => {
                        let own = place.checked_sub(1).and_then(|last| self.log.get(last).copied());
                        if own != before {
                            return;
                        }
                    }
                    None => {}
                }
                self.committed = committed.min(self.log.len());
            }
            Input::Message { from, message: Say::Ack { term } } => {
                self.acks.insert(from);
                if term == self.term
                    && self.leads
                    && self.acks.len() + 1 > self.others.len().div_ceil(2)
                {
                    self.committed = self.log.len();
                }
            }
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}

impl Small for Replica {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        let others = others(me, nodes);
        Self {
            form,
            others,
            term: 0,
            leads: false,
            log: Vec::new(),
            committed: 0,
            acks: BTreeSet::new(),
        }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let committed = |it: &Self| it.log[..it.committed].to_vec();
        let logs: Vec<_> =
            world.nodes().filter_map(|node| world.machine(node).map(committed)).collect();
        let agree =
            |one: &[Entry], other: &[Entry]| one.starts_with(other) || other.starts_with(one);
        let all_agree = logs.iter().all(|one| logs.iter().all(|other| agree(one, other)));
        if all_agree { Ok(()) } else { Err("two entries are committed at one place") }
    }

    fn text(message: &Say) -> String {
        message.kind().to_owned()
    }
}

#[test]
fn an_empty_append_commits_no_tail_that_it_has_not_checked() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Lead(1)),
            (at: "20ms", to: 1, command: Append(1)),
            (at: "100ms", to: 2, command: Lead(2)),
            (at: "110ms", to: 2, command: Append(2)),
            (at: "210ms", to: 2, command: Beat),
        ],
        faults: [
            (at: "15ms", do: Partition([[1], [2, 3]])),
            (at: "200ms", do: Heal),
        ]"#;
    assert_shown::<Replica>(3, PLAIN, lines, "two entries are committed at one place");
}
