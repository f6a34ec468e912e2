use rehearsal_machine::{NodeId, Time};

use super::tracked::{Found, Tracked};
use crate::check::{Check, Expect, Failure, Untested};
use crate::property::{NodeEvent, Observed, Question, Violation};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::world::World;

/// Nodes whose part in a missed deadline is told.
const MOST_DETAILS: usize = 10;

/// Holds a run against what its scenario expects, event by event.
pub(super) struct Judge<'a, P: Protocol> {
    scenario: &'a Scenario<P>,
    watches: Vec<Watch<'a, P::Property>>,
    /// What the protocol remembers of the run.
    memory: P::Memory,
    /// Why only safety is judged, if so.
    safety_alone: Option<&'static str>,
    /// When each node last did something; kept only for the report of a
    /// liveness failure, where there is liveness to judge.
    doings: Vec<Doing>,
    /// The next deadline of any of them.
    next_due: Time,
}

/// What all nodes have been asked at once.
struct Asked {
    failure: Option<Failure>,
    /// Was there a node to ask, or the world?
    is_tested: bool,
}

/// When a node last did something.
#[derive(Clone, Copy, Default)]
pub(super) struct Doing {
    /// It took an input.
    pub(super) step: Option<Time>,
    /// It saved something, or told its owner something.
    pub(super) news: Option<Time>,
}

/// One line of `expect`, and how the run stands with it.
struct Watch<'a, T> {
    expect: &'a Expect<T>,
    state: State<'a, T>,
    /// Has the run put it to the test?
    is_tested: bool,
}

impl<T> Watch<'_, T> {
    fn untested(&self) -> Option<Untested> {
        match self.state {
            State::LeadsTo { .. } if !self.is_tested => Some(Untested::NoCause),
            State::Eventually { .. } if !self.is_tested => Some(Untested::NobodyUp),
            _ => None,
        }
    }
}

enum State<'a, T> {
    Always(&'a T),
    Eventually {
        what: &'a T,
        deadline: Time,
        is_over: bool,
        tracked: Tracked,
    },
    /// `due` is when the effect has to hold, since the cause did.
    LeadsTo {
        cause: (&'a T, Tracked),
        effect: (&'a T, Tracked),
        within: std::time::Duration,
        due: Option<Time>,
    },
    /// `Reaches` or `Sometimes`: `seen` is when it first held.
    Once {
        what: &'a T,
        tracked: Tracked,
        seen: Option<Time>,
        is_demanded: bool,
    },
}

impl<'a, T> State<'a, T> {
    fn new(expect: &'a Expect<T>, calm_at: Option<Time>) -> Self {
        let once = |what, is_demanded| Self::Once {
            what,
            tracked: Tracked::new(),
            seen: None,
            is_demanded,
        };
        match expect {
            Expect::Always(what) => Self::Always(what),
            Expect::Eventually { what, within } => Self::Eventually {
                what,
                // The loader asks for `calm_at` wherever something counts from the calm.
                deadline: calm_at.unwrap_or_default() + *within,
                is_over: false,
                tracked: Tracked::new(),
            },
            Expect::LeadsTo { from, to, within } => Self::LeadsTo {
                cause: (from, Tracked::new()),
                effect: (to, Tracked::new()),
                within: within.as_duration(),
                due: None,
            },
            Expect::Reaches(what) => once(what, true),
            Expect::Sometimes(what) => once(what, false),
        }
    }

    /// The deadline that is not over, if there is one.
    fn due(&self) -> Option<Time> {
        match self {
            Self::Eventually { deadline, is_over: false, .. } => Some(*deadline),
            Self::LeadsTo { due, .. } => *due,
            Self::Eventually { .. } | Self::Always(_) | Self::Once { .. } => None,
        }
    }
}

impl<'a, P: Protocol> Judge<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>) -> Self {
        let watch = |expect| Watch {
            expect,
            state: State::new(expect, scenario.calm_at()),
            is_tested: false,
        };
        let watches: Vec<_> = scenario.expect().iter().map(watch).collect();
        let has_liveness = scenario.expect().iter().any(Expect::is_liveness);
        let doings =
            vec![Doing::default(); if has_liveness { scenario.nodes() as usize } else { 0 }];
        let mut judge = Self {
            scenario,
            watches,
            memory: P::Memory::default(),
            safety_alone: None,
            doings,
            next_due: Time::MAX,
        };
        judge.next_due = judge.soonest().map_or(Time::MAX, |(due, _)| due);
        judge
    }

    /// Does it have to see what changes?
    #[inline]
    pub(super) fn is_watching(&self) -> bool {
        !self.watches.is_empty()
    }

    /// Does it have to be told what nodes do, for the protocol to remember?
    #[inline]
    pub(super) fn remembers(&self) -> bool {
        size_of::<P::Memory>() > 0 && self.is_watching()
    }

    /// Tells the protocol what a node does.
    pub(super) fn observe(
        &mut self,
        world: &World<P::Machine>,
        (node, incarnation): (NodeId, u32),
        event: NodeEvent<'_, P::Machine>,
    ) {
        P::observe(&mut self.memory, world, &Observed::new(world, node, incarnation, event));
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

    /// For each line of `expect`: when it came to hold, as far as that is told of it.
    pub(super) fn since(&self) -> Vec<Option<Time>> {
        let since = |watch: &Watch<'_, _>| match &watch.state {
            State::Eventually { tracked, .. } => tracked.holds().then(|| tracked.since()),
            State::Once { seen, .. } => *seen,
            State::Always(_) | State::LeadsTo { .. } => None,
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

    /// Is a deadline over before the next event, at `next`? Then its property
    /// must hold now.
    #[inline]
    pub(super) fn before(&mut self, next: Time, world: &World<P::Machine>) -> Result<(), Failure> {
        if self.next_due < next { self.pass(|due| due < next, world) } else { Ok(()) }
    }

    /// At the end of the run every deadline is over that counts from the calm,
    /// and every other one that lies before the end; and what the run was to
    /// reach has been reached.
    pub(super) fn at_the_end(&mut self, world: &World<P::Machine>) -> Result<(), Failure> {
        for watch in &mut self.watches {
            if let State::LeadsTo { due, .. } = &mut watch.state {
                *due = due.filter(|due| *due < self.scenario.until());
            }
        }
        self.pass(|_| true, world)?;
        for watch in &self.watches {
            if let State::Once { what, seen: None, is_demanded: true, .. } = watch.state {
                let asked =
                    self.ask_all(watch.expect, what, world, self.scenario.until(), |_| true);
                asked.failure.map_or(Ok(()), Err)?;
            }
        }
        self.tested(world)
    }

    /// A run that puts nothing to the test has not held.
    fn tested(&self, world: &World<P::Machine>) -> Result<(), Failure> {
        let is_idle = world.places.iter().all(|place| place.incarnations == 0);
        let mut judged = self
            .watches
            .iter()
            .filter(|watch| self.safety_alone.is_none() || !watch.expect.is_liveness())
            .filter(|watch| !matches!(watch.expect, Expect::Sometimes(_)))
            .map(Watch::untested)
            .peekable();
        let is_vacuous = judged.peek().is_some() && judged.all(|untested| untested.is_some());
        let reason = match (is_idle, is_vacuous) {
            (true, _) => "no node was ever up",
            (false, true) => "no line of `expect` was put to the test",
            (false, false) => return Ok(()),
        };
        let lines = self.watches.iter().filter_map(|watch| {
            watch.untested().map(|untested| format!("{}: {untested}", watch.expect))
        });
        Err(Failure {
            check: Check::Tested,
            reason: reason.to_owned(),
            at: world.now(),
            detail: lines.collect::<Vec<_>>().join("\n"),
            event: "end".to_owned(),
        })
    }

    /// For each line of `expect`: why it says nothing about the run, if so.
    pub(super) fn untested(&self) -> Vec<Option<Untested>> {
        self.watches.iter().map(Watch::untested).collect()
    }

    /// After an event that changed these nodes: everything in force must hold of them.
    #[inline]
    pub(super) fn after(
        &mut self,
        world: &World<P::Machine>,
        changed: &[NodeId],
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        if self.watches.is_empty() || changed.is_empty() {
            Ok(())
        } else {
            self.watch(world, changed, event)
        }
    }

    fn watch(
        &mut self,
        world: &World<P::Machine>,
        changed: &[NodeId],
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        let Self { scenario, watches, memory, safety_alone, doings, .. } = self;
        let (now, nodes) = (world.now(), world.nodes().len());
        let mut has_other_due = false;
        if !doings.is_empty() {
            for node in changed {
                doings[node.index()].step = Some(now);
            }
        }
        let is_core = |node| scenario.is_core(node);
        let ask = |what, node| {
            let answer = P::holds(what, Question::new(world, memory, node, false));
            Found { is_of_world: answer.is_of_world, holds: answer.is_yes() }
        };
        // A property of every node is none of the nodes outside the core.
        let ask_core = |what, node| {
            let found = ask(what, node);
            let is_asked = found.is_of_world || is_core(node);
            Found { holds: found.holds || !is_asked, ..found }
        };
        let fail = |expect, what, node| {
            Err(failure::<P>(expect, what, (world, memory), node, now, &event))
        };
        for Watch { expect, state, is_tested } in watches {
            match state {
                State::Always(what) => {
                    for node in changed {
                        let found = ask(what, *node);
                        if !found.holds {
                            return fail(expect, what, *node);
                        }
                        if found.is_of_world {
                            break;
                        }
                    }
                }
                State::Eventually { what, is_over, tracked, .. } => {
                    tracked.update(now, changed, nodes, |node| ask_core(what, node));
                    if *is_over && safety_alone.is_none() {
                        for node in changed {
                            let found = ask_core(what, *node);
                            if !found.holds {
                                return fail(expect, what, *node);
                            }
                            *is_tested |= found.is_of_world || is_core(*node) && world.is_up(*node);
                        }
                    }
                }
                State::LeadsTo { cause, effect, within, due } => {
                    cause.1.update(now, changed, nodes, |node| ask_core(cause.0, node));
                    effect.1.update(now, changed, nodes, |node| ask_core(effect.0, node));
                    *is_tested |= cause.1.holds();
                    let before = *due;
                    if effect.1.holds() {
                        *due = None;
                    } else if cause.1.holds() && due.is_none() {
                        *due = Some(now.max(scenario.calm_at().unwrap_or_default()) + *within);
                    }
                    has_other_due |= *due != before;
                }
                State::Once { what, tracked, seen: seen @ None, .. } => {
                    tracked.update(now, changed, nodes, |node| ask(what, node));
                    *seen = tracked.holds().then_some(now);
                }
                State::Once { .. } => {}
            }
        }
        if has_other_due {
            self.next_due = self.soonest().map_or(Time::MAX, |(due, _)| due);
        }
        Ok(())
    }

    /// The soonest deadline that is not over, and whose it is.
    fn soonest(&self) -> Option<(Time, usize)> {
        let due = |(place, watch): (usize, &Watch<'_, _>)| Some((watch.state.due()?, place));
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
            let expect = watch.expect;
            let what = match &mut watch.state {
                State::Eventually { what, is_over, .. } => {
                    *is_over = true;
                    *what
                }
                State::LeadsTo { effect: (what, _), due, .. } => {
                    *due = None;
                    *what
                }
                // Only those two have deadlines.
                State::Always(_) | State::Once { .. } => break,
            };
            let is_eventual = matches!(watch.state, State::Eventually { .. });
            if self.safety_alone.is_none() {
                let asked =
                    self.ask_all(expect, what, world, due, |node| self.scenario.is_core(node));
                self.watches[place].is_tested |= is_eventual && asked.is_tested;
                asked.failure.map_or(Ok(()), Err)?;
            }
        }
        self.next_due = self.soonest().map_or(Time::MAX, |(due, _)| due);
        Ok(())
    }

    /// At a deadline: of those nodes of which it does not hold, the first gives
    /// the reason.
    fn ask_all(
        &self,
        expect: &Expect<P::Property>,
        what: &P::Property,
        world: &World<P::Machine>,
        due: Time,
        is_asked: impl Fn(NodeId) -> bool,
    ) -> Asked {
        let mut first: Option<Failure> = None;
        let (mut more, mut is_tested) = (0, false);
        for node in world.nodes().filter(|node| is_asked(*node)) {
            let answer = P::holds(what, Question::new(world, &self.memory, node, true));
            match (answer.violation, &mut first) {
                (None, _) => {}
                (Some(violation), None) => {
                    first = Some(failed(expect, &violation, due, "deadline".to_owned()));
                }
                (Some(violation), Some(first)) => {
                    more += 1;
                    if more < MOST_DETAILS {
                        first.detail.extend(["\n", violation.detail()]);
                    }
                }
            }
            is_tested |= answer.is_of_world || world.is_up(node);
            if answer.is_of_world {
                break;
            }
        }
        if let (Some(first), true) = (&mut first, more >= MOST_DETAILS) {
            first.detail += &format!("\nand so on for {} more", more + 1 - MOST_DETAILS);
        }
        Asked { failure: first, is_tested }
    }
}

/// A property has just been found not to hold: it is asked again, for the details.
#[cold]
fn failure<P: Protocol>(
    expect: &Expect<P::Property>,
    what: &P::Property,
    (world, memory): (&World<P::Machine>, &P::Memory),
    node: NodeId,
    at: Time,
    event: &dyn Fn() -> String,
) -> Failure {
    let answer = P::holds(what, Question::new(world, memory, node, true));
    let violation = answer.violation.unwrap_or_else(Violation::of_changed_answer);
    failed(expect, &violation, at, event())
}

fn failed<T: std::fmt::Debug>(
    expect: &Expect<T>,
    violation: &Violation,
    at: Time,
    event: String,
) -> Failure {
    Failure {
        check: Check::of(expect),
        reason: violation.reason().to_owned(),
        at,
        detail: violation.detail().to_owned(),
        event,
    }
}
