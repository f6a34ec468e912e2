use std::ops::Deref;

use rehearsal_machine::draws::Lowest;
use rehearsal_machine::{Context, Input, Machine as _, NodeId};

use super::outcome::Outcome;
use super::run::Run;
use crate::check::{Check, Failure};
use crate::panics;
use crate::protocol::{Lane, Look as _, Owner as _, Protocol};
use crate::trace::Recorded;
use crate::world::World;

/// What came of a run, and the world as the run left it.
#[non_exhaustive]
pub struct Report<P: Protocol> {
    /// What came of the run, without the types of the protocol.
    pub outcome: Outcome,
    /// The world as the run left it.
    pub world: World<P::Machine>,
}

/// A report is an outcome with more to look at.
impl<P: Protocol> Deref for Report<P> {
    type Target = Outcome;

    fn deref(&self) -> &Outcome {
        &self.outcome
    }
}

impl<P: Protocol> Run<'_, P> {
    /// Leaves a run without a world behind.
    pub(super) fn report(&mut self, failure: Option<Failure>) -> Report<P> {
        let windows = self.world.nodes().map(|node| self.window(node)).collect();
        let lane = |node| self.world.machine(node).map_or(Lane::DOWN, P::Look::lane);
        let lanes = self.world.nodes().map(lane).collect();
        let is_stuck = |failure: &Failure| matches!(failure.check, Check::Liveness(_));
        let stuck = failure.as_ref().filter(|failure| is_stuck(failure)).map(|_| self.stuck());
        let Recorded { digest, checkpoints, events, waits } = self.watch.recorder.finish();
        let notes = self.chooser.choices.noted().cloned();
        let choices = notes.as_ref().map(|notes| notes.choices.clone()).unwrap_or_default();
        let (decisions, ranges) = notes.map(|notes| (notes.decisions, notes.ranges)).unzip();
        let files = if events.is_some() { self.files() } else { Vec::new() };
        let outcome = Outcome {
            failure,
            end: self.world.now,
            tally: std::mem::take(&mut self.watch.tally),
            digest,
            checkpoints,
            events,
            waits,
            windows,
            files,
            costs: P::Look::costs(self.watch.judge.memory()),
            lanes,
            decisions,
            ranges,
            choices,
            seen: self.watch.collector.as_mut().map(|collector| collector.finish()),
            states: self.watch.states.take().map(|states| states.finish()),
            strikes: self.faults.counts.clone(),
            happened: self.transit.traffic.happened(),
            since: self.watch.judge.since(),
            took: self.watch.judge.took(),
            untested: self.watch.judge.untested(),
            safety_alone: self.watch.judge.safety_alone(),
            mutant_reached: false,
            stuck,
            unmet: self.chooser.choices.unmet(),
        };
        Report { outcome, world: std::mem::replace(&mut self.world, World::new(0)) }
    }

    fn files(&self) -> Vec<Vec<(String, String)>> {
        let files = |node| self.world.machine(node).map(P::Owner::files).unwrap_or_default();
        self.world.nodes().map(files).collect()
    }

    fn window(&self, node: NodeId) -> Vec<String> {
        if let Some(machine) = self.world.machine(node) {
            return P::Owner::window(machine);
        }
        if !P::Owner::SAVES_WINDOW {
            return Vec::new();
        }
        // A machine that panics on its own storage shows nothing; if it had to
        // start from it in the run, that is a violation of its own.
        let restarted = panics::catch(|| {
            let mut machine =
                P::build(self.config_of(node), node, self.scenario.all_nodes()).ok()?;
            let storage = self.world.storage(node).clone();
            let mut effects = Vec::new();
            let mut draws = Lowest;
            let mut cx = Context::new(node, self.world.now, &mut draws, &mut effects);
            machine.handle(Input::Start(storage), &mut cx);
            Some(P::Owner::window(&machine))
        });
        restarted.ok().flatten().unwrap_or_default()
    }
}
