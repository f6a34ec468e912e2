use alloc::vec::Vec;

use crate::Time;

/// The armed deadlines of one incarnation of a node.
///
/// Most deadlines never come. A failure detector, for example, postpones its
/// deadline with every heartbeat. So a driver's schedule has one wakeup for every
/// name, not one for every arming. To postpone a deadline only changes its time
/// here. When the wakeup is due, the deadline has come, or the driver is to ask
/// again later, or the deadline was disarmed.
#[derive(Clone)]
pub(crate) struct Deadlines<T> {
    /// Sorted by name. A machine has few, so a vector is faster than a tree.
    slots: Vec<Slot<T>>,
    armings: u64,
}

#[derive(Clone)]
struct Slot<T> {
    timer: T,
    /// The deadline, if one is armed.
    armed: Option<Wakeup>,
    /// The wakeup in the driver's schedule, if it has one.
    wakeup: Option<Wakeup>,
}

/// When a driver must ask a node about a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wakeup {
    /// The time, on the node's own clock.
    pub at: Time,
    /// The number of the arming for which this was made, among all of the node, from 1.
    pub arming: u64,
}

/// What a driver must do when a wakeup is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The deadline has come: give the machine its input.
    Fires,
    /// The deadline was postponed: ask again at this time.
    Again(Wakeup),
    /// Nothing: the deadline was disarmed, or another wakeup has replaced this one.
    Nothing,
}

impl<T: Clone + Ord> Deadlines<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), armings: 0 }
    }

    /// The number of times that a deadline was armed.
    pub(crate) fn armings(&self) -> u64 {
        self.armings
    }

    /// Arms a deadline. Returns a wakeup if the schedule needs one more for it.
    pub(crate) fn arm(&mut self, timer: T, at: Time) -> Option<Wakeup> {
        self.armings += 1;
        let armed = Wakeup { at, arming: self.armings };
        let place = match self.position(&timer) {
            Ok(place) => place,
            Err(place) => {
                self.slots.insert(place, Slot { timer, armed: None, wakeup: None });
                place
            }
        };
        let slot = &mut self.slots[place];
        slot.armed = Some(armed);
        if slot.wakeup.is_some_and(|wakeup| wakeup.at <= at) {
            return None;
        }
        slot.wakeup = Some(armed);
        Some(armed)
    }

    /// Moves an armed deadline to another time. Returns a wakeup if the schedule needs
    /// one more for it.
    pub(crate) fn move_to(&mut self, timer: &T, at: Time) -> Option<Wakeup> {
        let place = self.position(timer).ok()?;
        let slot = &mut self.slots[place];
        let armed = slot.armed.as_mut()?;
        armed.at = at;
        if slot.wakeup.is_some_and(|wakeup| wakeup.at <= at) {
            return None;
        }
        slot.wakeup = Some(*armed);
        slot.wakeup
    }

    /// The armed deadline of this name.
    pub(crate) fn get(&self, timer: &T) -> Option<Wakeup> {
        self.slots[self.position(timer).ok()?].armed
    }

    pub(crate) fn disarm(&mut self, timer: &T) {
        if let Ok(place) = self.position(timer) {
            self.slots[place].armed = None;
            if self.slots[place].wakeup.is_none() {
                self.slots.remove(place);
            }
        }
    }

    /// The wakeup of this arming is due; `now` is on the node's own clock.
    pub(crate) fn expire(&mut self, timer: &T, arming: u64, now: Time) -> Expiry {
        let Ok(place) = self.position(timer) else { return Expiry::Nothing };
        let slot = &mut self.slots[place];
        // After a change of the clock even the right wakeup can be too early.
        if slot.wakeup.is_none_or(|wakeup| wakeup.arming != arming || wakeup.at > now) {
            return Expiry::Nothing;
        }
        slot.wakeup = None;
        match slot.armed {
            Some(armed) if armed.arming != arming || armed.at > now => {
                slot.wakeup = Some(armed);
                Expiry::Again(armed)
            }
            Some(_) => {
                self.slots.remove(place);
                Expiry::Fires
            }
            None => {
                self.slots.remove(place);
                Expiry::Nothing
            }
        }
    }

    /// The wakeups that the armed deadlines need after the node's clock has
    /// changed. They replace all others.
    pub(crate) fn wakeups(&mut self) -> impl Iterator<Item = (T, Wakeup)> {
        for slot in &mut self.slots {
            slot.wakeup = slot.armed;
        }
        self.slots.retain(|slot| slot.armed.is_some());
        self.slots.iter().filter_map(|slot| Some((slot.timer.clone(), slot.armed?)))
    }

    /// The armed deadlines, sorted by name, with their times on the node's own clock.
    pub(crate) fn armed(&self) -> impl Iterator<Item = (&T, Time)> {
        self.slots.iter().filter_map(|slot| Some((&slot.timer, slot.armed?.at)))
    }

    fn position(&self, timer: &T) -> Result<usize, usize> {
        self.slots.binary_search_by(|slot| slot.timer.cmp(timer))
    }
}
