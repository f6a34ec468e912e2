use std::collections::BTreeMap;

use rehearsal_machine::{Time, Wakeup};

/// The pending wakeups of a node, by time. Wakeups for the same time come in the order in which
/// their timers were armed.
pub(super) struct Wakeups<T>(BTreeMap<(Time, u64), T>);

impl<T> Wakeups<T> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn set(&mut self, wakeup: Wakeup, timer: T) {
        self.0.insert((wakeup.at, wakeup.arming), timer);
    }

    /// The time of the next wakeup.
    pub(super) fn next(&self) -> Option<Time> {
        self.0.first_key_value().map(|((at, _), _)| *at)
    }

    /// Removes the wakeups that are due at `now`. A wakeup that is set while they are iterated is
    /// not among them.
    pub(super) fn take_due(&mut self, now: Time) -> impl Iterator<Item = (Wakeup, T)> + use<T> {
        let later = self.0.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut self.0, later);
        due.into_iter().map(|((at, arming), timer)| (Wakeup { at, arming }, timer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_wakeups_come_in_order_and_new_ones_wait_for_the_next_turn() {
        let mut wakeups = Wakeups::new();
        let at = |at, arming| Wakeup { at: Time::from_nanos(at), arming };
        for (wakeup, name) in [(at(2, 2), "c"), (at(1, 3), "b"), (at(1, 1), "a"), (at(3, 4), "d")] {
            wakeups.set(wakeup, name);
        }
        let mut due = Vec::new();
        for (_, name) in wakeups.take_due(Time::from_nanos(2)) {
            wakeups.set(at(2, 9), "again");
            due.push(name);
        }
        assert_eq!(due, ["a", "b", "c"]);
        assert_eq!(wakeups.next(), Some(Time::from_nanos(2)));
        let next: Vec<_> = wakeups.take_due(Time::from_nanos(2)).map(|(_, name)| name).collect();
        assert_eq!(next, ["again"]);
    }
}
