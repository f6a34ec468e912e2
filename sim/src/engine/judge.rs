use rehearsal_protocol::{NodeId, Time};

use crate::check::{Expect, Failure};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::world::World;

/// Events that an instant may make for itself before a run makes no progress.
const MOST_IN_ONE_INSTANT: u64 = 100_000;

/// Nodes whose part in a missed deadline is told.
const MOST_DETAILS: usize = 10;

/// Holds a run against what its scenario expects, event by event.
pub(crate) struct Judge<'a, P: Protocol> {
    expect: &'a [Expect<P::Predicate>],
    /// The deadline of each expectation; none for `Always`.
    deadlines: Vec<Option<Time>>,
    /// The deadlines that have not come, soonest last.
    open: Vec<(Time, usize)>,
    max_events: u64,
}

impl<'a, P: Protocol> Judge<'a, P> {
    pub(crate) fn new(scenario: &'a Scenario<P>) -> Self {
        let deadline = |expect: &Expect<_>| match expect {
            Expect::Always(_) => None,
            // The loader asks for `calm_at` wherever something counts from the calm.
            Expect::Eventually { within, .. } => {
                Some(scenario.calm_at().unwrap_or_default() + *within)
            }
        };
        let deadlines: Vec<_> = scenario.expect().iter().map(deadline).collect();
        let mut open: Vec<_> =
            deadlines.iter().enumerate().filter_map(|(at, due)| Some(((*due)?, at))).collect();
        open.sort_by(|a, b| b.cmp(a));
        Self { expect: scenario.expect(), deadlines, open, max_events: scenario.max_events() }
    }

    /// Is a deadline over before the next event, at `next`? Then everything it
    /// is about must hold now.
    pub(crate) fn before(&mut self, next: Time, world: &World<P::Machine>) -> Result<(), Failure> {
        while let Some(&(due, place)) = self.open.last()
            && due < next
        {
            self.open.pop();
            self.ask_all(place, world, due)?;
        }
        Ok(())
    }

    /// At the end of the run every deadline is over.
    pub(crate) fn at_the_end(&mut self, world: &World<P::Machine>) -> Result<(), Failure> {
        while let Some((due, place)) = self.open.pop() {
            self.ask_all(place, world, due)?;
        }
        Ok(())
    }

    /// After an event that changed this node: everything in force must hold of it.
    pub(crate) fn after(
        &mut self,
        world: &World<P::Machine>,
        changed: NodeId,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        for place in 0..self.expect.len() {
            // A deadline that is now still admits what the rest of this instant brings.
            if self.deadlines[place].is_none_or(|due| due < world.now()) {
                self.ask(place, world, changed, world.now(), &event)?;
            }
        }
        Ok(())
    }

    /// A run that goes on for ever is stopped.
    pub(crate) fn progress(
        &self,
        events: u64,
        made_for_now: u64,
        now: Time,
    ) -> Result<(), Failure> {
        let (reason, detail) = if events > self.max_events {
            let most = self.max_events;
            (
                "too many events",
                format!("more than {most} events: raise `max_events` if so many are right"),
            )
        } else if made_for_now > MOST_IN_ONE_INSTANT {
            let detail =
                format!("{MOST_IN_ONE_INSTANT} events made more events without time advancing");
            ("time stands still", detail)
        } else {
            return Ok(());
        };
        Err(Failure {
            check: "progress".to_owned(),
            reason: reason.to_owned(),
            at: now,
            detail,
            event: "progress".to_owned(),
        })
    }

    /// At a deadline: of whichever nodes it does not hold, the first gives the reason.
    fn ask_all(&self, place: usize, world: &World<P::Machine>, due: Time) -> Result<(), Failure> {
        let ask = |node| self.ask(place, world, node, due, || "deadline".to_owned()).err();
        let mut failures = world.nodes().filter_map(ask);
        let Some(mut first) = failures.next() else { return Ok(()) };
        for failure in failures.by_ref().take(MOST_DETAILS - 1) {
            first.detail.extend(["\n", &failure.detail]);
        }
        match failures.count() {
            0 => {}
            more => first.detail += &format!("\nand so on for {more} more"),
        }
        Err(first)
    }

    fn ask(
        &self,
        place: usize,
        world: &World<P::Machine>,
        node: NodeId,
        at: Time,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        let (Expect::Always(what) | Expect::Eventually { what, .. }) = &self.expect[place];
        P::holds(what, world, node).map_err(|violation| Failure {
            check: self.expect[place].to_string(),
            reason: violation.reason.to_owned(),
            at,
            detail: violation.detail,
            event: event(),
        })
    }
}
