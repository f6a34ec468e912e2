use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use indexmap::IndexMap;
use rehearsal_protocol::NodeId;
use serde::{Deserialize, Serialize};

use super::DecisionKey;
use crate::network::{Fate, Lost};
use crate::source::TimeSpan;

/// What was decided where chance had a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Decision {
    /// The message is lost.
    Lose,
    /// The message arrives once, after this long.
    Delay(TimeSpan),
    /// The message arrives after each of these spans.
    Duplicate(Vec<TimeSpan>),
    /// The timer fires after this long.
    Arm(TimeSpan),
    /// The machine drew this number.
    Draw(u64),
}

/// What happens where a plan lists no decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rest {
    /// What the seed says.
    #[default]
    Seed,
    /// The usual: a message is delivered once, after the least delay of its
    /// law; a timer fires at the start of its range; a draw gives its low end.
    Usual,
}

/// The decisions of a run: those a plan lists, and, on request, those taken.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    listed: BTreeMap<DecisionKey, Decision>,
    rest: Rest,
    met: BTreeSet<DecisionKey>,
    taken: Option<IndexMap<DecisionKey, Decision>>,
    messages: BTreeMap<(NodeId, NodeId, &'static str), u32>,
    timers: BTreeMap<(NodeId, u32, String), u32>,
}

impl Decisions {
    /// These decisions, and `rest` for whatever else there is to decide.
    #[must_use]
    pub fn listed(listed: impl IntoIterator<Item = (DecisionKey, Decision)>, rest: Rest) -> Self {
        Self { listed: listed.into_iter().collect(), rest, ..Self::default() }
    }

    /// Writes down every decision of the run that is not the usual one.
    #[must_use]
    pub fn taking_notes(mut self) -> Self {
        self.taken = Some(IndexMap::new());
        self
    }

    /// The decisions taken that were not usual, in order, if they were noted.
    pub(crate) fn taken(&self) -> Option<&IndexMap<DecisionKey, Decision>> {
        self.taken.as_ref()
    }

    /// The listed keys that never came up.
    pub(crate) fn unmet(&self) -> Vec<DecisionKey> {
        self.listed.keys().filter(|key| !self.met.contains(*key)).cloned().collect()
    }

    /// Nothing listed, nothing noted: keys need not even be counted.
    fn is_idle(&self) -> bool {
        self.listed.is_empty() && self.taken.is_none()
    }

    /// The fate of a message: as listed, or else as `rest` has it.
    pub(crate) fn message(
        &mut self,
        (from, to): (NodeId, NodeId),
        kind: &'static str,
        usual: impl Fn() -> Fate,
        chance: impl FnOnce() -> Fate,
    ) -> Fate {
        if self.is_idle() {
            return self.or_rest(usual, chance);
        }
        let nth = self.messages.entry((from, to, kind)).or_default();
        *nth += 1;
        let key = DecisionKey::Message { from, to, kind: Cow::Borrowed(kind), nth: *nth };
        let fate = match self.look_up(&key) {
            Some(Decision::Lose) => Fate::Lost(Lost::Loss),
            Some(Decision::Delay(delay)) => Fate::once(delay.as_nanos()),
            Some(Decision::Duplicate(delays)) => match delays.as_slice() {
                [] => Fate::Lost(Lost::Loss),
                [first, copies @ ..] => Fate::Arrives {
                    first: first.as_nanos(),
                    copies: copies.iter().map(|delay| delay.as_nanos()).collect(),
                },
            },
            // The loader has refused a decision that does not fit its key.
            Some(Decision::Arm(_) | Decision::Draw(_)) | None => self.or_rest(&usual, chance),
        };
        if let Some(taken) = &mut self.taken
            && fate != usual()
        {
            taken.insert(key, decision_of(&fate));
        }
        fate
    }

    /// The span of an arming, in nanoseconds.
    pub(crate) fn arm(
        &mut self,
        (node, incarnation): (NodeId, u32),
        timer: impl FnOnce() -> String,
        range: RangeInclusive<u64>,
        chance: impl FnOnce(RangeInclusive<u64>) -> u64,
    ) -> u64 {
        let usual = *range.start();
        if self.is_idle() {
            return self.or_rest(|| usual, || chance(range));
        }
        let timer = timer();
        let nth = self.timers.entry((node, incarnation, timer.clone())).or_default();
        *nth += 1;
        let key = DecisionKey::Timer { node, incarnation, timer, nth: *nth };
        let span = match self.look_up(&key) {
            Some(Decision::Arm(span)) => span.as_nanos(),
            _ => self.or_rest(|| usual, || chance(range)),
        };
        if let Some(taken) = &mut self.taken
            && span != usual
        {
            taken.insert(key, Decision::Arm(TimeSpan::from_nanos(span)));
        }
        span
    }

    /// The `nth` number that a node draws in an incarnation.
    pub(crate) fn draw(
        &mut self,
        (node, incarnation): (NodeId, u32),
        nth: u32,
        range: RangeInclusive<u64>,
        chance: impl FnOnce(RangeInclusive<u64>) -> u64,
    ) -> u64 {
        let usual = *range.start();
        // Chance is asked in any case: a listed draw must not shift the ones after it.
        let by_chance = chance(range.clone());
        if self.is_idle() {
            return self.or_rest(|| usual, || by_chance);
        }
        let key = DecisionKey::Draw { node, incarnation, nth };
        let number = match self.look_up(&key) {
            // A plan may be older than the machine's idea of the range.
            Some(Decision::Draw(number)) => number.clamp(usual, usual.max(*range.end())),
            _ => self.or_rest(|| usual, || by_chance),
        };
        if let Some(taken) = &mut self.taken
            && number != usual
        {
            taken.insert(key, Decision::Draw(number));
        }
        number
    }

    fn or_rest<T>(&self, usual: impl FnOnce() -> T, chance: impl FnOnce() -> T) -> T {
        match self.rest {
            Rest::Seed => chance(),
            Rest::Usual => usual(),
        }
    }

    fn look_up(&mut self, key: &DecisionKey) -> Option<Decision> {
        let decision = self.listed.get(key)?.clone();
        self.met.insert(key.clone());
        Some(decision)
    }
}

fn decision_of(fate: &Fate) -> Decision {
    match fate {
        Fate::Lost(_) => Decision::Lose,
        Fate::Arrives { first, copies } if copies.is_empty() => {
            Decision::Delay(TimeSpan::from_nanos(*first))
        }
        Fate::Arrives { first, copies } => Decision::Duplicate(
            [first].into_iter().chain(copies).map(|ns| TimeSpan::from_nanos(*ns)).collect(),
        ),
    }
}
