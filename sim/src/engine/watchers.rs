use std::sync::Arc;

use rehearsal_machine::{Machine, NodeId};

use super::collector::Collector;
use super::judge::Judge;
use super::pending::Cause;
use super::states::StateKeeper;
use super::{Pulse, Tally};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::trace::{Keep, Recorder};

/// What watches a run, and what it looks at: the event at hand and the nodes
/// that it changes.
pub(super) struct Watchers<'a, P: Protocol> {
    pub(super) recorder: Recorder,
    pub(super) judge: Judge<'a, P>,
    pub(super) tally: Tally,
    /// Where the coverage of the run is collected.
    pub(super) collector: Option<Box<Collector>>,
    /// Where the states of machines are kept.
    pub(super) states: Option<Box<StateKeeper>>,
    /// The event at hand.
    pub(super) event: Cause<<P::Machine as Machine>::Timer>,
    /// The nodes that the event at hand has changed.
    pub(super) changed: Vec<NodeId>,
    /// Is there neither a trace nor an expectation?
    pub(super) is_unwatched: bool,
    /// Is told each step.
    pub(super) pulse: Option<Arc<Pulse>>,
}

impl<'a, P: Protocol> Watchers<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>) -> Self {
        Self {
            recorder: Recorder::new(Keep::Verdict, 0, 0, false),
            judge: Judge::new(scenario),
            tally: Tally::default(),
            collector: None,
            states: None,
            event: Cause::Start,
            changed: Vec::new(),
            is_unwatched: true,
            pulse: None,
        }
    }

    pub(super) fn begin(
        &mut self,
        scenario: &'a Scenario<P>,
        (keep, keep_events, waits): (Keep, u64, bool),
        (is_collected, states_from): (bool, Option<u64>),
        watched_by: Option<Arc<Pulse>>,
    ) {
        let Self { recorder, judge, tally, collector, states, event, changed, is_unwatched, pulse } =
            self;
        *pulse = watched_by;
        *recorder = Recorder::new(keep, keep_events, scenario.nodes() as usize, waits);
        *judge = Judge::new(scenario);
        *tally = Tally::default();
        *collector = is_collected.then(|| collector.take().unwrap_or_default());
        if let Some(collector) = collector {
            collector.begin(scenario.nodes() as usize);
        }
        let states_from = states_from.filter(|_| recorder.has_trace());
        let nodes = scenario.nodes() as usize;
        *states = states_from.map(|from| Box::new(StateKeeper::new(from, nodes)));
        *event = Cause::Start;
        changed.clear();
        *is_unwatched = !recorder.has_trace() && !judge.is_watching();
    }
}
