use std::collections::{BTreeSet, VecDeque};

use super::{About, Limits, Verdict};
use crate::chance::Seed;
use crate::engine::{Outcome, States};
use crate::plan::{Decision, DecisionKey, Plan};
use crate::protocol::Lane;
use crate::scenario::Synopsis;
use crate::story;
use crate::trace::{Event, EventKind, Trace};
use rehearsal_machine::Time;

/// A plan of more decisions than this has not been shrunk.
const MOST_DECIDED: usize = 32;

/// What a page shows of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// Its name: a file, perhaps with a seed.
    pub name: String,
    /// What it is about.
    pub about: About,
    /// Its seed, if it has one.
    pub seed: Option<Seed>,
    /// The command that repeats it.
    pub again: Option<String>,
    /// How many nodes there are.
    pub nodes: u32,
    /// The events, in order.
    pub events: Vec<Event>,
    /// What each node was up to before the first event.
    pub lanes: Vec<Option<Lane>>,
    /// How many events happened before the first one.
    pub dropped: u64,
    /// Keys that its plan lists, and what it decides about them; empty where these are too many
    /// to matter.
    pub decided: Vec<(String, String)>,
    /// The numbers of the events with which messages set off that were delayed, by a fault or by
    /// the plan, as far as the network is known.
    pub delayed: BTreeSet<u64>,
    /// What came of it.
    pub verdict: Verdict,
    /// What the machines were like.
    pub states: Option<States>,
    /// How likely the run was to fail, in thousandths, had everything after an instant been drawn
    /// anew: for some instants, in order. Empty where that was not computed.
    pub curve: Vec<(Time, u16)>,
    /// What is to be said of the whole: that its trace was cut off, a sentence each.
    pub remarks: Vec<String>,
}

impl Run {
    /// A run whose outcome is at hand, with its events; none where they were not kept.
    #[must_use]
    pub fn of_outcome(
        name: &str,
        synopsis: &Synopsis,
        seed: Seed,
        outcome: &Outcome,
        limits: Limits,
    ) -> Option<Self> {
        let trace = outcome.events.as_ref()?;
        let mut run = Self::of_events(name, trace, limits);
        run.about = synopsis.into();
        run.seed = Some(seed);
        run.nodes = synopsis.nodes;
        run.verdict = Verdict::of_outcome(synopsis, outcome);
        run.delayed = story::delayed(run.events.iter(), &synopsis.network);
        run.states.clone_from(&outcome.states);
        Some(run)
    }

    /// A run of which nothing but its events is known.
    #[must_use]
    pub fn of_events(name: &str, trace: &Trace, limits: Limits) -> Self {
        let left_out = trace.len().saturating_sub(limits.events);
        let mut lanes = trace.lanes(0);
        let mut nodes = lanes.len();
        let mut events = Vec::new();
        for (place, event) in (0..).zip(trace.iter()) {
            if let Some(node) = event.what.node() {
                nodes = nodes.max(node.index() + 1);
            }
            if place >= left_out {
                events.push(event);
            } else if let EventKind::Role { node, lane } = event.what {
                lanes.resize(nodes, None);
                lanes[node.index()] = Some(lane);
            }
        }
        Self {
            name: name.to_owned(),
            about: About::default(),
            seed: None,
            again: None,
            nodes: nodes as u32,
            events,
            lanes,
            dropped: trace.dropped() + left_out,
            decided: Vec::new(),
            delayed: BTreeSet::new(),
            verdict: Verdict::Unknown,
            states: None,
            curve: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The same with what this plan decides, unless that is more than a person looks at: then it
    /// has not been shrunk, and single decisions are not what matters.
    #[must_use]
    pub fn decided_by(mut self, plan: &Plan) -> Self {
        if plan.decisions.len() <= MOST_DECIDED {
            let told =
                |(key, decision): (&DecisionKey, &Decision)| (key.to_string(), decision.words());
            self.decided = plan.decisions.iter().map(told).collect();
        }
        self
    }

    /// The same with the command that repeats it.
    #[must_use]
    pub fn again(mut self, command: String) -> Self {
        self.again = Some(command);
        self
    }
}

/// Do two runs end with the same events, as far as both are kept?
#[must_use]
pub fn is_same_end(one: &Run, other: &Run) -> bool {
    let kept = one.events.len().min(other.events.len());
    let end = |run: &Run| run.dropped + run.events.len() as u64;
    let last = |run: &'_ Run| run.events.len() - kept;
    end(one) == end(other) && one.events[last(one)..] == other.events[last(other)..]
}

/// The first event whose step is among the last `steps` of a run:
/// [`Options::states_from`](crate::Options::states_from) takes it. `None` if that is none.
#[must_use]
pub fn states_from(trace: &Trace, steps: u64) -> Option<u64> {
    let mut last = VecDeque::new();
    for event in trace.iter().filter(|event| is_input(&event.what)) {
        last.push_back(event.number);
        if last.len() as u64 > steps {
            last.pop_front();
        }
    }
    last.front().copied()
}

fn is_input(what: &EventKind) -> bool {
    match what {
        EventKind::Start { .. }
        | EventKind::Deliver { .. }
        | EventKind::Timer { .. }
        | EventKind::Link { .. } => true,
        EventKind::Command { is_heard, .. } => *is_heard,
        _ => false,
    }
}
