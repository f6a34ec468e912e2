/// A verdict that a node found by itself, and how long ago it was last confirmed.
///
/// Nobody tells a node that another one on its cycle has given up or crashed. So a node looks again
/// in every period while it waits, and withdraws its verdict when two looks in a row have not
/// confirmed it. One may be lost or late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether a look has confirmed it since the last period ended.
    is_confirmed: bool,
    /// The periods that have ended without that.
    missed: u32,
}

/// A verdict stands through fewer periods in a row than these without being confirmed.
const MISSES: u32 = 2;

impl Standing {
    /// A verdict that was found, or confirmed, just now.
    pub(super) const CONFIRMED: Self = Self { is_confirmed: true, missed: 0 };

    /// Has it been confirmed since the last period ended?
    pub(super) fn is_confirmed(self) -> bool {
        self.is_confirmed
    }

    /// A period has ended. Returns nothing if the verdict is to be withdrawn.
    pub(super) fn after_period(self) -> Option<Self> {
        let missed = if self.is_confirmed { 0 } else { self.missed + 1 };
        (missed < MISSES).then_some(Self { is_confirmed: false, missed })
    }
}
