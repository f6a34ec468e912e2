use std::collections::BTreeMap;

use rehearsal_machine::NodeId;
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
    /// By link and the sender's life: how many were sent in earlier lives.
    pub(super) earlier: BTreeMap<(NodeId, NodeId, u32), u32>,
}

impl Mailbag {
    pub(super) fn of(recorded: &Lives) -> Self {
        let mut bag = Self::default();
        let mut most: BTreeMap<(NodeId, NodeId, u32), u32> = BTreeMap::new();
        let mut counted = |name: Name| {
            let most = most.entry((name.from, name.to, name.incarnation)).or_default();
            *most = name.count.max(*most);
        };
        for (life, lived) in recorded.lives.iter().enumerate() {
            let (from, incarnation) = lived.name();
            for (number, step) in lived.life.steps.iter().enumerate() {
                let place = Place { life, step: number };
                if let Some(name) = name(recorded, place) {
                    counted(name);
                    bag.arrived.entry(name).or_default().push(place);
                }
                for done in &step.effects {
                    let (Outcome::Sent { count, lost }, Some((to, _))) =
                        (done.outcome, done.sent_message())
                    else {
                        continue;
                    };
                    let name = Name { from, to, incarnation, count };
                    counted(name);
                    if lost.is_none() {
                        bag.sent.insert(name, place);
                    }
                }
            }
        }
        let mut link = None;
        let mut earlier: u32 = 0;
        for ((from, to, incarnation), most) in most {
            if link.replace((from, to)) != Some((from, to)) {
                earlier = 0;
            }
            bag.earlier.insert((from, to, incarnation), earlier);
            earlier = earlier.saturating_add(most);
        }
        bag
    }
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
