use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};

use crate::fault::{Rate, Shift};
use crate::source::TimeSpan;

/// The clocks that do not run true. All others show the time itself.
#[derive(Default)]
pub(crate) struct Clocks(BTreeMap<NodeId, Clock>);

/// A clock that was set or changed its rate at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    /// The true time then.
    since: Time,
    /// What it showed then.
    showing: Time,
    /// It goes `gained` for `passed` of true time, both at least 1.
    gained: u64,
    passed: u64,
}

impl Clocks {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What the node's clock shows.
    #[inline]
    pub(crate) fn show(&self, node: NodeId, now: Time) -> Time {
        if self.0.is_empty() {
            return now;
        }
        self.0.get(&node).map_or(now, |clock| clock.show(now))
    }

    /// The first instant, not before `now`, at which the node's clock shows `own` or later.
    #[inline]
    pub(crate) fn when(&self, node: NodeId, own: Time, now: Time) -> Time {
        if self.0.is_empty() {
            return own;
        }
        self.0.get(&node).map_or(own, |clock| clock.when(own)).max(now)
    }

    /// Sets the node's clock, which runs true from now on.
    pub(crate) fn set(&mut self, node: NodeId, showing: Time, now: Time) {
        self.0.insert(node, Clock { since: now, showing, gained: 1, passed: 1 });
    }

    /// Sets the node's clock to this far from the true time.
    pub(crate) fn skew(&mut self, node: NodeId, by: Shift, now: Time) {
        let clock = self.of(node);
        *clock = Clock { since: now, showing: shifted(now, by), ..*clock };
    }

    /// Lets the node's clock jump.
    pub(crate) fn step(&mut self, node: NodeId, by: Shift, now: Time) {
        let clock = self.of(node);
        *clock = Clock { since: now, showing: shifted(clock.show(now), by), ..*clock };
    }

    /// Lets the node's clock go at another rate.
    pub(crate) fn drift(&mut self, node: NodeId, by: Rate, now: Time) {
        let clock = self.of(node);
        let (Rate::Fast(ratio) | Rate::Slow(ratio)) = by;
        let (passed, part) = (u64::from(ratio.denominator()), u64::from(ratio.numerator()));
        let gained = match by {
            Rate::Fast(_) => passed + part,
            // The loader has refused a clock that loses all of the time.
            Rate::Slow(_) => (passed - part).max(1),
        };
        *clock = Clock { since: now, showing: clock.show(now), gained, passed };
    }

    /// What the node's clock shows, and how much it goes in how much of the true time.
    pub(crate) fn tell(&self, node: NodeId, now: Time) -> (Time, u64, u64) {
        self.0.get(&node).map_or((now, 1, 1), |clock| (clock.show(now), clock.gained, clock.passed))
    }

    /// From now on the node's clock goes at the true rate, from what it shows.
    /// False if it did anyway.
    pub(crate) fn run_true(&mut self, node: NodeId, now: Time) -> bool {
        let Some(clock) = self.0.get_mut(&node).filter(|clock| clock.gained != clock.passed) else {
            return false;
        };
        *clock = Clock { since: now, showing: clock.show(now), gained: 1, passed: 1 };
        true
    }

    fn of(&mut self, node: NodeId) -> &mut Clock {
        let is_true = Clock { since: Time::ZERO, showing: Time::ZERO, gained: 1, passed: 1 };
        self.0.entry(node).or_insert(is_true)
    }
}

impl Clock {
    fn show(&self, now: Time) -> Time {
        let elapsed = now.as_nanos().saturating_sub(self.since.as_nanos());
        self.showing + scaled(elapsed, self.gained, self.passed, u128::div_euclid)
    }

    fn when(&self, own: Time) -> Time {
        let to_go = own.as_nanos().saturating_sub(self.showing.as_nanos());
        self.since + scaled(to_go, self.passed, self.gained, u128::div_ceil)
    }
}

fn shifted(time: Time, by: Shift) -> Time {
    match by {
        Shift::Ahead(span) => time + span,
        Shift::Behind(span) => Time::from_nanos(time.as_nanos().saturating_sub(span.as_nanos())),
    }
}

fn scaled(nanos: u64, by: u64, per: u64, divide: fn(u128, u128) -> u128) -> TimeSpan {
    let scaled = divide(u128::from(nanos) * u128::from(by), u128::from(per));
    TimeSpan::from_nanos(u64::try_from(scaled).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Ratio;
    use proptest::prelude::*;

    fn span(nanos: u64) -> TimeSpan {
        TimeSpan::from_nanos(nanos)
    }

    proptest! {
        #[test]
        fn a_clock_shows_a_time_at_the_first_instant_at_which_it_is_reached(
            changes in prop::collection::vec(
                (0_u64..1_000_000, 0_u8..4, 0_u64..2_000_000, 1_u32..100, 100_u32..1_000), 1..6),
            own in 0_u64..10_000_000,
        ) {
            let (mut clocks, node) = (Clocks::default(), NodeId::from_index(0));
            let mut now = Time::ZERO;
            for (later, what, by, part, whole) in changes {
                now = now + span(later);
                let ratio = Ratio::new(part.min(whole - 1), whole).expect("less than certain");
                match what {
                    0 => clocks.skew(node, Shift::Ahead(span(by)), now),
                    1 => clocks.step(node, Shift::Behind(span(by)), now),
                    2 => clocks.drift(node, Rate::Fast(ratio), now),
                    _ => clocks.drift(node, Rate::Slow(ratio), now),
                }
            }
            let own = Time::from_nanos(own);
            let when = clocks.when(node, own, now);
            prop_assert!(clocks.show(node, when) >= own);
            if when > now {
                let before = Time::from_nanos(when.as_nanos() - 1);
                prop_assert!(clocks.show(node, before) < own);
            }
        }
    }

    #[test]
    fn a_clock_that_gains_a_hundredth_shows_101_seconds_after_100() {
        let (mut clocks, node) = (Clocks::default(), NodeId::from_index(0));
        let seconds = |seconds: u64| Time::from_millis(seconds * 1_000);
        let ratio = Ratio::new(1, 100).expect("a share");
        clocks.drift(node, Rate::Fast(ratio), seconds(0));
        assert_eq!(clocks.show(node, seconds(100)), seconds(101));
        assert!(clocks.run_true(node, seconds(100)));
        assert_eq!(clocks.show(node, seconds(200)), seconds(201));
        clocks.skew(node, Shift::Ahead(TimeSpan::ZERO), seconds(200));
        assert_eq!(clocks.show(node, seconds(300)), seconds(300));
        assert!(!clocks.run_true(node, seconds(300)), "it does");
    }
}
