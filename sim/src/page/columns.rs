use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};

use super::data::Columns;
use super::texts::Texts;
use crate::trace::{Damage, Event, EventKind};

/// The events as columns. `dropped` events happened before the first one.
pub(super) fn columns(events: &[Event], dropped: u64, texts: &mut Texts) -> Columns {
    let is_arrival = |what: &EventKind| {
        matches!(
            what,
            EventKind::Deliver { .. } | EventKind::Miss { .. } | EventKind::Strand { .. }
        )
    };
    let mut arrived: BTreeMap<u64, Vec<Time>> = BTreeMap::new();
    for event in events.iter().filter(|event| is_arrival(&event.what)) {
        if let Some(cause) = event.cause {
            arrived.entry(cause).or_default().push(event.at);
        }
    }
    let mut teller = Teller { columns: Columns::default(), texts, arrived };
    let mut before = Time::ZERO;
    for event in events {
        // A cause that is not among the events is none.
        let cause = event.cause.filter(|cause| *cause > dropped);
        teller.columns.at.push(event.at.as_nanos().saturating_sub(before.as_nanos()));
        teller.columns.cause.push(cause.map_or(0, |cause| event.number.saturating_sub(cause)));
        teller.add(event);
        before = event.at;
    }
    teller.columns
}

/// The kinds of events, in the order in which the scripts have them.
fn kind(what: &EventKind) -> u8 {
    match what {
        EventKind::Start { .. } => 0,
        EventKind::Command { is_heard: true, .. } => 1,
        EventKind::Command { is_heard: false, .. } => 2,
        EventKind::Deliver { .. } => 3,
        EventKind::Miss { .. } => 4,
        EventKind::Timer { .. } => 5,
        EventKind::Send { .. } => 6,
        EventKind::Leave { .. } => 7,
        EventKind::Emit { .. } => 8,
        EventKind::Save { .. } => 9,
        EventKind::Arm { .. } => 10,
        EventKind::Disarm { .. } => 11,
        EventKind::Move { .. } => 12,
        EventKind::Role { .. } => 13,
        EventKind::Crash { .. } => 14,
        EventKind::Pause { .. } => 15,
        EventKind::Resume { .. } => 16,
        EventKind::Clock { .. } => 17,
        EventKind::Disk { .. } => 18,
        EventKind::Upgrade { .. } => 19,
        EventKind::Partition { .. } => 20,
        EventKind::Cut { .. } => 21,
        EventKind::Mend { .. } => 22,
        EventKind::Heal => 23,
        EventKind::Calm => 24,
        EventKind::Hold { .. } => 25,
        EventKind::Release { .. } => 26,
        EventKind::LetGo { .. } => 27,
        EventKind::Connect { .. } => 28,
        EventKind::Disconnect { .. } => 29,
        EventKind::Link { .. } => 30,
        EventKind::Strand { .. } => 31,
    }
}

struct Teller<'a> {
    columns: Columns,
    texts: &'a mut Texts,
    /// When copies of a message arrived, by the number of its sending.
    arrived: BTreeMap<u64, Vec<Time>>,
}

/// An event's fields beside its kind, its time and its cause.
#[derive(Default)]
struct Row {
    peer: Option<NodeId>,
    text: String,
    name: String,
    extra: u64,
}

impl Teller<'_> {
    fn add(&mut self, event: &Event) {
        let Row { peer, text, name, extra } = self.row(event);
        let node = match event.what {
            EventKind::Hold { from, .. } | EventKind::Release { from, .. } => Some(from),
            _ => event.what.node(),
        };
        let key = event.what.key().map_or(String::new(), |key| key.to_string());
        self.columns.what.push(kind(&event.what));
        self.columns.node.push(number(node));
        self.columns.peer.push(number(peer));
        self.columns.text.push(self.texts.place(&text));
        self.columns.name.push(self.texts.place(&name));
        self.columns.key.push(self.texts.place(&key));
        self.columns.extra.push(extra);
    }

    /// When copies arrive that do not arrive in these events. One that waits for the end of a pause
    /// arrives later than the network said.
    fn open(&self, number: u64, arrives: &[Time]) -> Vec<u64> {
        let here = self.arrived.get(&number).map_or(&[][..], Vec::as_slice);
        let missing = arrives.len().saturating_sub(here.len());
        let open = arrives.iter().filter(|at| !here.contains(at)).rev().take(missing);
        let mut open: Vec<_> = open.map(|at| at.as_nanos()).collect();
        open.reverse();
        open
    }

    fn row(&mut self, event: &Event) -> Row {
        let place = self.columns.what.len() as u32;
        let none = Row::default();
        match &event.what {
            EventKind::Start { incarnation, .. } => Row { extra: (*incarnation).into(), ..none },
            EventKind::Command { text, .. } | EventKind::Emit { text, .. } => {
                Row { text: text.clone(), ..none }
            }
            EventKind::Deliver { message, copy, text }
            | EventKind::Miss { message, copy, text }
            | EventKind::Strand { message, copy, text } => Row {
                peer: Some(message.from),
                text: text.clone(),
                name: message.kind.to_string(),
                extra: (*copy).into(),
            },
            EventKind::Send { message, text, lost, arrives, .. }
            | EventKind::Leave { message, text, lost, arrives } => {
                if let Some(lost) = lost {
                    let why = self.texts.place(&lost.to_string());
                    self.columns.lost.push((place, why));
                }
                let open = self.open(event.number, arrives);
                if !open.is_empty() || lost.is_none() && arrives.is_empty() {
                    self.columns.arrives.push((place, open));
                }
                let (text, name) = (text.clone(), message.kind.to_string());
                Row { peer: Some(message.to), text, name, extra: 0 }
            }
            EventKind::Timer { timer } => Row { name: timer.timer.clone(), ..none },
            EventKind::Arm { timer, deadline } | EventKind::Move { timer, deadline } => {
                Row { name: timer.timer.clone(), extra: deadline.as_nanos(), ..none }
            }
            EventKind::Disarm { timer, .. } => Row { name: timer.clone(), ..none },
            EventKind::Save { cell, text, erased, .. } => {
                let text = if *erased { "erased" } else { text.as_deref().unwrap_or_default() };
                Row { name: cell.clone(), text: text.to_owned(), ..none }
            }
            EventKind::Role { lane, .. } => {
                Row { peer: lane.peer, text: lane.role.to_string(), ..none }
            }
            EventKind::Clock { shows, gained, passed, .. } => {
                let rate = format!("gains {gained} ns in {passed} ns");
                let rate = if *gained == *passed { "runs true".to_owned() } else { rate };
                Row { text: format!("shows {shows} ms, {rate}"), ..none }
            }
            EventKind::Disk { damage, .. } => Row { text: words(*damage).to_owned(), ..none },
            EventKind::Partition { sides } | EventKind::Mend { sides } => {
                let numbers = |side: &Vec<NodeId>| side.iter().map(|node| node.number()).collect();
                self.columns.sides.push((place, sides.iter().map(numbers).collect()));
                none
            }
            EventKind::Link { peer, up, .. } => {
                Row { peer: Some(*peer), extra: (*up).into(), ..none }
            }
            EventKind::Cut { links }
            | EventKind::LetGo { links }
            | EventKind::Connect { pairs: links, .. }
            | EventKind::Disconnect { pairs: links, .. } => {
                let links = links.iter().map(|(from, to)| (from.number(), to.number()));
                self.columns.links.push((place, links.collect()));
                none
            }
            EventKind::Hold { to, .. } | EventKind::Release { to, .. } => {
                Row { peer: Some(*to), ..none }
            }
            EventKind::Crash { .. }
            | EventKind::Pause { .. }
            | EventKind::Resume { .. }
            | EventKind::Upgrade { .. }
            | EventKind::Heal
            | EventKind::Calm => none,
        }
    }
}

fn words(damage: Damage) -> &'static str {
    match damage {
        Damage::LastLost => "the last save is lost",
        Damage::LastTorn => "the last save is torn",
        Damage::Wiped => "the disk is wiped",
        Damage::Lies => "the disk lies from now on",
        Damage::Lied => "the disk lied: saves are lost",
    }
}

fn number(node: Option<NodeId>) -> u32 {
    node.map_or(0, NodeId::number)
}
