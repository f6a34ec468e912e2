use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use rehearsal_machine::{NodeId, Time};

use super::fates::Fates;
use crate::fault::Sides;
use crate::network::Lost;
use crate::plan::DecisionKey;
use crate::protocol::Lane;
use crate::trace::{Damage, Event, EventKind, Trace};

/// A cause and its effects.
pub(super) struct Scene {
    pub(super) at: String,
    pub(super) who: String,
    pub(super) what: String,
    /// The key of what is told, as a plan lists it.
    pub(super) key: Option<DecisionKey>,
    pub(super) effects: Vec<(String, Option<DecisionKey>)>,
    pub(super) roles: Vec<(NodeId, Lane)>,
}

/// The events that a person wants to read, grouped by cause. Deadlines being
/// armed are left out, and saves too unless a crash makes them matter; long
/// repetitions are folded as they come, so that a story takes room only for what
/// it tells.
pub(super) fn scenes(trace: &Trace) -> Vec<Scene> {
    let fates = Fates::of(trace);
    let mut folded = Folded::default();
    let mut scene: Option<Scene> = None;
    // A node that was never up before is not one that went down, as far as the whole run is there.
    let mut started = BTreeSet::new();
    let is_whole = trace.dropped() == 0;
    for event in trace.iter() {
        if let EventKind::Start { node, .. } = event.what {
            started.insert(node);
        }
        match told(&event, &fates, &|node| started.contains(&node) || !is_whole) {
            Told::Cause(who, what) => {
                let (at, key) = (event.at.to_string(), event.what.key());
                let next = Scene { at, who, what, key, effects: Vec::new(), roles: Vec::new() };
                if let Some(before) = scene.replace(next) {
                    folded.add(before);
                }
            }
            // Where the beginning is not kept an effect may stand before any cause; it is left out.
            Told::Effect(node, effect) => {
                if let Some(scene) = &mut scene {
                    let effect = under(&scene.who, node, effect);
                    scene.effects.push((effect, event.what.key()));
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
        folded.add(last);
    }
    folded.end()
}

/// An effect as it stands under a cause. A fault on an effect of a step tells
/// of another cause in its midst; what follows of the step says whose it is.
fn under(who: &str, node: NodeId, effect: String) -> String {
    let node = node.to_string();
    if node == who { effect } else { format!("{node} {effect}") }
}

/// Scenes that are told as one line where each of them was told before.
const FOLD_FROM: usize = 10;

/// The scenes of a story, in which a long row of scenes that only repeat earlier
/// ones becomes one line: heartbeats, for example.
#[derive(Default)]
struct Folded {
    scenes: Vec<Scene>,
    told: BTreeSet<(String, String, Vec<String>)>,
    /// The run of repetitions at hand; once it is to be folded, its length and
    /// last time are all that counts.
    repeats: Vec<Scene>,
    many: Option<(usize, String)>,
}

impl Folded {
    fn add(&mut self, scene: Scene) {
        let effects = scene.effects.iter().map(|(effect, _)| effect.clone()).collect();
        let is_new = self.told.insert((scene.who.clone(), scene.what.clone(), effects));
        if is_new || !scene.roles.is_empty() {
            self.flush();
            self.scenes.push(scene);
        } else if let Some((count, last)) = &mut self.many {
            *count += 1;
            *last = scene.at;
        } else {
            self.repeats.push(scene);
            if let [.., last] = self.repeats.as_slice()
                && self.repeats.len() >= FOLD_FROM
            {
                self.many = Some((self.repeats.len(), last.at.clone()));
                self.repeats.clear();
            }
        }
    }

    fn flush(&mut self) {
        self.scenes.append(&mut self.repeats);
        self.scenes.extend(self.many.take().map(|(count, last)| Scene {
            at: "...".to_owned(),
            who: "...".to_owned(),
            what: format!("{count} events as before, until {last}"),
            key: None,
            effects: Vec::new(),
            roles: Vec::new(),
        }));
    }

    fn end(mut self) -> Vec<Scene> {
        self.flush();
        self.scenes
    }
}

enum Told {
    Cause(String, String),
    Effect(NodeId, String),
    Role(NodeId, Lane),
    Nothing,
}

/// The actor when no node acts.
const NETWORK: &str = "net";

fn told(
    Event { number, at, what, .. }: &Event,
    fates: &Fates,
    has_started: &dyn Fn(NodeId) -> bool,
) -> Told {
    let by = |node: &NodeId, what: String| Told::Cause(node.to_string(), what);
    let by_network = |what: String| Told::Cause(NETWORK.to_owned(), what);
    match what {
        EventKind::Start { node, incarnation: 1 } => by(node, "start".to_owned()),
        EventKind::Start { node, .. } => by(node, "restart".to_owned()),
        EventKind::Command { node, text, is_heard: true, .. } => by(node, text.clone()),
        EventKind::Command { node, text, is_heard: false, .. } => {
            let why = if has_started(*node) { "is down" } else { "has not started" };
            by(node, format!("{text}  not heard: {node} {why}"))
        }
        EventKind::Deliver { message, copy, text } => {
            let again = if *copy > 0 { "  again" } else { "" };
            by(&message.to, format!("<- {}  {text}{again}", message.from))
        }
        EventKind::Timer { timer } => by(&timer.node, format!("timeout {}", timer.timer)),
        EventKind::Crash { node } => by(node, "crash".to_owned()),
        EventKind::Move { timer, deadline } if deadline <= at => {
            by(&timer.node, format!("{} fires early", timer.timer))
        }
        EventKind::Move { timer, deadline } => {
            by(&timer.node, format!("{} put off until {deadline}", timer.timer))
        }
        EventKind::Upgrade { node } => by(node, "upgrade".to_owned()),
        EventKind::Partition { sides } => by_network(format!("partition {}", Sides(sides))),
        EventKind::Heal => by_network("heal".to_owned()),
        // A calm from the beginning is no event to a reader.
        EventKind::Calm if *at == Time::ZERO => Told::Nothing,
        EventKind::Calm => by_network("calm".to_owned()),
        EventKind::Send { message, text, lost, arrives, .. }
        | EventKind::Leave { message, text, lost, arrives } => {
            let (arrow, fate) = fate(fates, *number, *lost, arrives);
            Told::Effect(message.from, format!("{arrow} {}  {text}{fate}", message.to))
        }
        EventKind::Cut { links } => by_network(format!("cut {}", Links(links))),
        EventKind::Mend { sides } => by_network(format!("open {}", Sides(sides))),
        EventKind::Hold { from, to } => by_network(format!("hold {from}->{to}")),
        EventKind::Release { from, to } => by_network(format!("release {from}->{to}")),
        EventKind::Pause { node } => by(node, "pause".to_owned()),
        EventKind::Resume { node } => by(node, "resume".to_owned()),
        EventKind::Clock { node, shows, gained, passed } => {
            by(node, clock(*at, *shows, *gained, *passed))
        }
        EventKind::Disk { damage: Damage::Lies, node } => by(node, "disk lies".to_owned()),
        EventKind::Disk { node, damage } => Told::Effect(*node, told_damage(*damage).to_owned()),
        EventKind::Emit { node, text, .. } => Told::Effect(*node, text.clone()),
        EventKind::Save { node, cell, erased, .. } if fates.is_any_node_down => {
            let verb = if *erased { "erases" } else { "saves" };
            Told::Effect(*node, format!("{verb} {cell}"))
        }
        EventKind::Role { node, lane } => Told::Role(*node, *lane),
        // That a message found nobody up is told where it was sent.
        EventKind::Miss { .. }
        | EventKind::Arm { .. }
        | EventKind::Disarm { .. }
        | EventKind::Save { .. } => Told::Nothing,
    }
}

/// An arrow, and what is to be said after the message.
fn fate(
    fates: &Fates,
    number: u64,
    lost: Option<Lost>,
    arrives: &[Time],
) -> (&'static str, String) {
    let (arrow, fate) = match lost {
        Some(Lost::Loss) => ("-x", "lost".to_owned()),
        Some(Lost::TooLarge) => ("-x", "too large".to_owned()),
        Some(reason) => ("-x", reason.to_string()),
        None if arrives.is_empty() => fates.tell_of_none(),
        None => fates.tell(number, arrives.len()),
    };
    (arrow, if fate.is_empty() { fate } else { format!("  {fate}") })
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
