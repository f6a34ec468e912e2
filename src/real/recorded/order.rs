use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::plan::MessageKey;

use super::clocks::{Epoch0, epochs};
use super::lives::{Lives, Place, RecordedLife};
use super::mail::{KindOf, Mailbag, Name, heard, name, said};
use super::{Happened, Problem};

/// One order of all that is recorded, in which nothing comes before what led
/// to it.
pub(super) struct Order {
    pub(super) steps: Vec<Place>,
    epochs: Vec<Epoch0>,
    mail: Mailbag,
}

impl Order {
    pub(super) fn of(recorded: &Lives, kind_of: KindOf) -> Result<Self, Problem> {
        let epochs = epochs(recorded);
        let mail = Mailbag::of(recorded, kind_of);
        let mut order = Self { steps: Vec::new(), epochs, mail };
        order.check_mail(recorded)?;
        order.merge(recorded)?;
        Ok(order)
    }

    /// When it was, in the joined trace.
    pub(super) fn shown(&self, life: usize, at: Time) -> Time {
        self.epochs[life].shown(at)
    }

    /// When a message arrived, each time that it did.
    pub(super) fn arrivals(&self, of: &Lives, name: Name) -> Vec<Time> {
        let arrived = self.mail.arrived.get(&name).into_iter().flatten();
        arrived.map(|place| self.shown(place.life, of.step(*place).at)).collect()
    }

    /// Which arrival of its message this is, from 0.
    pub(super) fn copy(&self, name: Name, place: Place) -> usize {
        let arrived = self.mail.arrived.get(&name).into_iter().flatten();
        arrived.take_while(|other| **other < place).count()
    }

    /// What a trace calls the message, if the protocol knows its kind.
    pub(super) fn key(&self, name: Name) -> Option<MessageKey> {
        self.mail.keys.get(&name).cloned()
    }

    fn happened(&self, of: &Lives, place: Place) -> Happened {
        let (node, incarnation) = of.lives[place.life].name();
        let at = self.shown(place.life, of.step(place).at);
        Happened { node, incarnation, step: place.step + 1, at }
    }

    /// What arrived has been sent, and says what it said, if its sender's life
    /// is recorded.
    fn check_mail(&self, of: &Lives) -> Result<(), Problem> {
        for (name, arrivals) in &self.mail.arrived {
            let (from, incarnation) = (name.from, name.incarnation);
            let Ok(sender) =
                of.lives.binary_search_by_key(&(from, incarnation), RecordedLife::name)
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
                let receiver = &of.lives[place.life].life.header;
                // Another version may read a message and write it in another way.
                if receiver.build == of.lives[sender].life.header.build
                    && said(of.step(*send), *name) != heard(of.step(*place))
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
    fn merge(&mut self, of: &Lives) -> Result<(), Problem> {
        let mut done: Vec<usize> = vec![0; of.lives.len()];
        let mut ready = BTreeSet::new();
        let mut waiting: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        let mut before: Option<NodeId> = None;
        let mut begun = Vec::new();
        for (life, lived) in of.lives.iter().enumerate() {
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
                        ready.insert((self.shown(place.life, of.step(place).at), place));
                    }
                }
            }
            let Some((_, place)) = ready.pop_first() else { break };
            self.steps.push(place);
            done[place.life] = place.step + 1;
            for freed in waiting.remove(&place).into_iter().flatten() {
                ready.insert((self.shown(freed.life, of.step(freed).at), freed));
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
    fn cause(&self, of: &Lives, place: Place) -> Option<Place> {
        self.mail.sent.get(&name(of, place)?).copied()
    }

    fn check_times(&self, of: &Lives, cause: Option<Place>, effect: Place) -> Result<(), Problem> {
        match cause {
            Some(cause) if of.is_on_one_clock && of.step(cause).at > of.step(effect).at => {
                let (cause, effect) = (self.happened(of, cause), self.happened(of, effect));
                Err(Problem::Backwards { cause, effect })
            }
            _ => Ok(()),
        }
    }
}

/// The step after this one in the node's lives.
fn next(of: &Lives, place: Place) -> Option<Place> {
    let lives = &of.lives;
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
