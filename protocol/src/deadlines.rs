use alloc::vec::Vec;

use crate::Time;

/// The armed deadlines of one incarnation of a node.
///
/// Most deadlines never come: they are put off again and again, as a failure
/// detector's is by every heartbeat. A driver's schedule therefore holds one
/// alarm for a name, not one for every arming. A deadline that is put off only
/// notes its new time; when the alarm rings, it tells whether the deadline has
/// come, when to ring again, or that nobody waits for it any more.
pub(crate) struct Deadlines<T> {
    /// Sorted by name; a machine has few, so a vector beats a tree.
    slots: Vec<Slot<T>>,
    armings: u64,
}

struct Slot<T> {
    timer: T,
    /// The deadline, if one is armed.
    armed: Option<Alarm>,
    /// The alarm in the driver's schedule, if there is one.
    alarm: Option<Alarm>,
}

/// When a driver has to ask a node about a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// When, on the node's own clock.
    pub at: Time,
    /// Which arming of its node this was made for, counted from 1.
    pub arming: u64,
}

/// What a driver has to do when an alarm rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// The deadline has come: give the machine its input.
    Fires,
    /// It was put off: ring again then.
    Again(Alarm),
    /// Nothing: it was disarmed, or another alarm has taken this one's place.
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

    /// Arms a deadline, and tells if an alarm is needed for it that the
    /// schedule does not have yet.
    pub(crate) fn arm(&mut self, timer: T, at: Time) -> Option<Alarm> {
        self.armings += 1;
        let armed = Alarm { at, arming: self.armings };
        let place = match self.position(&timer) {
            Ok(place) => place,
            Err(place) => {
                self.slots.insert(place, Slot { timer, armed: None, alarm: None });
                place
            }
        };
        let slot = &mut self.slots[place];
        slot.armed = Some(armed);
        if slot.alarm.is_some_and(|alarm| alarm.at <= at) {
            return None;
        }
        slot.alarm = Some(armed);
        Some(armed)
    }

    pub(crate) fn disarm(&mut self, timer: &T) {
        if let Ok(place) = self.position(timer) {
            self.slots[place].armed = None;
            if self.slots[place].alarm.is_none() {
                self.slots.remove(place);
            }
        }
    }

    /// An alarm made for this arming rings; `now` is on the node's own clock.
    pub(crate) fn ring(&mut self, timer: &T, arming: u64, now: Time) -> Ring {
        let Ok(place) = self.position(timer) else { return Ring::Nothing };
        let slot = &mut self.slots[place];
        // After a change of the clock the same alarm may ring too early as well.
        if slot.alarm.is_none_or(|alarm| alarm.arming != arming || alarm.at > now) {
            return Ring::Nothing;
        }
        slot.alarm = None;
        match slot.armed {
            Some(armed) if armed.arming != arming || armed.at > now => {
                slot.alarm = Some(armed);
                Ring::Again(armed)
            }
            Some(_) => {
                self.slots.remove(place);
                Ring::Fires
            }
            None => {
                self.slots.remove(place);
                Ring::Nothing
            }
        }
    }

    /// The alarms that the armed deadlines need after the node's clock has
    /// changed; all others come to nothing.
    pub(crate) fn alarms(&mut self) -> impl Iterator<Item = (T, Alarm)> {
        for slot in &mut self.slots {
            slot.alarm = slot.armed;
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
