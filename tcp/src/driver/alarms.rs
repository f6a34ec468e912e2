use std::collections::BTreeMap;

use rehearsal_protocol::{Alarm, Time};

/// When the node has to be asked about which deadline. Ties are broken by
/// which of them was armed first.
pub(super) struct Alarms<T>(BTreeMap<(Time, u64), T>);

impl<T> Alarms<T> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn set(&mut self, alarm: Alarm, timer: T) {
        self.0.insert((alarm.at, alarm.arming), timer);
    }

    /// When the next one rings.
    pub(super) fn next(&self) -> Option<Time> {
        self.0.first_key_value().map(|((at, _), _)| *at)
    }

    /// One that rings by now.
    pub(super) fn due(&mut self, now: Time) -> Option<(Alarm, T)> {
        let first = self.0.first_entry()?;
        let (at, arming) = *first.key();
        (at <= now).then(|| (Alarm { at, arming }, first.remove()))
    }
}
