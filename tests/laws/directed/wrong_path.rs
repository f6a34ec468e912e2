//! Three searches for a cycle of waits, each with a mistake: the breadth-first one blames a node
//! beside the cycle (<https://github.com/citusdata/citus/issues/1960>), the one that marks what it
//! has visited takes two ways to one node for a cycle
//! (<https://github.com/matrixorigin/matrixone/issues/26302>), and the one that walks until it is
//! back at its start never ends in a cycle beside it
//! (<https://github.com/multiscale/muscle3/issues/395>).

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Nodes, World};
use serde::{Deserialize, Serialize};

use super::{Form, PLAIN, Small, assert_shown, assert_stuck};

type Waits = BTreeMap<NodeId, BTreeSet<NodeId>>;

/// Knows for which nodes it waits. A search passes from node to node along the waits.
struct Waiter<const MISTAKE: u8> {
    form: Form,
    waits_for: BTreeSet<NodeId>,
    /// Of a search that has ended here, the one that is to give up.
    victim: Option<NodeId>,
}

const BLAMES_THE_VISITED: u8 = 0;
const TAKES_VISITED_FOR_A_CYCLE: u8 = 1;
const ENDS_AT_ITS_START_ALONE: u8 = 2;

/// The nodes still to look at, those looked at, and all waits found on the way.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Search {
    start: NodeId,
    open: Vec<NodeId>,
    visited: BTreeSet<NodeId>,
    waits: Waits,
}

impl Message for Search {
    fn kind(&self) -> &'static str {
        "search"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Command {
    Wait(NodeId),
    Look,
}

impl<const MISTAKE: u8> Waiter<MISTAKE> {
    fn search(&mut self, mut search: Search, cx: &mut Context<'_, Self>) {
        let is_wrong = self.form == Form::Faulty;
        let me = cx.me();
        search.visited.insert(me);
        search.waits.insert(me, self.waits_for.clone());
        for peer in &self.waits_for {
            let is_visited = search.visited.contains(peer);
            let is_met = is_visited || search.open.contains(peer);
            if is_wrong && MISTAKE == TAKES_VISITED_FOR_A_CYCLE && is_met {
                self.victim = Some(*peer);
            }
            let goes_on = is_wrong && MISTAKE == ENDS_AT_ITS_START_ALONE && *peer != search.start;
            if goes_on || !is_visited {
                search.open.push(*peer);
            }
        }
        if search.open.is_empty() {
            self.end(&search, is_wrong);
        } else {
            let next = search.open.remove(0);
            cx.send(next, search);
        }
    }

    fn end(&mut self, search: &Search, is_wrong: bool) {
        let on_cycle = |node: &&NodeId| reaches(&search.waits, **node, **node);
        if !search.visited.iter().any(|node| on_cycle(&node)) {
            return;
        }
        // The youngest gives up.
        self.victim = if is_wrong && MISTAKE == BLAMES_THE_VISITED {
            search.visited.last().copied()
        } else {
            search.visited.iter().rfind(on_cycle).copied()
        };
    }
}

/// Is there a way of at least one wait from one to the other?
fn reaches(waits: &Waits, from: NodeId, to: NodeId) -> bool {
    let (mut open, mut met) = (vec![from], BTreeSet::new());
    while let Some(node) = open.pop() {
        for peer in waits.get(&node).into_iter().flatten() {
            if *peer == to {
                return true;
            }
            if met.insert(*peer) {
                open.push(*peer);
            }
        }
    }
    false
}

impl<const MISTAKE: u8> Machine for Waiter<MISTAKE> {
    type Message = Search;
    type Command = Command;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Command::Wait(peer)) => {
                self.waits_for.insert(peer);
            }
            Input::Command(Command::Look) => {
                let (open, visited, waits) = (Vec::new(), BTreeSet::new(), Waits::new());
                self.search(Search { start: cx.me(), open, visited, waits }, cx);
            }
            Input::Message { message, .. } => self.search(message, cx),
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}

impl<const MISTAKE: u8> Small for Waiter<MISTAKE> {
    type Memory = ();

    fn new(form: Form, _: NodeId, _: &Nodes) -> Self {
        Self { form, waits_for: BTreeSet::new(), victim: None }
    }

    fn sound(world: &World<Self>, (): &()) -> Result<(), &'static str> {
        let waits: Waits = world
            .nodes()
            .filter_map(|node| Some((node, world.machine(node)?.waits_for.clone())))
            .collect();
        let mut victims = world.nodes().filter_map(|node| world.machine(node)?.victim);
        if victims.all(|victim| reaches(&waits, victim, victim)) {
            Ok(())
        } else {
            Err("a victim beside the cycle")
        }
    }

    fn text(message: &Search) -> String {
        message.kind().to_owned()
    }
}

#[test]
fn a_node_beside_the_cycle_is_not_blamed() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Wait(2)),
            (at: "10ms", to: 1, command: Wait(3)),
            (at: "10ms", to: 2, command: Wait(1)),
            (at: "20ms", to: 1, command: Look),
        ]"#;
    assert_shown::<Waiter<BLAMES_THE_VISITED>>(3, PLAIN, lines, "a victim beside the cycle");
}

#[test]
fn two_ways_to_one_node_are_no_cycle() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Wait(2)),
            (at: "10ms", to: 1, command: Wait(3)),
            (at: "10ms", to: 2, command: Wait(4)),
            (at: "10ms", to: 3, command: Wait(4)),
            (at: "20ms", to: 1, command: Look),
        ]"#;
    assert_shown::<Waiter<TAKES_VISITED_FOR_A_CYCLE>>(4, PLAIN, lines, "a victim beside the cycle");
}

#[test]
fn a_search_ends_though_there_is_a_cycle_beside_its_start() {
    let lines = r#"
        commands: [
            (at: "10ms", to: 1, command: Wait(2)),
            (at: "10ms", to: 2, command: Wait(3)),
            (at: "10ms", to: 3, command: Wait(2)),
            (at: "20ms", to: 1, command: Look),
        ]"#;
    let stuck = "messages are on their way";
    assert_stuck::<Waiter<ENDS_AT_ITS_START_ALONE>>(3, PLAIN, lines, "Quiet", stuck);
}
