//! Pre-vote never teaches a higher term: a node whose term is high and whose log is short can
//! neither lead nor tell the node that could (<https://github.com/etcd-io/etcd/issues/8243>).

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_stuck, others};

struct Voter {
    form: Form,
    others: Vec<NodeId>,
    term: u32,
    /// How many entries its log has.
    entries: u32,
    leads: bool,
    /// Those that would vote for it, and those that have.
    granted: BTreeSet<(bool, NodeId)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Word {
    /// Would a vote be granted, or is it asked for?
    Ask {
        is_vote: bool,
        term: u32,
        entries: u32,
    },
    Grant {
        is_vote: bool,
        term: u32,
    },
    /// The asker's term is behind.
    Behind {
        term: u32,
    },
}

impl Message for Word {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask { is_vote: false, .. } => "would_vote",
            Self::Ask { is_vote: true, .. } => "vote",
            Self::Grant { .. } => "grant",
            Self::Behind { .. } => "behind",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    /// Its log gets an entry.
    Grow,
    /// As a version without pre-vote: it takes the next term at once.
    Stand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Timer {
    Election,
}

impl Voter {
    fn ask(&mut self, is_vote: bool, cx: &mut Context<'_, Self>) {
        let term = if is_vote { self.term } else { self.term + 1 };
        self.granted.clear();
        let ask = Word::Ask { is_vote, term, entries: self.entries };
        cx.send_all(self.others.iter().copied(), &ask);
    }

    fn wait(cx: &mut Context<'_, Self>) {
        let wait = Duration::from_millis(150)..=Duration::from_millis(300);
        cx.arm(Timer::Election, wait);
    }

    fn stand(&mut self, cx: &mut Context<'_, Self>) {
        self.term += 1;
        self.ask(true, cx);
    }
}

impl Machine for Voter {
    type Message = Word;
    type Command = Command;
    type Output = Nothing;
    type Timer = Timer;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => Self::wait(cx),
            Input::Command(Command::Grow) => self.entries += 1,
            Input::Command(Command::Stand) => self.stand(cx),
            Input::Timer(Timer::Election) => {
                if !self.leads {
                    self.ask(false, cx);
                }
                Self::wait(cx);
            }
            Input::Message { from, message: Word::Ask { is_vote, term, entries } } => {
                if term <= self.term {
                    if self.form == Form::Repaired {
                        cx.send(from, Word::Behind { term: self.term });
                    }
                } else if entries >= self.entries {
                    if is_vote {
                        self.term = term;
                    }
                    cx.send(from, Word::Grant { is_vote, term });
                }
            }
            Input::Message { from, message: Word::Grant { is_vote, term } } => {
                let asked = if is_vote { self.term } else { self.term + 1 };
                if term != asked || self.leads {
                    return;
                }
                self.granted.insert((is_vote, from));
                // Its own vote, too.
                if self.granted.len() + 1 > self.others.len().div_ceil(2) {
                    if is_vote {
                        self.leads = true;
                    } else {
                        self.stand(cx);
                    }
                }
            }
            Input::Message { message: Word::Behind { term }, .. } => {
                self.term = self.term.max(term);
            }
            Input::Link { .. } => {}
        }
    }
}

impl Small for Voter {
    type Memory = ();

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self {
        let others = others(me, nodes);
        Self { form, others, term: 0, entries: 0, leads: false, granted: BTreeSet::new() }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let mut up = world.nodes().filter_map(|node| world.machine(node));
        if up.any(|it| it.leads) { Ok(()) } else { Err("nobody leads") }
    }

    fn text(message: &Word) -> String {
        message.kind().to_owned()
    }
}

#[test]
fn a_higher_term_is_told_so_that_a_leader_comes_within_a_bound() {
    let lines = r#"
        commands: [
            (at: "20ms", to: 2, command: Stand),
            (at: "30ms", to: 1, command: Grow),
            (at: "30ms", to: 3, command: Grow),
        ],
        faults: [
            (at: "10ms", do: Partition([[2], [1, 3]])),
            (at: "100ms", do: [Heal, Crash(3)]),
        ]"#;
    assert_stuck::<Voter>(3, PLAIN, lines, "Sound", "nobody leads");
}
