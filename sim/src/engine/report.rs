use indexmap::IndexMap;
use rehearsal_machine::draws::Lowest;
use rehearsal_machine::{Context, Input, Machine as _, NodeId, Time};

use super::Tally;
use super::run::Run;
use super::stuck::Stuck;
use crate::check::{Check, Expect, Failure};
use crate::network::Happened;
use crate::panics;
use crate::plan::{Decision, DecisionKey};
use crate::protocol::{Lane, Look as _, Owner as _, Protocol};
use crate::scenario::Scenario;
use crate::trace::{Digest, Event, Recorded};
use crate::world::World;

/// What came of a run.
#[non_exhaustive]
pub struct Report<P: Protocol> {
    /// The check that was violated, if one was; the run ended there.
    pub failure: Option<Failure>,
    /// When the last event happened.
    pub end: Time,
    /// The run in numbers.
    pub tally: Tally,
    /// The digest of all events, if it was kept.
    pub digest: Option<Digest>,
    /// The digests of the first 1,024, 2,048, ... events, if they were kept.
    pub checkpoints: Vec<Digest>,
    /// The events, if they were kept.
    pub events: Option<Vec<Event>>,
    /// What each node's owner sees at the end; of a node that is down, what it
    /// would see after a restart.
    pub windows: Vec<Vec<String>>,
    /// What each node is up to at the end.
    pub lanes: Vec<Lane>,
    /// The decisions that were not the usual ones, if they were noted.
    pub decisions: Option<IndexMap<DecisionKey, Decision>>,
    /// How often each fault of the scenario has struck, in their order.
    pub strikes: Vec<u64>,
    /// How often the network's own chance did something to a message.
    pub happened: Happened,
    /// For each line of `expect`: since when an `Eventually` holds, and when a
    /// `Reaches` or a `Sometimes` first held.
    pub since: Vec<Option<Time>>,
    /// Why only safety was judged, if so.
    pub safety_alone: Option<&'static str>,
    /// Whether any code asked for the planted bug of the options. A name that no
    /// code asks for is a typing mistake, or a bug that the run never meets.
    pub mutant_reached: bool,
    /// Where the run stood when liveness failed.
    pub stuck: Option<Stuck>,
    /// Listed decisions whose key never came up.
    pub unmet: Vec<DecisionKey>,
    /// The world as the run left it.
    pub world: World<P::Machine>,
}

impl<P: Protocol> Report<P> {
    /// The places of the faults that never struck.
    #[must_use]
    pub fn unstruck(&self) -> Vec<usize> {
        let strikes = self.strikes.iter().enumerate();
        strikes.filter(|(_, strikes)| **strikes == 0).map(|(place, _)| place).collect()
    }

    /// What is expected to hold sometimes, and never did.
    pub fn never_true<'s>(
        &'s self,
        scenario: &'s Scenario<P>,
    ) -> impl Iterator<Item = &'s Expect<P::Property>> {
        let lines = scenario.expect().iter().zip(&self.since);
        let never = |(expect, since): &(&Expect<_>, &Option<Time>)| {
            matches!(expect, Expect::Sometimes(_)) && since.is_none()
        };
        lines.filter(never).map(|(expect, _)| expect)
    }

    /// Did everything hold?
    #[must_use]
    pub fn held(&self) -> bool {
        self.failure.is_none()
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
        let Recorded { digest, checkpoints, events } = self.recorder.finish();
        Report {
            failure,
            end: self.world.now,
            tally: std::mem::take(&mut self.tally),
            digest,
            checkpoints,
            events,
            windows,
            lanes,
            decisions: self.choices.noted().cloned(),
            strikes: self.strikes.clone(),
            happened: self.traffic.happened(),
            since: self.judge.since(),
            safety_alone: self.judge.safety_alone(),
            mutant_reached: false,
            stuck,
            unmet: self.choices.unmet(),
            world: std::mem::replace(&mut self.world, World::new(0)),
        }
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
