use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rehearsal_machine::{NodeId, Time};

use super::columns::cut;
use super::fates::{Fates, STILL_ON_ITS_WAY};
use super::line::Line;
use crate::fault::Sides;
use crate::network::Network;
use crate::protocol::Lane;
use crate::trace::{Damage, Ended, Event, EventKind, Trace};

/// A cause and its effects.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The number of the cause among the events.
    pub(super) number: u64,
    pub(super) at: Time,
    pub(super) who: String,
    pub(super) cause: Line,
    pub(super) effects: Vec<Line>,
    pub(super) roles: Vec<(NodeId, Lane)>,
    /// Roles that changed before it, in steps that are left out.
    pub(super) unseen_roles: Vec<(NodeId, Lane)>,
}

/// Hands over the events that a person wants to read, grouped by cause, one scene
/// after the other. Deadlines being armed are left out, and saves too unless a crash
/// makes them matter or they are asked for.
pub(super) fn each_scene(
    trace: &Trace,
    network: Option<&Network>,
    with_saves: bool,
    mut see: impl FnMut(Scene),
) {
    let mut teller = Teller::of(trace, network, with_saves);
    let mut scene: Option<Scene> = None;
    for event in trace.iter() {
        match teller.told(&event) {
            Told::Cause(who, mut cause) => {
                cause.key = event.what.key();
                cause.number = event.number;
                let Event { number, at, .. } = event;
                let (effects, roles, unseen_roles) = (Vec::new(), Vec::new(), Vec::new());
                let next = Scene { number, at, who, cause, effects, roles, unseen_roles };
                if let Some(before) = scene.replace(next) {
                    see(before);
                }
            }
            // Where the beginning is not kept an effect may stand before any cause; it is left out.
            Told::Effect(node, mut effect) => {
                if let Some(scene) = &mut scene {
                    effect.words = under(&scene.who, node, effect.words);
                    effect.key = event.what.key();
                    effect.number = event.number;
                    scene.effects.push(effect);
                }
            }
            Told::Role(node, lane) => {
                if let Some(scene) = &mut scene {
                    scene.roles.push((node, lane));
                }
            }
            Told::Nothing => {}
        }
    }
    if let Some(last) = scene {
        see(last);
    }
}

/// An effect as it stands under a cause. A fault on an effect of a step tells
/// of another cause in its midst; what follows of the step says whose it is.
fn under(who: &str, node: NodeId, effect: String) -> String {
    let node = node.to_string();
    if node == who { effect } else { format!("{node} {effect}") }
}

enum Told {
    Cause(String, Line),
    Effect(NodeId, Line),
    Role(NodeId, Lane),
    Nothing,
}

/// The actor when no node acts.
pub(super) const NETWORK: &str = "net";

/// Of what a cell held before, so much is told at most.
const MOST_OF_BEFORE: usize = 24;

/// Tells events in their order.
struct Teller<'a> {
    fates: Fates<'a>,
    with_saves: bool,
    is_whole: bool,
    /// A node that was never up before is not one that went down, as far as the whole run is there.
    started: BTreeSet<NodeId>,
    /// What cells hold, as far as that is known.
    cells: BTreeMap<(NodeId, String), Option<String>>,
}

/// Every event of a trace in words, those too that a story leaves out: when it happened, to
/// which node or by which one, and what.
pub(super) fn each_told(
    trace: &Trace,
    network: Option<&Network>,
    mut see: impl FnMut(&Event, String, Line),
) {
    let mut teller = Teller::of(trace, network, true);
    for event in trace.iter() {
        let (who, mut line) = match teller.told(&event) {
            Told::Cause(who, line) => (who, line),
            Told::Effect(node, line) => (node.to_string(), line),
            Told::Role(node, lane) => (node.to_string(), Line::new(format!("is {lane} now"))),
            Told::Nothing => {
                let who = event.what.node().map_or(NETWORK.to_owned(), |node| node.to_string());
                (who, untold(&event.what))
            }
        };
        line.key = event.what.key();
        line.number = event.number;
        see(&event, who, line);
    }
}

/// What a story leaves out.
fn untold(what: &EventKind) -> Line {
    match what {
        EventKind::Miss { message, text, .. } => {
            Line::new(format!("<- {}  {text}", message.from)).with_fate("down")
        }
        EventKind::Strand { message, text, .. } => {
            Line::new(format!("<- {}  {text}", message.from)).with_fate("its session has ended")
        }
        EventKind::Arm { timer, deadline } => {
            Line::new(format!("arms {} for {deadline}ms", timer.timer))
        }
        EventKind::Disarm { timer, .. } => Line::new(format!("disarms {timer}")),
        _ => Line::new("calm"),
    }
}

impl<'a> Teller<'a> {
    fn of(trace: &Trace, network: Option<&'a Network>, with_saves: bool) -> Self {
        let fates = Fates::of(trace, network);
        Self {
            with_saves: with_saves || fates.is_any_node_down,
            fates,
            is_whole: trace.dropped() == 0,
            started: BTreeSet::new(),
            cells: BTreeMap::new(),
        }
    }

    fn told(&mut self, event: &Event) -> Told {
        let by = |node: &NodeId, line: Line| Told::Cause(node.to_string(), line);
        let by_network = |what: String| Told::Cause(NETWORK.to_owned(), Line::new(what));
        match &event.what {
            EventKind::Start { node, incarnation } => {
                self.started.insert(*node);
                by(node, Line::new(if *incarnation == 1 { "start" } else { "restart" }))
            }
            EventKind::Command { node, text, is_heard: true, .. } => by(node, Line::new(text)),
            EventKind::Command { node, text, is_heard: false, .. } => {
                let is_down = self.started.contains(node) || !self.is_whole;
                let why = if is_down { "is down" } else { "has not started" };
                by(node, Line::new(text).with_fate(&format!("not heard: {node} {why}")))
            }
            EventKind::Deliver { message, copy, text } => {
                let (fate, is_ordinary) = self.fates.of_arrival(event.number, *copy);
                let line = Line::new(format!("<- {}  {text}", message.from)).with_fate(&fate);
                by(&message.to, Line { is_ordinary, ..line })
            }
            EventKind::Timer { timer } => {
                by(&timer.node, Line::new(format!("timeout {}", timer.timer)))
            }
            EventKind::Crash { node } => by(node, Line::new("crash")),
            EventKind::Move { timer, deadline } if *deadline <= event.at => {
                by(&timer.node, Line::new(format!("{} fires early", timer.timer)))
            }
            EventKind::Move { timer, deadline } => {
                by(&timer.node, Line::new(format!("{} put off until {deadline}ms", timer.timer)))
            }
            EventKind::Upgrade { node } => by(node, Line::new("upgrade")),
            EventKind::Partition { sides } => by_network(format!("partition {}", Sides(sides))),
            EventKind::Heal => by_network("heal".to_owned()),
            // A calm from the beginning is no event to a reader.
            EventKind::Calm if event.at == Time::ZERO => Told::Nothing,
            EventKind::Calm => by_network("calm".to_owned()),
            EventKind::Send { message, text, lost, arrives, .. }
            | EventKind::Leave { message, text, lost, arrives } => {
                let (from, to) = (message.from, message.to);
                let (arrow, fate) = self.fates.of_send(event, (from, to), *lost, arrives);
                let line = Line::new(format!("{arrow} {to}  {text}")).with_fate(&fate);
                // That a run ends before a message arrives makes its step no other one.
                Told::Effect(from, Line { is_ordinary: fate == STILL_ON_ITS_WAY, ..line })
            }
            EventKind::Cut { links } => by_network(format!("cut {}", Links(links))),
            EventKind::Mend { sides } => by_network(format!("open {}", Sides(sides))),
            EventKind::LetGo { links } => by_network(format!("lets go {}", Links(links))),
            EventKind::Hold { from, to } => by_network(format!("hold {from}->{to}")),
            EventKind::Release { from, to } => by_network(format!("release {from}->{to}")),
            EventKind::Pause { node } => by(node, Line::new("pause")),
            EventKind::Resume { node } => by(node, Line::new("resume")),
            EventKind::Clock { node, shows, gained, passed } => {
                by(node, Line::new(clock(event.at, *shows, *gained, *passed)))
            }
            EventKind::Disk { damage: Damage::Lies, node } => by(node, Line::new("disk lies")),
            EventKind::Disk { node, damage } => {
                self.cells.retain(|(of, _), _| of != node);
                Told::Effect(*node, Line::new(told_damage(*damage)))
            }
            EventKind::Emit { node, text, .. } => Told::Effect(*node, Line::new(text)),
            EventKind::Save { node, cell, text, erased, .. } => {
                if !self.with_saves {
                    return Told::Nothing;
                }
                Told::Effect(*node, self.saved(*node, cell, text.as_deref(), *erased))
            }
            EventKind::Role { node, lane } => Told::Role(*node, *lane),
            EventKind::Connect { pairs, .. } => by_network(format!("connect {}", Pairs(pairs))),
            EventKind::Disconnect { pairs, why } => {
                let why = match why {
                    Ended::Break => ", broken",
                    Ended::Cut => ", cut",
                    Ended::Crash => ", crashed",
                };
                by_network(format!("disconnect {}{why}", Pairs(pairs)))
            }
            EventKind::Link { node, peer, up, .. } => {
                by(node, Line::new(format!("link to {peer} {}", if *up { "up" } else { "down" })))
            }
            // That a message did not arrive is told where it was sent.
            EventKind::Miss { .. }
            | EventKind::Strand { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. } => Told::Nothing,
        }
    }

    /// What a cell holds from now on, and what it held before if that was something else.
    fn saved(&mut self, node: NodeId, cell: &str, text: Option<&str>, erased: bool) -> Line {
        let now = text.map(str::to_owned);
        let before = self.cells.insert((node, cell.to_owned()), now.clone()).flatten();
        let verb = if erased { "erases" } else { "saves" };
        let words = match text {
            // A machine's only cell has no name.
            Some(text) if cell == "()" => format!("{verb} {text}"),
            Some(text) => format!("{verb} {cell}: {text}"),
            None => format!("{verb} {cell}"),
        };
        let mut line = Line::new(words);
        if let Some(before) = before.filter(|before| Some(before) != now.as_ref()) {
            line.fate = format!(" (was {})", cut(&before, MOST_OF_BEFORE));
        }
        line
    }
}

/// What a clock shows that is not the true time, and how fast it goes.
fn clock(now: Time, shows: Time, gained: u64, passed: u64) -> String {
    let rate = match gained.cmp(&passed) {
        Ordering::Equal => None,
        Ordering::Greater => Some(format!("fast by {}/{passed}", gained - passed)),
        Ordering::Less => Some(format!("slow by {}/{passed}", passed - gained)),
    };
    let shows = (shows != now).then(|| format!("shows {shows}ms"));
    let told: Vec<_> = shows.into_iter().chain(rate).collect();
    format!("clock {}", if told.is_empty() { "true".to_owned() } else { told.join(", ") })
}

fn told_damage(damage: Damage) -> &'static str {
    match damage {
        Damage::LastLost => "its last save is lost",
        Damage::LastTorn => "its last save is torn",
        Damage::Wiped => "its storage is wiped",
        Damage::Lies => "its disk lies",
        Damage::Lied => "what its disk lied about is lost",
    }
}

struct Links<'a>(&'a [(NodeId, NodeId)]);

impl fmt::Display for Links<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (from, to)) in self.0.iter().enumerate() {
            write!(f, "{}{from}->{to}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// So many pairs are named; of more, their number is told.
const MOST_PAIRS: usize = 6;

struct Pairs<'a>(&'a [(NodeId, NodeId)]);

impl fmt::Display for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() > MOST_PAIRS {
            return write!(f, "{} pairs", self.0.len());
        }
        for (place, (one, other)) in self.0.iter().enumerate() {
            write!(f, "{}{one}-{other}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
