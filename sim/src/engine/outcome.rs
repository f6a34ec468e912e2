use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use indexmap::IndexMap;
use rehearsal_machine::Time;

use super::{States, StepUnderWay, Stuck, Tally};
use crate::check::{Check, Failure, Fingerprint, Untested};
use crate::coverage::Seen;
use crate::network::Happened;
use crate::plan::{Choice, Decision, DecisionKey};
use crate::protocol::Lane;
use crate::scenario::Synopsis;
use crate::trace::{Digest, Trace, Waiting};

/// What came of a run, whichever protocol ran.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
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
    /// The events, if they were kept: the last [`Options::keep_events`] of them.
    ///
    /// [`Options::keep_events`]: crate::Options::keep_events
    pub events: Option<Trace>,
    /// Which node waits for which, change by change, if that was asked for and events were kept.
    pub waits: Option<Vec<Waiting>>,
    /// What each node's owner sees at the end; of a node that is down, what it
    /// would see after a restart.
    pub windows: Vec<Vec<String>>,
    /// The files of each node that is up at the end, with their names, if the
    /// events were kept.
    pub files: Vec<Vec<(String, String)>>,
    /// What the run has cost in the protocol's own terms, a line each.
    pub costs: Vec<String>,
    /// What each node is up to at the end.
    pub lanes: Vec<Lane>,
    /// The decisions that were not the usual ones, if they were noted.
    pub decisions: Option<IndexMap<DecisionKey, Decision>>,
    /// From which numbers chance would have chosen at each choice of one, if decisions
    /// were noted: delays and the spans of timers in nanoseconds.
    pub ranges: Option<BTreeMap<DecisionKey, RangeInclusive<u64>>>,
    /// All choices of a run up to a cut, in their order, if decisions were noted.
    pub(crate) choices: Vec<Choice>,
    /// What the run has covered, if that was collected.
    pub seen: Option<Seen>,
    /// What the machines were like after each step, if that was kept.
    pub states: Option<States>,
    /// How often each fault of the scenario has struck, in their order.
    pub strikes: Vec<u64>,
    /// How often the network's own chance did something to a message.
    pub happened: Happened,
    /// For each line of `expect`: since when an `Eventually` holds, and when a
    /// `Reaches` or a `Sometimes` first held.
    pub since: Vec<Option<Time>>,
    /// For each line of `expect`: how long after the calm an `Eventually` came to hold, and the
    /// longest time that a `LeadsTo` took, from a cause or from the calm, if that is later. An
    /// effect that comes after its deadline, in a run judged on safety alone, does not count.
    pub took: Vec<Option<Duration>>,
    /// For each line of `expect`: why it says nothing about this run, if so.
    pub untested: Vec<Option<Untested>>,
    /// Why only safety was judged, if so.
    pub safety_alone: Option<&'static str>,
    /// Whether any code asked for the planted bug of the options. A name that no
    /// code asks for is a typing mistake, or a bug that the run never meets.
    pub mutant_reached: bool,
    /// Where the run stood when liveness failed.
    pub stuck: Option<Stuck>,
    /// Listed decisions whose key never came up.
    pub unmet: Vec<DecisionKey>,
}

impl Outcome {
    /// The verdict on a run that has not gone on for this span of the computer's
    /// time since it began this step, or since its beginning.
    #[must_use]
    pub fn of_hanging(step: Option<&StepUnderWay>, within: Duration) -> Self {
        let (reason, detail) = match step {
            None => (
                "a run did not begin in time",
                format!("no node was built and given a start within {within:?}"),
            ),
            Some(StepUnderWay { node, input, is_over: true, .. }) => (
                "a step was not judged in time",
                format!("the step of {node} (`{input}`) was not judged within {within:?}"),
            ),
            Some(StepUnderWay { node, input, is_over: false, .. }) => (
                "a step did not end in time",
                format!("{node} has not returned from `{input}` within {within:?}"),
            ),
        };
        let at = step.map_or(Time::ZERO, |step| step.at);
        let event = step.map_or_else(|| "start".to_owned(), |step| step.input.to_string());
        let failure = Failure { check: Check::Hangs, reason: reason.to_owned(), at, detail, event };
        Self {
            failure: Some(failure),
            end: at,
            tally: Tally::default(),
            digest: None,
            checkpoints: Vec::new(),
            events: None,
            waits: None,
            windows: Vec::new(),
            files: Vec::new(),
            costs: Vec::new(),
            lanes: Vec::new(),
            decisions: None,
            ranges: None,
            choices: Vec::new(),
            seen: None,
            states: None,
            strikes: Vec::new(),
            happened: Happened::default(),
            since: Vec::new(),
            took: Vec::new(),
            untested: Vec::new(),
            safety_alone: None,
            mutant_reached: true,
            stuck: None,
            unmet: Vec::new(),
        }
    }

    /// Did everything hold?
    #[must_use]
    pub fn held(&self) -> bool {
        self.failure.is_none()
    }

    /// What the failure, if there is one, has in common with others of the same
    /// cause.
    #[must_use]
    pub fn fingerprint(&self, synopsis: &Synopsis) -> Option<Fingerprint> {
        self.failure.as_ref().map(|failure| failure.fingerprint(synopsis.protocol))
    }

    /// The places of the faults that never struck.
    #[must_use]
    pub fn unstruck(&self) -> Vec<usize> {
        let strikes = self.strikes.iter().enumerate();
        strikes.filter(|(_, strikes)| **strikes == 0).map(|(place, _)| place).collect()
    }

    /// Each line of `expect` that says nothing about the run, and why, unless the
    /// run failed before that was clear.
    pub fn untested_lines<'a>(
        &'a self,
        synopsis: &'a Synopsis,
    ) -> impl Iterator<Item = (&'a str, Untested)> {
        let lines = synopsis.expect.iter().zip(&self.untested);
        let is_vacuous = |failure: &Failure| failure.check == Check::Tested;
        let is_judged = self.failure.as_ref().is_none_or(is_vacuous);
        lines
            .filter(move |(expected, _)| {
                is_judged && (self.safety_alone.is_none() || !expected.is_liveness)
            })
            .filter_map(|(expected, untested)| Some((expected.text.as_str(), (*untested)?)))
    }

    /// Each `Sometimes` of the scenario that never held.
    pub fn never_true<'a>(&'a self, synopsis: &'a Synopsis) -> impl Iterator<Item = &'a str> {
        let lines = synopsis.expect.iter().zip(&self.since);
        lines
            .filter(|(expected, since)| expected.is_sometimes && since.is_none())
            .map(|(expected, _)| expected.text.as_str())
    }
}
