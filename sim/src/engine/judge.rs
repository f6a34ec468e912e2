use rehearsal_machine::{NodeId, Time};

use super::fact::Fact;
use crate::check::{Check, Expect, Failure};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::world::World;

/// Nodes whose part in a missed deadline is told.
const MOST_DETAILS: usize = 10;

/// Holds a run against what its scenario expects, event by event.
pub(super) struct Judge<'a, P: Protocol> {
    scenario: &'a Scenario<P>,
    watches: Vec<Watch<'a, P::Property>>,
    /// Why only safety is judged, if so.
    safety_alone: Option<&'static str>,
    /// When each node last did something; kept only for the report of a
    /// liveness failure, where there is liveness to judge.
    doings: Vec<Doing>,
    /// The next deadline of any of them.
    next_due: Time,
}

/// When a node last did something.
#[derive(Clone, Copy, Default)]
pub(super) struct Doing {
    /// It took an input.
    pub(super) step: Option<Time>,
    /// It saved something, or told its owner something.
    pub(super) news: Option<Time>,
}

/// One line of `expect`, and how it stands with it.
struct Watch<'a, F> {
    expect: &'a Expect<F>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Always,
    Eventually {
        deadline: Time,
        is_over: bool,
        fact: Fact,
    },
    /// `due` is when the one fact has to hold, since the other one did.
    LeadsTo {
        from: Fact,
        to: Fact,
        due: Option<Time>,
    },
    Sometimes {
        fact: Fact,
        seen: Option<Time>,
    },
}

impl<'a, P: Protocol> Judge<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>) -> Self {
        let state = |expect: &Expect<_>| match expect {
            Expect::Always(_) => State::Always,
            Expect::Eventually { within, .. } => State::Eventually {
                // The loader asks for `calm_at` wherever something counts from the calm.
                deadline: scenario.calm_at().unwrap_or_default() + *within,
                is_over: false,
                fact: Fact::new(),
            },
            Expect::LeadsTo { .. } => {
                State::LeadsTo { from: Fact::new(), to: Fact::new(), due: None }
            }
            Expect::Sometimes(_) => State::Sometimes { fact: Fact::new(), seen: None },
        };
        let watches: Vec<_> =
            scenario.expect().iter().map(|expect| Watch { expect, state: state(expect) }).collect();
        let has_liveness = scenario.expect().iter().any(Expect::is_liveness);
        let doings =
            vec![Doing::default(); if has_liveness { scenario.nodes() as usize } else { 0 }];
        let mut judge = Self { scenario, watches, safety_alone: None, doings, next_due: Time::MAX };
        judge.next_due = judge.soonest().map_or(Time::MAX, |(due, _)| due);
        judge
    }

    /// Does it have to see what changes?
    #[inline]
    pub(super) fn is_watching(&self) -> bool {
        !self.watches.is_empty()
    }

    /// From now on only safety is judged, for this reason.
    pub(super) fn judge_safety_alone(&mut self, why: &'static str) {
        self.safety_alone.get_or_insert(why);
    }

    /// Why only safety was judged, if so.
    pub(super) fn safety_alone(&self) -> Option<&'static str> {
        self.safety_alone
    }

    /// When each node last did something, if that was kept.
    pub(super) fn doings(&self) -> &[Doing] {
        &self.doings
    }

    /// For each line of `expect`: when that came to pass which shall, as far as
    /// that is told of it.
    pub(super) fn since(&self) -> Vec<Option<Time>> {
        let since = |watch: &Watch<'_, _>| match &watch.state {
            State::Eventually { fact, .. } => fact.holds().then(|| fact.since()),
            State::Sometimes { seen, .. } => *seen,
            State::Always | State::LeadsTo { .. } => None,
        };
        self.watches.iter().map(since).collect()
    }

    /// The node saves something, or tells its owner something.
    #[inline]
    pub(super) fn news(&mut self, node: NodeId, now: Time) {
        if let Some(doing) = self.doings.get_mut(node.index()) {
            doing.news = Some(now);
        }
    }

    /// Is a deadline over before the next event, at `next`? Then what it is
    /// about must hold now.
    #[inline]
    pub(super) fn before(&mut self, next: Time, world: &World<P::Machine>) -> Result<(), Failure> {
        if self.next_due < next { self.pass(|due| due < next, world) } else { Ok(()) }
    }

    /// At the end of the run every deadline is over that counts from the calm,
    /// and every other one that lies before the end.
    pub(super) fn at_the_end(&mut self, world: &World<P::Machine>) -> Result<(), Failure> {
        for watch in &mut self.watches {
            if let State::LeadsTo { due, .. } = &mut watch.state {
                *due = due.filter(|due| *due < self.scenario.until());
            }
        }
        self.pass(|_| true, world)
    }

    /// After an event that changed this node: everything in force must hold of it.
    #[inline]
    pub(super) fn after(
        &mut self,
        world: &World<P::Machine>,
        changed: NodeId,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        if self.watches.is_empty() { Ok(()) } else { self.watch(world, changed, event) }
    }

    /// The soonest deadline that is not over, and whose it is.
    fn soonest(&self) -> Option<(Time, usize)> {
        let due = |(place, watch): (usize, &Watch<'_, _>)| match watch.state {
            State::Eventually { deadline, is_over: false, .. } => Some((deadline, place)),
            State::LeadsTo { due: Some(due), .. } => Some((due, place)),
            _ => None,
        };
        self.watches.iter().enumerate().filter_map(due).min()
    }

    /// Passes the deadlines that are over, soonest first.
    #[cold]
    fn pass(
        &mut self,
        is_over: impl Fn(Time) -> bool,
        world: &World<P::Machine>,
    ) -> Result<(), Failure> {
        while let Some((due, place)) = self.soonest().filter(|(due, _)| is_over(*due)) {
            let watch = &mut self.watches[place];
            let what = match (&mut watch.state, watch.expect) {
                (State::Eventually { is_over, .. }, Expect::Eventually { what, .. }) => {
                    *is_over = true;
                    what
                }
                (State::LeadsTo { due, .. }, Expect::LeadsTo { to, .. }) => {
                    *due = None;
                    to
                }
                // Only those two have deadlines.
                _ => break,
            };
            if self.safety_alone.is_none() {
                self.ask_all(place, what, world, due)?;
            }
        }
        self.next_due = self.soonest().map_or(Time::MAX, |(due, _)| due);
        Ok(())
    }

    #[cold]
    fn watch(
        &mut self,
        world: &World<P::Machine>,
        changed: NodeId,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        let (now, scenario) = (world.now(), self.scenario);
        if let Some(doing) = self.doings.get_mut(changed.index()) {
            doing.step = Some(now);
        }
        let is_core = |node| scenario.is_core(node);
        let holds = |what: &P::Property, node| P::holds(what, world, node).is_ok();
        let counts_as_held = |what, node| !is_core(node) || holds(what, node);
        let nodes = world.nodes().len();
        for place in 0..self.watches.len() {
            let watch = &mut self.watches[place];
            match (&mut watch.state, watch.expect) {
                (State::Always, Expect::Always(what)) => {
                    self.ask(place, what, world, changed, now, &event)?;
                }
                (State::Eventually { is_over, fact, .. }, Expect::Eventually { what, .. }) => {
                    fact.update(now, changed, nodes, |node| counts_as_held(what, node));
                    if *is_over && self.safety_alone.is_none() && is_core(changed) {
                        self.ask(place, what, world, changed, now, &event)?;
                    }
                }
                (
                    State::LeadsTo { from, to, due },
                    Expect::LeadsTo { from: cause, to: effect, within },
                ) => {
                    from.update(now, changed, nodes, |node| counts_as_held(cause, node));
                    to.update(now, changed, nodes, |node| counts_as_held(effect, node));
                    if to.holds() {
                        *due = None;
                    } else if from.holds() && due.is_none() {
                        *due = Some(now.max(scenario.calm_at().unwrap_or_default()) + *within);
                    }
                }
                (State::Sometimes { fact, seen }, Expect::Sometimes(what)) if seen.is_none() => {
                    fact.update(now, changed, nodes, |node| holds(what, node));
                    *seen = fact.holds().then_some(now);
                }
                _ => {}
            }
        }
        self.next_due = self.soonest().map_or(Time::MAX, |(due, _)| due);
        Ok(())
    }

    /// At a deadline: of whichever nodes it does not hold, the first gives the reason.
    fn ask_all(
        &self,
        place: usize,
        what: &P::Property,
        world: &World<P::Machine>,
        due: Time,
    ) -> Result<(), Failure> {
        let ask = |node| self.ask(place, what, world, node, due, || "deadline".to_owned()).err();
        let core = world.nodes().filter(|node| self.scenario.is_core(*node));
        let mut failures = core.filter_map(ask);
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
        what: &P::Property,
        world: &World<P::Machine>,
        node: NodeId,
        at: Time,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        P::holds(what, world, node).map_err(|violation| Failure {
            check: Check::of(self.watches[place].expect),
            reason: violation.reason.to_owned(),
            at,
            detail: violation.detail,
            event: event(),
        })
    }
}
