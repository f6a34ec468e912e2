use std::collections::{BTreeMap, BTreeSet};

use rehearsal_protocol::{NodeId, Time};
use rehearsal_sim::Protocol;
use rehearsal_tcp::recording::{Entry, Made, Step};

use super::{Happened, Lived, Problem, Recorded};

/// One order of all that is recorded, in which nothing comes before what led
/// to it.
pub(super) struct Order {
    pub(super) steps: Vec<Place>,
    zeros: Vec<Zero>,
    mail: Mailbag,
}

/// Where a step is: in which of the lives, and which of it, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) life: usize,
    pub(super) step: usize,
}

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

/// A time of a life's clock, and what it is in the joined trace.
#[derive(Clone, Copy)]
struct Zero {
    clock: Time,
    trace: Time,
}

impl Zero {
    fn shown(self, at: Time) -> Time {
        self.trace + at.since(self.clock)
    }
}

/// Where messages were sent and where they arrived.
#[derive(Default)]
struct Mailbag {
    /// Those that set off.
    sent: BTreeMap<Name, Place>,
    arrived: BTreeMap<Name, Vec<Place>>,
    /// By link and the sender's life: how many were sent in earlier lives.
    earlier: BTreeMap<(NodeId, NodeId, u32), u32>,
}

impl Order {
    pub(super) fn of<P: Protocol>(recorded: &Recorded<P>) -> Result<Self, Problem> {
        let zeros = zeros(recorded);
        let mail = Mailbag::of(recorded);
        let mut order = Self { steps: Vec::new(), zeros, mail };
        order.check_mail(recorded)?;
        order.merge(recorded)?;
        Ok(order)
    }

    /// When it was, in the joined trace.
    pub(super) fn shown(&self, life: usize, at: Time) -> Time {
        self.zeros[life].shown(at)
    }

    /// When a message arrived, each time that it did.
    pub(super) fn arrivals<P: Protocol>(&self, of: &Recorded<P>, name: Name) -> Vec<Time> {
        let arrived = self.mail.arrived.get(&name).into_iter().flatten();
        arrived.map(|place| self.shown(place.life, step(of, *place).at)).collect()
    }

    /// Which arrival of its message this is, from 0.
    pub(super) fn copy(&self, name: Name, place: Place) -> usize {
        let arrived = self.mail.arrived.get(&name).into_iter().flatten();
        arrived.take_while(|other| **other < place).count()
    }

    /// The message's number on its link over all lives of its sender.
    pub(super) fn count(&self, name: Name) -> u32 {
        let link = (name.from, name.to, name.incarnation);
        self.mail.earlier.get(&link).map_or(0, |earlier| *earlier).saturating_add(name.count)
    }

    fn happened<P: Protocol>(&self, of: &Recorded<P>, place: Place) -> Happened {
        let (node, incarnation) = of.lives()[place.life].name();
        let at = self.shown(place.life, step(of, place).at);
        Happened { node, incarnation, step: place.step + 1, at }
    }

    /// What arrived has been sent, and says what it said, if its sender's life
    /// is recorded.
    fn check_mail<P: Protocol>(&self, of: &Recorded<P>) -> Result<(), Problem> {
        for (name, arrivals) in &self.mail.arrived {
            let (from, incarnation) = (name.from, name.incarnation);
            let Ok(sender) = of.lives().binary_search_by_key(&(from, incarnation), Lived::name)
            else {
                continue;
            };
            let arrival = |place: &Place| self.happened(of, *place);
            let Some(send) = self.mail.sent.get(name) else {
                let count = name.count;
                let arrival = arrival(&arrivals[0]);
                return Err(Problem::Unsent { arrival, from, incarnation, count });
            };
            for place in arrivals {
                let receiver = &of.lives()[place.life].life.header;
                // Another version may read a message and write it in another way.
                if receiver.build == of.lives()[sender].life.header.build
                    && said(step(of, *send), *name) != heard(step(of, *place))
                {
                    let (send, arrival) = (self.happened(of, *send), arrival(place));
                    return Err(Problem::Changed { send, arrival });
                }
            }
        }
        Ok(())
    }

    /// The earliest step whose causes have all been, again and again; of two at
    /// the same time, the one of the lower node.
    fn merge<P: Protocol>(&mut self, of: &Recorded<P>) -> Result<(), Problem> {
        let mut done: Vec<usize> = vec![0; of.lives().len()];
        let mut ready = BTreeSet::new();
        let mut waiting: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        let mut before: Option<NodeId> = None;
        let mut begun = Vec::new();
        for (life, lived) in of.lives().iter().enumerate() {
            let node = lived.life.header.node;
            if !lived.life.steps.is_empty() && before != Some(node) {
                before = Some(node);
                begun.push(Place { life, step: 0 });
            }
        }
        loop {
            for place in begun.drain(..) {
                let cause = self.cause(of, place);
                self.check_times(of, cause, place)?;
                match cause.filter(|cause| done[cause.life] <= cause.step) {
                    Some(cause) => waiting.entry(cause).or_default().push(place),
                    None => {
                        ready.insert((self.shown(place.life, step(of, place).at), place));
                    }
                }
            }
            let Some((_, place)) = ready.pop_first() else { break };
            self.steps.push(place);
            done[place.life] = place.step + 1;
            for freed in waiting.remove(&place).into_iter().flatten() {
                ready.insert((self.shown(freed.life, step(of, freed).at), freed));
            }
            if let Some(next) = next(of, place) {
                self.check_times(of, Some(place), next)?;
                begun.push(next);
            }
        }
        match waiting.pop_first() {
            Some((cause, effects)) => {
                let effect = self.happened(of, effects[0]);
                Err(Problem::Circle(self.happened(of, cause), effect))
            }
            None => Ok(()),
        }
    }

    /// The step of another node, or an earlier one of this node, that led to
    /// this one.
    fn cause<P: Protocol>(&self, of: &Recorded<P>, place: Place) -> Option<Place> {
        self.mail.sent.get(&name(of, place)?).copied()
    }

    fn check_times<P: Protocol>(
        &self,
        of: &Recorded<P>,
        cause: Option<Place>,
        effect: Place,
    ) -> Result<(), Problem> {
        match cause {
            Some(cause) if of.is_on_one_clock() && step(of, cause).at > step(of, effect).at => {
                let (cause, effect) = (self.happened(of, cause), self.happened(of, effect));
                Err(Problem::Backwards { cause, effect })
            }
            _ => Ok(()),
        }
    }
}

impl Mailbag {
    fn of<P: Protocol>(recorded: &Recorded<P>) -> Self {
        let mut bag = Self::default();
        let mut most: BTreeMap<(NodeId, NodeId, u32), u32> = BTreeMap::new();
        let mut counted = |name: Name| {
            let most = most.entry((name.from, name.to, name.incarnation)).or_default();
            *most = name.count.max(*most);
        };
        for (life, lived) in recorded.lives().iter().enumerate() {
            let (from, incarnation) = lived.name();
            for (number, step) in lived.life.steps.iter().enumerate() {
                let place = Place { life, step: number };
                if let Some(name) = name(recorded, place) {
                    counted(name);
                    bag.arrived.entry(name).or_default().push(place);
                }
                for done in &step.effects {
                    let (Made::Sent { count, lost }, Some((to, _))) = (done.made, done.said())
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

/// The step after this one in the node's lives.
fn next<P: Protocol>(of: &Recorded<P>, place: Place) -> Option<Place> {
    let lives = of.lives();
    if place.step + 1 < lives[place.life].life.steps.len() {
        return Some(Place { life: place.life, step: place.step + 1 });
    }
    let node = lives[place.life].life.header.node;
    let mut later = lives.iter().enumerate().skip(place.life + 1);
    later
        .find(|(_, lived)| !lived.life.steps.is_empty())
        .filter(|(_, lived)| lived.life.header.node == node)
        .map(|(life, _)| Place { life, step: 0 })
}

pub(super) fn step<P: Protocol>(of: &Recorded<P>, place: Place) -> &Step {
    &of.lives()[place.life].life.steps[place.step]
}

/// The message that arrives in this step, if one does.
pub(super) fn name<P: Protocol>(of: &Recorded<P>, place: Place) -> Option<Name> {
    let to = of.lives()[place.life].life.header.node;
    match step(of, place).input {
        Entry::Message { from, incarnation, count, .. } => {
            Some(Name { from, to, incarnation, count })
        }
        _ => None,
    }
}

fn said(step: &Step, name: Name) -> Option<&[u8]> {
    let is_it = |made| matches!(made, Made::Sent { count, .. } if count == name.count);
    let mut said =
        step.effects.iter().filter(|done| is_it(done.made)).filter_map(|done| done.said());
    said.find(|(to, _)| *to == name.to).map(|(_, message)| message)
}

fn heard(step: &Step) -> Option<&[u8]> {
    match &step.input {
        Entry::Message { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// Where the times of each life begin. On one clock all begin with the earliest
/// start. Otherwise each node's begin with its own first start; and if it reads
/// another clock in a later life, that one goes on where the earlier one ended.
fn zeros<P: Protocol>(of: &Recorded<P>) -> Vec<Zero> {
    let first = |place: usize| of.lives()[place].life.steps.first().map(|step| step.at);
    if of.is_on_one_clock() {
        let earliest = (0..of.lives().len()).filter_map(first).min().unwrap_or_default();
        return vec![Zero { clock: earliest, trace: Time::ZERO }; of.lives().len()];
    }
    let mut zeros: Vec<Zero> = Vec::new();
    for (place, lived) in of.lives().iter().enumerate() {
        let begins = first(place).unwrap_or_default();
        let before = place.checked_sub(1).map(|before| (&of.lives()[before].life, zeros[before]));
        zeros.push(match before {
            Some((life, zero)) if life.header.node == lived.life.header.node => {
                if life.header.clock.is_same_as(&lived.life.header.clock) {
                    zero
                } else {
                    let end = life.steps.last().map_or(zero.trace, |step| zero.shown(step.at));
                    Zero { clock: begins, trace: end }
                }
            }
            _ => Zero { clock: begins, trace: Time::ZERO },
        });
    }
    zeros
}
