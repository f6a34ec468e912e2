use std::time::Duration;

use rehearsal_machine::{Machine, NodeId, Time};

use super::Tally;
use super::combined::{Combined, Sight};
use super::tracked::Found;
use super::watch::{State, Test, Watch};
use crate::check::{Check, Expect, Failure, Untested};
use crate::predicate::{Asked, Refutation, Scene, ask};
use crate::property::{NodeEvent, Observed, Question, Violation};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::world::World;

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
    /// Does any of them ask about messages, so that an event can matter which changes no node?
    hears_all: bool,
    /// How many of the nodes that start with the run have begun, without a gap.
    begun: usize,
}

/// When a node last did something.
#[derive(Clone, Copy, Default)]
pub(super) struct Doing {
    /// It took an input.
    pub(super) step: Option<Time>,
    /// It saved something, or told its owner something.
    pub(super) news: Option<Time>,
}

impl<'a, P: Protocol> Judge<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>) -> Self {
        let watch = |expect| Watch::new(expect, scenario.calm_at());
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
            hears_all: scenario.expect().iter().any(Expect::asks_about_messages),
            begun: 0,
        };
        judge.next_due = judge.soonest().map_or(Time::MAX, |(due, _)| due);
        judge
    }

    /// Does it have to see what changes?
    #[inline]
    pub(super) fn is_watching(&self) -> bool {
        !self.watches.is_empty()
    }

    /// Does it have to see every event, whatever the event changes?
    pub(super) fn hears_all(&self) -> bool {
        self.hears_all
    }

    /// Does it have to be told what nodes do, for the protocol to remember?
    #[inline]
    pub(super) fn remembers(&self) -> bool {
        size_of::<P::Memory>() > 0 && self.is_watching()
    }

    /// What the protocol remembers of the run so far.
    pub(super) fn memory(&self) -> &P::Memory {
        &self.memory
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
        self.watches.iter().map(|watch| watch.state.since()).collect()
    }

    /// For each line of `expect`: how long it took, if it counts from the calm or from a cause.
    pub(super) fn took(&self) -> Vec<Option<Duration>> {
        let calm_at = self.scenario.calm_at().unwrap_or_default();
        self.watches.iter().map(|watch| watch.state.took(calm_at)).collect()
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
    pub(super) fn before(
        &mut self,
        next: Time,
        world: &World<P::Machine>,
        tally: &Tally,
    ) -> Result<(), Failure> {
        if self.next_due < next { self.pass(|due| due < next, world, tally) } else { Ok(()) }
    }

    /// At the end of the run every deadline is over that counts from the calm,
    /// and every other one that lies before the end; what has to hold at the end
    /// does; and what the run was to reach has been reached.
    pub(super) fn at_the_end(
        &mut self,
        world: &World<P::Machine>,
        tally: &Tally,
    ) -> Result<(), Failure> {
        let until = self.scenario.until();
        for watch in &mut self.watches {
            let is_left_open = matches!(watch.expect, Expect::LeadsTo { .. })
                && watch.state.due().is_some_and(|due| due >= until);
            if is_left_open {
                watch.state.pass();
            }
        }
        self.pass(|_| true, world, tally)?;
        for place in 0..self.watches.len() {
            let Watch { expect, state, .. } = &self.watches[place];
            match expect {
                Expect::AtEnd(_) if self.safety_alone.is_none() => {
                    let (asked, failure) = self.ask_all(expect, world, tally, (until, "end"));
                    self.watches[place].test.done_if(asked);
                    failure?;
                }
                Expect::Reaches(_) if state.since().is_none() => {
                    self.ask_all(expect, world, tally, (until, "deadline")).1?;
                }
                _ => {}
            }
        }
        self.tested(world)
    }

    /// A run that puts nothing to the test has not held.
    fn tested(&self, world: &World<P::Machine>) -> Result<(), Failure> {
        let is_idle = world.places.iter().all(|place| place.incarnations == 0);
        let is_unjudged =
            |watch: &Watch<'_, _>| self.safety_alone.is_some() && watch.expect.is_liveness();
        let demands = |watch: &&Watch<'_, _>| !matches!(watch.expect, Expect::Sometimes(_));
        let mut demanded = self.watches.iter().filter(demands).peekable();
        // Who expects nothing asks for no more than progress without a panic.
        let is_vacuous = demanded.peek().is_some()
            && demanded.all(|watch| is_unjudged(watch) || watch.untested().is_some());
        let reason = match (is_idle, is_vacuous) {
            (true, _) => "no node was ever up",
            (false, true) => "no line of `expect` was put to the test",
            (false, false) => return Ok(()),
        };
        let lines = self.watches.iter().filter_map(|watch| {
            let why = if is_unjudged(watch) {
                "only safety was judged".to_owned()
            } else {
                watch.untested()?.to_string()
            };
            Some(format!("{}: {why}", watch.expect))
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
        tally: &Tally,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        if self.watches.is_empty() || (changed.is_empty() && !self.hears_all) {
            Ok(())
        } else {
            self.watch(world, changed, tally, event)
        }
    }

    fn watch(
        &mut self,
        world: &World<P::Machine>,
        changed: &[NodeId],
        tally: &Tally,
        event: impl Fn() -> String,
    ) -> Result<(), Failure> {
        let Self { scenario, watches, memory, safety_alone, doings, begun, .. } = self;
        let (now, nodes) = (world.now(), world.nodes().len());
        let mut has_other_due = false;
        if !doings.is_empty() {
            for node in changed {
                doings[node.index()].step = Some(now);
            }
        }
        let ask = |what, node| {
            let answer = P::holds(what, Question::new(world, memory, node, false));
            Found { is_of_world: answer.is_of_world, holds: answer.is_yes() }
        };
        let fail = |expect, what, node| {
            Err(failure::<P>(expect, what, (world, memory), node, now, &event))
        };
        for Watch { expect, state, waits_for_all, test } in watches {
            let is_core = |node| scenario.is_core(node) && expect.asks(node);
            // A property of every node is none of the nodes that are not asked.
            let ask_core = |what, node| {
                let found = ask(what, node);
                let is_asked = found.is_of_world || is_core(node);
                Found { holds: found.holds || !is_asked, ..found }
            };
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
                State::AlwaysAll(properties) => {
                    for what in properties {
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
                }
                State::Eventually { what, is_over, tracked, .. } => {
                    tracked.update(now, changed, nodes, |node| ask_core(what, node));
                    if *is_over && safety_alone.is_none() {
                        for node in changed {
                            let found = ask_core(what, *node);
                            if !found.holds {
                                return fail(expect, what, *node);
                            }
                            let is_up = is_core(*node) && world.is_up(*node);
                            test.done_if(found.is_of_world || is_up);
                        }
                    }
                }
                State::LeadsTo { cause, effect, lead } => {
                    cause.1.update(now, changed, nodes, |node| ask_core(cause.0, node));
                    effect.1.update(now, changed, nodes, |node| ask_core(effect.0, node));
                    let before = lead.due();
                    let calm_at = scenario.calm_at().unwrap_or_default();
                    test.add(lead.follow(cause.1.holds(), effect.1.holds(), now, calm_at));
                    has_other_due |= lead.due() != before;
                }
                State::Once { what, tracked, seen: seen @ None, .. } => {
                    tracked.update(now, changed, nodes, |node| ask(what, node));
                    *seen = tracked.holds().then_some(now);
                }
                State::Combined(_)
                    if *waits_for_all && !have_begun(world, scenario.initial(), begun) => {}
                State::Combined(combined) => {
                    let sight = Sight::<P> {
                        scene: Scene {
                            world,
                            memory,
                            under_way: tally.under_way(),
                            wants_detail: true,
                        },
                        changed,
                        is_core: &is_core,
                        calm_at: scenario.calm_at().unwrap_or_default(),
                    };
                    let is_judged = safety_alone.is_none() || !expect.is_liveness();
                    has_other_due |= follow(combined, expect, is_judged, test, &sight, &event)?;
                }
                State::Once { .. } | State::AtEnd => {}
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
        tally: &Tally,
    ) -> Result<(), Failure> {
        while let Some((due, place)) = self.soonest().filter(|(due, _)| is_over(*due)) {
            let watch = &mut self.watches[place];
            let expect = watch.expect;
            watch.state.pass();
            if self.safety_alone.is_none() {
                let (is_tested, failure) = self.ask_all(expect, world, tally, (due, "deadline"));
                self.watches[place].test.done_if(is_tested);
                failure?;
            }
        }
        self.next_due = self.soonest().map_or(Time::MAX, |(due, _)| due);
        Ok(())
    }

    /// At a deadline: does it hold, and was there anything to ask?
    fn ask_all(
        &self,
        expect: &Expect<P::Property>,
        world: &World<P::Machine>,
        tally: &Tally,
        (at, event): (Time, &str),
    ) -> (bool, Result<(), Failure>) {
        let under_way = tally.under_way();
        let scene = Scene::<P> { world, memory: &self.memory, under_way, wants_detail: true };
        let is_asked = |node| self.scenario.is_core(node) && expect.asks(node);
        let asked = asked_of(expect, &scene, &is_asked);
        let failure =
            asked.refutation.map(|refutation| failed(expect, refutation, at, event.to_owned()));
        (asked.is_tested, failure.map_or(Ok(()), Err))
    }
}

/// Holds a combination against an event. Is there another deadline than before?
fn follow<P: Protocol>(
    combined: &mut Combined<'_, P::Property>,
    expect: &Expect<P::Property>,
    is_judged: bool,
    test: &mut Test,
    sight: &Sight<'_, P>,
    event: &dyn Fn() -> String,
) -> Result<bool, Failure> {
    let standing = combined.update(sight);
    if standing.is_broken && is_judged {
        let asked = asked_of(expect, &sight.scene, sight.is_core);
        let refutation = asked.refutation.unwrap_or_else(Refutation::of_changed);
        return Err(failed(expect, refutation, sight.scene.world.now(), event()));
    }
    test.add(standing.test);
    if *test != Test::Done && combined.is_over() && is_judged {
        test.done_if(asked_of(expect, &sight.scene, sight.is_core).is_tested);
    }
    Ok(standing.has_other_due)
}

/// Asks what has to hold, of the nodes that such an expectation is about.
#[cold]
fn asked_of<P: Protocol>(
    expect: &Expect<P::Property>,
    scene: &Scene<'_, P>,
    is_core: &dyn Fn(NodeId) -> bool,
) -> Asked {
    ask(expect.what(), scene, |node| match expect {
        Expect::Always(_) => scene.world.has_begun(node),
        Expect::Reaches(_) | Expect::Sometimes(_) => true,
        Expect::Eventually { .. } | Expect::LeadsTo { .. } | Expect::AtEnd(_) => is_core(node),
    })
}

/// Have these nodes begun? `begun` counts those of which it is known, in order.
fn have_begun<M: Machine>(world: &World<M>, initial: &[NodeId], begun: &mut usize) -> bool {
    while initial.get(*begun).is_some_and(|node| world.has_begun(*node)) {
        *begun += 1;
    }
    *begun == initial.len()
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
    failed(expect, violation.into(), at, event())
}

fn failed<T: std::fmt::Debug>(
    expect: &Expect<T>,
    Refutation { reason, detail }: Refutation,
    at: Time,
    event: String,
) -> Failure {
    Failure { check: Check::of(expect), reason, at, detail, event }
}
