//! What clocks show, and when deadlines come.

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::trace::{Event, EventKind};

use super::nodes::Nodes;
use super::{Audit, Circumstances, is};

pub(super) struct Clocks<'a> {
    of: &'a Circumstances,
    clocks: Vec<Clock>,
}

#[derive(Clone)]
struct Clock {
    since: Time,
    shows: Time,
    gained: u64,
    passed: u64,
    /// What the owner last asked.
    asked: String,
    alarm: Option<Alarm>,
}

#[derive(Clone, Copy)]
struct Alarm {
    /// What the clock shows then, where that is certain.
    own: Option<Time>,
    /// When it comes, if nobody touches the clock.
    due: Option<Time>,
}

const MILLI: u64 = 1_000_000;
/// The spans of `Nap`.
const NAP: (u64, u64) = (1, 1_000);

impl Clock {
    fn show(&self, now: Time) -> Time {
        let elapsed = u128::from(now.as_nanos() - self.since.as_nanos());
        let gone = elapsed * u128::from(self.gained) / u128::from(self.passed);
        Time::from_nanos(self.shows.as_nanos() + u64::try_from(gone).expect("within time"))
    }

    /// The first instant at which it shows this, from `now` on.
    fn first(&self, own: Time, now: Time) -> Time {
        let to_go = u128::from(own.as_nanos().saturating_sub(self.shows.as_nanos()));
        let takes = (to_go * u128::from(self.passed)).div_ceil(self.gained.into());
        let at = self.since.as_nanos() + u64::try_from(takes).expect("within time");
        Time::from_nanos(at).max(now)
    }
}

impl<'a> Clocks<'a> {
    pub(super) fn new(of: &'a Circumstances) -> Self {
        let clock = Clock {
            since: Time::ZERO,
            shows: Time::ZERO,
            gained: 1,
            passed: 1,
            asked: String::new(),
            alarm: None,
        };
        Self { of, clocks: vec![clock; of.nodes as usize] }
    }

    pub(super) fn see(&mut self, event: &Event, nodes: &Nodes<'_>) -> Audit {
        let now = event.at;
        match &event.what {
            EventKind::Clock { node, shows, gained, passed } => {
                let is_core = self.of.is_core(*node);
                let clock = &mut self.clocks[node.index()];
                match self.of.calm_at {
                    Some(calm_at) if is_core && now > calm_at => {
                        return Err("a clock is set in the calm".to_owned());
                    }
                    Some(calm_at) if is_core && now == calm_at => {
                        is(*shows == clock.show(now), "a clock jumps at the calm")?;
                    }
                    _ => {}
                }
                (clock.since, clock.shows) = (now, *shows);
                (clock.gained, clock.passed) = (*gained, *passed);
                let clock_now = clock.clone();
                if let Some(alarm) = &mut clock.alarm {
                    alarm.due = alarm.own.map(|own| clock_now.first(own, now));
                }
                Ok(())
            }
            EventKind::Crash { node } => {
                self.clocks[node.index()].alarm = None;
                Ok(())
            }
            EventKind::Command { node, text, .. } => {
                self.clocks[node.index()].asked.clone_from(text);
                Ok(())
            }
            EventKind::Move { timer, deadline } => {
                let alarm = self.clocks[timer.node.index()].alarm.as_mut();
                let alarm = alarm.ok_or("what is not armed cannot be moved")?;
                is(*deadline >= now, "moved into the past")?;
                // What the clock shows then is not told.
                *alarm = Alarm { own: None, due: Some(*deadline) };
                Ok(())
            }
            EventKind::Arm { timer, deadline } => self.arm(timer.node, *deadline, now),
            EventKind::Timer { timer } => {
                let node = &timer.node;
                let alarm = self.clocks[node.index()].alarm.take().ok_or("nothing is armed")?;
                let is_due = alarm.due.is_none_or(|due| nodes.may_come(*node, due, now));
                is(is_due, "a deadline at another time than its own")
            }
            EventKind::Emit { node, text, .. } => match text.strip_prefix("it is ") {
                Some(told) => {
                    let shows = self.clocks[node.index()].show(now).to_string();
                    is(shows == told, "its clock shows another time")
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn arm(&mut self, node: NodeId, deadline: Time, now: Time) -> Audit {
        let clock = &mut self.clocks[node.index()];
        let later = |millis: u64| Time::from_nanos(clock.show(now).as_nanos() + millis * MILLI);
        let wait = clock.asked.strip_prefix("Wait(").and_then(|rest| rest.strip_suffix(')'));
        let own = wait.map(|millis| later(millis.parse().expect("a number")));
        let (least, most) = own.map_or((later(NAP.0), later(NAP.1)), |own| (own, own));
        let range = clock.first(least, now)..=clock.first(most, now);
        is(range.contains(&deadline), "a deadline out of its range")?;
        clock.alarm = Some(Alarm { own, due: Some(deadline) });
        Ok(())
    }

    /// In the calm the clocks of the core run true.
    pub(super) fn run_true(&self) -> Audit {
        let mut core = self.clocks.iter().enumerate();
        let is_true = core.all(|(index, clock)| {
            !self.of.is_core(NodeId::from_index(index)) || clock.gained == clock.passed
        });
        is(is_true, "a clock does not run true in the calm")
    }

    pub(super) fn end(&self, nodes: &Nodes<'_>) -> Audit {
        for (index, clock) in self.clocks.iter().enumerate() {
            let due = clock.alarm.and_then(|alarm| alarm.due).filter(|due| *due < self.of.until);
            let node = NodeId::from_index(index);
            if let Some(due) = due.filter(|_| nodes.is_up(node) && !nodes.pauses(node)) {
                return Err(format!("the deadline of {node} at {due} never came"));
            }
        }
        Ok(())
    }
}
