use std::collections::BTreeMap;

use rehearsal_machine::{Time, Wakeup};

/// When the node has to be asked about which deadline. Ties are broken by
/// which of them was armed first.
pub(super) struct Wakeups<T>(BTreeMap<(Time, u64), T>);

impl<T> Wakeups<T> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn set(&mut self, wakeup: Wakeup, timer: T) {
        self.0.insert((wakeup.at, wakeup.arming), timer);
    }

    /// When the next one rings.
    pub(super) fn next(&self) -> Option<Time> {
        self.0.first_key_value().map(|((at, _), _)| *at)
    }

    /// Those that ring by now; what is set while they do waits for another time.
    pub(super) fn due(&mut self, now: Time) -> impl Iterator<Item = (Wakeup, T)> + use<T> {
        let later = self.0.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut self.0, later);
        due.into_iter().map(|((at, arming), timer)| (Wakeup { at, arming }, timer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_rings_in_its_order_and_what_is_set_meanwhile_waits() {
        let mut wakeups = Wakeups::new();
        let at = |at, arming| Wakeup { at: Time::from_nanos(at), arming };
        for (wakeup, name) in [(at(2, 2), "c"), (at(1, 3), "b"), (at(1, 1), "a"), (at(3, 4), "d")] {
            wakeups.set(wakeup, name);
        }
        let mut rung = Vec::new();
        for (_, name) in wakeups.due(Time::from_nanos(2)) {
            wakeups.set(at(2, 9), "again");
            rung.push(name);
        }
        assert_eq!(rung, ["a", "b", "c"]);
        assert_eq!(wakeups.next(), Some(Time::from_nanos(2)));
        assert_eq!(
            wakeups.due(Time::from_nanos(2)).map(|(_, name)| name).collect::<Vec<_>>(),
            ["again"]
        );
    }
}
