//! What can happen to nodes: crashes, pauses, clocks, disks.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::bounds::Bounds;
use crate::fault::{Action, Disk, Fault, Rate, Shift, Target, When};
use crate::network::Distribution;
use crate::source::{Ratio, TimeSpan};

/// The faults of one thing that goes wrong.
pub(super) type FaultStrategy = BoxedStrategy<Vec<Fault>>;

impl Bounds {
    pub(super) fn crashes(&self) -> FaultStrategy {
        prop_oneof![3 => self.bounces(vec![Disk::Intact]), 1 => self.downs(Action::Crash, Action::Restart)]
            .boxed()
    }

    pub(super) fn lost_saves(&self) -> FaultStrategy {
        self.bounces(vec![Disk::Intact, Disk::LosesLast, Disk::TearsLast])
    }

    pub(super) fn upgrades(&self) -> FaultStrategy {
        self.downs(Action::Crash, Action::Upgrade)
    }

    /// Nothing of what was saved is there at the next start.
    pub(super) fn amnesia(&self) -> FaultStrategy {
        prop_oneof![
            self.bounces(vec![Disk::Intact, Disk::Wiped]),
            self.downs(Action::Crash, Action::Amnesia),
            self.downs(Action::Wipe, Action::Restart),
        ]
        .boxed()
    }

    pub(super) fn lies(&self) -> FaultStrategy {
        (self.moment(), self.victim())
            .prop_map(|(when, victim)| {
                let action = Action::LyingDisk(victim.of(&when));
                vec![Fault::new(when, action)]
            })
            .boxed()
    }

    pub(super) fn pauses(&self) -> FaultStrategy {
        let bounds = self.clone();
        let ended = (self.at(), self.span(), self.node()).prop_map(move |(at, lasts, node)| {
            let begin = Action::Pause { node: node.into(), lasts: None };
            bounds.lasting(When::At(at), at, lasts, [begin, Action::Resume(node.into())])
        });
        let whole =
            (self.moment(), self.victim(), self.span()).prop_map(|(when, victim, lasts)| {
                let action = Action::Pause { node: victim.of(&when), lasts: Some(lasts) };
                vec![Fault::new(when, action)]
            });
        prop_oneof![3 => whole, 1 => ended].boxed()
    }

    pub(super) fn clocks(&self) -> FaultStrategy {
        (self.moment(), self.victim(), self.wrong_clock())
            .prop_map(|(when, victim, wrong)| {
                let action = wrong.of(victim.of(&when));
                vec![Fault::new(when, action)]
            })
            .boxed()
    }

    /// When the nodes start that are absent at first; there is one.
    pub(super) fn starts(&self) -> FaultStrategy {
        (self.at(), prop::sample::select(self.absent.clone()))
            .prop_map(|(at, node)| vec![Fault::new(When::At(at), Action::Start(node))])
            .boxed()
    }

    /// What strikes anybody, again and again; the more seldom the milder.
    pub(super) fn of_chance(&self, actions: Vec<BoxedStrategy<Action>>) -> FaultStrategy {
        (self.gap(), Union::new(actions))
            .prop_map(|(gap, action)| vec![Fault::new(When::Every(gap), action)])
            .boxed()
    }

    /// A timer fires now, or later than it would.
    pub(super) fn moved_timers(&self) -> FaultStrategy {
        let timer = prop::sample::select(self.timers.clone());
        (self.moment(), self.victim(), timer, prop::option::of(self.span()))
            .prop_map(|(when, victim, timer, by)| {
                let node = victim.of(&when);
                let action = match by {
                    Some(by) => Action::PutOff { node, timer, by },
                    None => Action::Fire { node, timer },
                };
                vec![Fault::new(when, action)]
            })
            .boxed()
    }

    pub(super) fn any_crash(&self) -> BoxedStrategy<Action> {
        let bounce = |down| Action::Bounce { node: Target::Any, down, disk: Disk::Intact };
        self.span().prop_map(bounce).boxed()
    }

    pub(super) fn any_pause(&self) -> BoxedStrategy<Action> {
        self.span()
            .prop_map(|lasts| Action::Pause { node: Target::Any, lasts: Some(lasts) })
            .boxed()
    }

    pub(super) fn any_clock(&self) -> BoxedStrategy<Action> {
        self.wrong_clock().prop_map(|wrong| wrong.of(Target::Any)).boxed()
    }

    pub(super) fn gap(&self) -> BoxedStrategy<Distribution> {
        let before = self.before;
        let gap = (1..=MOST_STRIKES).prop_map(move |strikes| {
            // Less than a nanosecond is no time.
            TimeSpan::from_nanos((before / strikes).max(1))
        });
        prop_oneof![
            gap.clone().prop_map(Distribution::Fixed),
            gap.prop_map(Distribution::Exponential)
        ]
        .boxed()
    }

    /// Which disk it is shrinks by itself: with a kind of mishap for each, a
    /// milder one would have to be found anew.
    fn bounces(&self, disks: Vec<Disk>) -> FaultStrategy {
        (self.moment(), self.victim(), self.span(), prop::sample::select(disks))
            .prop_map(move |(when, victim, down, disk)| {
                let action = Action::Bounce { node: victim.of(&when), down, disk };
                vec![Fault::new(when, action)]
            })
            .boxed()
    }

    /// A node goes down and comes back, by two faults.
    fn downs(&self, down: fn(Target) -> Action, up: fn(Target) -> Action) -> FaultStrategy {
        let last = self.until - 1;
        (self.at(), self.span(), self.node())
            .prop_map(move |(at, lasts, node)| {
                let back = at.as_nanos().saturating_add(lasts.as_nanos()).min(last);
                let back = When::At(TimeSpan::from_nanos(back));
                vec![Fault::new(When::At(at), down(node.into())), Fault::new(back, up(node.into()))]
            })
            .boxed()
    }

    pub(super) fn wrong_clock(&self) -> impl Strategy<Value = WrongClock> + use<> {
        let shift =
            prop_oneof![self.span().prop_map(Shift::Ahead), self.span().prop_map(Shift::Behind),];
        // Less than all of the time: a clock that loses that stands still.
        let share = (0..MOST_PARTS).prop_map(|parts| Ratio::new(parts, MOST_PARTS));
        let share = share.prop_map(Result::unwrap_or_default);
        let rate = prop_oneof![share.clone().prop_map(Rate::Fast), share.prop_map(Rate::Slow)];
        prop_oneof![
            shift.clone().prop_map(WrongClock::Step),
            shift.prop_map(WrongClock::Skew),
            rate.prop_map(WrongClock::Drift),
        ]
    }
}

/// How often a fault strikes that strikes again and again, by its mean.
const MOST_STRIKES: u64 = 20;
const MOST_PARTS: u32 = 100;

#[derive(Clone, Debug)]
pub(super) enum WrongClock {
    Step(Shift),
    Skew(Shift),
    Drift(Rate),
}

impl WrongClock {
    pub(super) fn of(self, node: Target) -> Action {
        match self {
            Self::Step(by) => Action::Step { node, by },
            Self::Skew(by) => Action::Skew { node, by },
            Self::Drift(by) => Action::Drift { node, by },
        }
    }
}
