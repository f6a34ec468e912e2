use alloc::vec::Vec;

use crate::Time;

/// The armed deadlines of one incarnation of a node.
///
/// Most deadlines never come: they are put off again and again, as a failure
/// detector's is by every heartbeat. A driver's schedule therefore holds one
/// wakeup for a name, not one for every arming. A deadline that is put off only
/// notes its new time; when the wakeup is due, it tells whether the deadline has
/// come, when to ask again, or that nobody waits for it any more.
#[derive(Clone)]
pub(crate) struct Deadlines<T> {
    /// Sorted by name; a machine has few, so a vector beats a tree.
    slots: Vec<Slot<T>>,
    armings: u64,
}

#[derive(Clone)]
struct Slot<T> {
    timer: T,
    /// The deadline, if one is armed.
    armed: Option<Wakeup>,
    /// The wakeup in the driver's schedule, if there is one.
    wakeup: Option<Wakeup>,
}

/// When a driver has to ask a node about a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wakeup {
    /// When, on the node's own clock.
    pub at: Time,
    /// Which arming of its node this was made for, counted from 1.
    pub arming: u64,
}

/// What a driver has to do when a wakeup is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The deadline has come: give the machine its input.
    Fires,
    /// It was put off: ask again then.
    Again(Wakeup),
    /// Nothing: it was disarmed, or another wakeup has taken this one's place.
    Nothing,
}

impl<T: Clone + Ord> Deadlines<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), armings: 0 }
    }

    /// How often a deadline was armed.
    pub(crate) fn armings(&self) -> u64 {
        self.armings
    }

    /// Arms a deadline, and tells if a wakeup is needed for it that the
    /// schedule does not have yet.
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

    pub(crate) fn disarm(&mut self, timer: &T) {
        if let Ok(place) = self.position(timer) {
            self.slots[place].armed = None;
            if self.slots[place].wakeup.is_none() {
                self.slots.remove(place);
            }
        }
    }

    /// A wakeup made for this arming is due; `now` is on the node's own clock.
    pub(crate) fn expire(&mut self, timer: &T, arming: u64, now: Time) -> Expiry {
        let Ok(place) = self.position(timer) else { return Expiry::Nothing };
        let slot = &mut self.slots[place];
        // After a change of the clock the same wakeup may come too early as well.
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
    /// changed; all others come to nothing.
    pub(crate) fn wakeups(&mut self) -> impl Iterator<Item = (T, Wakeup)> {
        for slot in &mut self.slots {
            slot.wakeup = slot.armed;
        }
        self.slots.retain(|slot| slot.armed.is_some());
        self.slots.iter().filter_map(|slot| Some((slot.timer.clone(), slot.armed?)))
    }

    /// What is armed, by name: its name and when it comes on the node's own clock.
    pub(crate) fn armed(&self) -> impl Iterator<Item = (&T, Time)> {
        self.slots.iter().filter_map(|slot| Some((&slot.timer, slot.armed?.at)))
    }

    fn position(&self, timer: &T) -> Result<usize, usize> {
        self.slots.binary_search_by(|slot| slot.timer.cmp(timer))
    }
}
