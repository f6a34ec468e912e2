use std::collections::BTreeMap;

use rehearsal_machine::NodeId;
use rehearsal_sim::plan::MessageKey;
use rehearsal_tcp::recording::{Outcome, RecordedInput, Step};

use super::lives::{Lives, Place};

/// What tells a message from all others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    /// The sender's life.
    pub(super) incarnation: u32,
    /// Counted from 1 in each life of the sender.
    pub(super) count: u32,
}

/// Where messages were sent and where they arrived.
#[derive(Default)]
pub(super) struct Mailbag {
    /// Those that set off.
    pub(super) sent: BTreeMap<Name, Place>,
    pub(super) arrived: BTreeMap<Name, Vec<Place>>,
    /// What a trace calls each message.
    pub(super) keys: BTreeMap<Name, MessageKey>,
}

/// Tells the kind of an encoded message, if the protocol has such a message.
pub(super) type KindOf = fn(&[u8]) -> Option<&'static str>;

impl Mailbag {
    pub(super) fn of(recorded: &Lives, kind_of: KindOf) -> Self {
        let mut bag = Self::default();
        let mut kinds = BTreeMap::new();
        for (life, lived) in recorded.lives.iter().enumerate() {
            let (from, incarnation) = lived.name();
            for (number, step) in lived.life.steps.iter().enumerate() {
                let place = Place { life, step: number };
                if let Some(name) = name(recorded, place) {
                    kinds.extend(heard(step).and_then(kind_of).map(|kind| (name, kind)));
                    bag.arrived.entry(name).or_default().push(place);
                }
                for done in &step.effects {
                    let (Outcome::Sent { count, lost }, Some((to, message))) =
                        (done.outcome, done.sent_message())
                    else {
                        continue;
                    };
                    let name = Name { from, to, incarnation, count };
                    kinds.extend(kind_of(message).map(|kind| (name, kind)));
                    if lost.is_none() {
                        bag.sent.insert(name, place);
                    }
                }
            }
        }
        bag.keys = keys(kinds);
        bag
    }
}

/// Counts the messages of each kind on each link over all lives of the sender.
/// Of a life that is not recorded only what arrived counts: nothing else is
/// known of it.
fn keys(kinds: BTreeMap<Name, &'static str>) -> BTreeMap<Name, MessageKey> {
    let mut counts: BTreeMap<_, u32> = BTreeMap::new();
    let key = |(name, kind): (Name, &'static str)| {
        let nth = counts.entry((name.from, name.to, kind)).or_default();
        *nth += 1;
        let key = MessageKey { from: name.from, to: name.to, kind: kind.into(), nth: *nth };
        (name, key)
    };
    // In order of links, lives and counts.
    kinds.into_iter().map(key).collect()
}

/// The message that arrives in this step, if one does.
pub(super) fn name(of: &Lives, place: Place) -> Option<Name> {
    let to = of.lives[place.life].life.header.node;
    match of.step(place).input {
        RecordedInput::Message { from, incarnation, count, .. } => {
            Some(Name { from, to, incarnation, count })
        }
        _ => None,
    }
}

pub(super) fn said(step: &Step, name: Name) -> Option<&[u8]> {
    let is_it = |outcome| matches!(outcome, Outcome::Sent { count, .. } if count == name.count);
    let mut said = step
        .effects
        .iter()
        .filter(|done| is_it(done.outcome))
        .filter_map(|done| done.sent_message());
    said.find(|(to, _)| *to == name.to).map(|(_, message)| message)
}

pub(super) fn heard(step: &Step) -> Option<&[u8]> {
    match &step.input {
        RecordedInput::Message { bytes, .. } => Some(bytes),
        _ => None,
    }
}
