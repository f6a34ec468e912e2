use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use indexmap::IndexMap;
use rehearsal_machine::{NodeId, Time};

use crate::fault::{Action, FaultName};
use crate::network::{Delays, Link, Lost};
use crate::plan::{Choice, Decision, DecisionKey, Decisions, MessageKey, Rest, TimerKey};
use crate::source::TimeSpan;

/// Decides wherever chance has a choice: as a plan lists it, or else as its
/// `rest` has it; and takes notes of it if asked to.
///
/// Keys name a message by its kind, a deadline by its name: counting those
/// costs more than the draw itself, so it is done only where a plan lists
/// something or notes are taken.
pub(super) struct Choices {
    rest: Rest,
    log: Option<Box<DecisionLog>>,
}

/// What is listed and noted, and the counts that make keys.
struct DecisionLog {
    /// Has the run left its plan, so that nothing is listed any more?
    is_left: bool,
    /// When the choice at hand is made, and after how many events.
    moment: (Time, u64),
    /// Are all choices noted in their order?
    numbers: bool,
    listed: BTreeMap<DecisionKey, Decision>,
    met: BTreeSet<DecisionKey>,
    noted: Option<Notes>,
    messages: BTreeMap<(Link, &'static str), u32>,
    timers: BTreeMap<(NodeId, u32, String), u32>,
    commands: BTreeMap<NodeId, u32>,
    /// The names of the scenario's faults, in order.
    faults: Vec<FaultName>,
}

/// The decisions of a run that were not the usual ones, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    pub(crate) decisions: IndexMap<DecisionKey, Decision>,
    /// From which numbers chance would have chosen, at each choice that was met: the
    /// delays of the network, in nanoseconds, the spans of an arming, or the numbers
    /// of a draw.
    pub(crate) ranges: BTreeMap<DecisionKey, RangeInclusive<u64>>,
    /// All choices in their order, of a run up to a cut.
    pub(crate) choices: Vec<Choice>,
}

/// How much later than at the start of its range a node's timer usually fires,
/// for each node before it, in nanoseconds. Nodes that do the same would
/// otherwise do it at the same instant again and again, which real ones never do.
const APART: u64 = 1_000;

impl Choices {
    /// `faults` are the names of the scenario's faults, in order.
    pub(super) fn new(decisions: Decisions, faults: &[FaultName]) -> Self {
        let Decisions { listed, rest, are_noted, cut } = decisions;
        let log = (are_noted || cut.is_some() || !listed.is_empty()).then(|| {
            Box::new(DecisionLog {
                is_left: false,
                moment: (Time::ZERO, 0),
                numbers: are_noted && cut.is_some(),
                listed: listed.into_iter().map(|(key, it)| (by_name(key, faults), it)).collect(),
                met: BTreeSet::new(),
                noted: are_noted.then(Notes::default),
                messages: BTreeMap::new(),
                timers: BTreeMap::new(),
                commands: BTreeMap::new(),
                faults: faults.to_vec(),
            })
        });
        Self { rest, log }
    }

    /// The decisions taken that were not usual, in order, if they were noted.
    pub(super) fn noted(&self) -> Option<&Notes> {
        self.log.as_ref()?.noted.as_ref()
    }

    /// The listed keys that never came up.
    pub(super) fn unmet(&self) -> Vec<DecisionKey> {
        let Some(log) = &self.log else { return Vec::new() };
        log.listed.keys().filter(|key| !log.met.contains(*key)).cloned().collect()
    }

    /// The run leaves its plan: chance decides from now on.
    pub(super) fn leave_plan(&mut self) {
        self.rest = Rest::Seed;
        if let Some(log) = &mut self.log {
            log.is_left = true;
        }
    }

    /// The next choice is made now, after so many events.
    pub(super) fn begin_choice(&mut self, now: Time, events: u64) {
        if let Some(log) = &mut self.log {
            log.moment = (now, events);
        }
    }

    /// Whether the fault at this place strikes is a choice.
    pub(super) fn number_strike(&mut self, place: usize, nth: u32) {
        if let Some(log) = &mut self.log {
            log.number(&log.fault(place, nth));
        }
    }

    /// Is nothing listed, noted or usual? Most runs are so.
    #[inline]
    pub(super) fn leaves_all_to_chance(&self) -> bool {
        self.log.is_none() && self.rest == Rest::Seed
    }

    /// The delays of a message, which are in this range unless something disturbs it.
    #[inline]
    pub(super) fn message(
        &mut self,
        link: Link,
        kind: &'static str,
        range: impl Fn() -> RangeInclusive<u64>,
        chance: impl FnOnce() -> Delays,
    ) -> Delays {
        if self.leaves_all_to_chance() {
            return chance();
        }
        let rest = self.rest;
        let by_rest = || match rest {
            Rest::Seed => chance(),
            Rest::Usual => Delays::once(*range().start()),
        };
        match &mut self.log {
            None => by_rest(),
            Some(log) => log.message(link, kind, range(), by_rest),
        }
    }

    /// The span of an arming, in nanoseconds.
    #[inline]
    pub(super) fn arm(
        &mut self,
        (node, incarnation): (NodeId, u32),
        timer: impl FnOnce() -> String,
        range: RangeInclusive<u64>,
        chance: impl FnOnce(RangeInclusive<u64>) -> u64,
    ) -> u64 {
        if self.leaves_all_to_chance() {
            return chance(range);
        }
        let usual = apart(node, &range, APART);
        let by_chance = range.clone();
        let by_rest = rest(self.rest, || usual, || chance(by_chance));
        let Some(log) = &mut self.log else { return by_rest() };
        let timer = timer();
        let nth = log.timers.entry((node, incarnation, timer.clone())).or_default();
        *nth += 1;
        let key = DecisionKey::Timer(TimerKey { node, incarnation, timer, nth: *nth });
        log.number(&key);
        let span = match log.look_up(&key) {
            Some(Decision::Arm(span)) => span.as_nanos(),
            _ => by_rest(),
        };
        let decision = || (span != usual).then(|| Decision::Arm(TimeSpan::from_nanos(span)));
        log.note(key, decision, Some(range));
        span
    }

    /// The `nth` number that a node draws in an incarnation.
    #[inline]
    pub(super) fn draw(
        &mut self,
        (node, incarnation): (NodeId, u32),
        nth: u32,
        range: RangeInclusive<u64>,
        by_chance: u64,
    ) -> u64 {
        let (least, most) = (*range.start(), *range.end());
        let usual = apart(node, &range, 1);
        let by_rest = rest(self.rest, || usual, || by_chance);
        let Some(log) = &mut self.log else { return by_rest() };
        let key = DecisionKey::Draw { node, incarnation, nth };
        log.number(&key);
        let number = match log.look_up(&key) {
            // A plan may be older than the machine's idea of the range.
            Some(Decision::Draw(number)) => number.clamp(least, least.max(most)),
            _ => by_rest(),
        };
        log.note(key, || (number != usual).then_some(Decision::Draw(number)), Some(range));
        number
    }

    /// Does a fault that strikes `every` so often strike by chance at all?
    pub(super) fn leaves_faults_to_chance(&self) -> bool {
        self.rest == Rest::Seed
    }

    /// The listed strikes of the fault at this place: which, and when.
    pub(super) fn strikes(&self, place: usize) -> Vec<(u32, Time)> {
        let Some(log) = self.log.as_ref().filter(|log| !log.is_left) else { return Vec::new() };
        let of_fault = |nth| log.fault(place, nth);
        let strikes = log.listed.range(of_fault(0)..=of_fault(u32::MAX));
        let strike = |(key, decision): (&DecisionKey, &Decision)| match (key, decision) {
            (DecisionKey::Fault { nth, .. }, Decision::Strike { at: Some(at), .. }) => {
                Some((*nth, Time::ZERO + *at))
            }
            _ => None,
        };
        strikes.filter_map(strike).collect()
    }

    /// What a plan says of the `nth` strike of the fault at this place.
    pub(super) fn strike(&mut self, place: usize, nth: u32) -> Option<Decision> {
        let log = self.log.as_mut()?;
        log.look_up(&log.fault(place, nth))
    }

    /// The target of a fault among these candidates, of which there is at least
    /// one. None if a plan lists another node, which the fault cannot strike.
    pub(super) fn target(
        &mut self,
        (place, nth): (usize, u32),
        candidates: &[NodeId],
        chance: impl FnOnce(RangeInclusive<u64>) -> u64,
    ) -> Option<NodeId> {
        let last = candidates.len() as u64 - 1;
        let by_rest = rest(self.rest, || candidates[0], || candidates[chance(0..=last) as usize]);
        match self.strike(place, nth) {
            Some(Decision::Strike { node: Some(node), .. }) => {
                Some(node).filter(|node| candidates.contains(node))
            }
            _ => Some(by_rest()),
        }
    }

    /// What a plan says of a node's next command, in the order of the scenario.
    pub(super) fn command(&mut self, node: NodeId) -> Option<Decision> {
        let log = self.log.as_mut()?;
        let count = log.commands.entry(node).or_default();
        *count += 1;
        let nth = *count;
        log.look_up(&DecisionKey::Command { node, nth })
    }

    /// The instant of a strike that a range bounds, in nanoseconds.
    pub(super) fn instant(
        &mut self,
        (place, nth): (usize, u32),
        usual: u64,
        chance: impl FnOnce() -> u64,
    ) -> u64 {
        match self.strike(place, nth) {
            Some(Decision::Strike { at: Some(at), .. }) => at.as_nanos(),
            _ => rest(self.rest, || usual, chance)(),
        }
    }

    /// What a strike does, of a fault that leaves nodes to chance.
    pub(super) fn action(
        &mut self,
        (place, nth): (usize, u32),
        usual: &Action,
        chance: impl FnOnce() -> Option<Action>,
    ) -> Action {
        match self.strike(place, nth) {
            Some(Decision::Strike { does: Some(action), .. }) => action,
            _ => rest(self.rest, || usual.clone(), || chance().unwrap_or_else(|| usual.clone()))(),
        }
    }

    /// Notes a strike that was not to be expected.
    pub(super) fn note_strike(&mut self, place: usize, nth: u32, strike: Decision) {
        if let Some(log) = &mut self.log {
            log.note(log.fault(place, nth), || Some(strike), None);
        }
    }

    /// Takes back the note of a strike that did not happen.
    pub(super) fn forget_strike(&mut self, place: usize, nth: u32) {
        if let Some(log) = &mut self.log {
            let key = log.fault(place, nth);
            if let Some(noted) = &mut log.noted {
                noted.decisions.shift_remove(&key);
            }
        }
    }
}

/// A fault that an older plan names by its place gets its name.
fn by_name(key: DecisionKey, faults: &[FaultName]) -> DecisionKey {
    match key {
        DecisionKey::Fault { fault, nth } => {
            let name = fault.place_in(faults).map(|place| faults[place].clone());
            DecisionKey::Fault { fault: name.unwrap_or(fault), nth }
        }
        other => other,
    }
}

/// The usual number of a range: its least, and so much more for each node before
/// this one, as far as the range goes.
fn apart(node: NodeId, range: &RangeInclusive<u64>, by: u64) -> u64 {
    let usual = range.start().saturating_add(node.index() as u64 * by);
    usual.min(*range.end()).max(*range.start())
}

/// What is not listed.
fn rest<T>(
    rest: Rest,
    usual: impl FnOnce() -> T,
    chance: impl FnOnce() -> T,
) -> impl FnOnce() -> T {
    move || match rest {
        Rest::Seed => chance(),
        Rest::Usual => usual(),
    }
}

impl DecisionLog {
    #[cold]
    fn message(
        &mut self,
        link: Link,
        kind: &'static str,
        range: RangeInclusive<u64>,
        by_rest: impl FnOnce() -> Delays,
    ) -> Delays {
        let nth = self.messages.entry((link, kind)).or_default();
        *nth += 1;
        let Link { from, to } = link;
        let kind = Cow::Borrowed(kind);
        let key = DecisionKey::Message(MessageKey { from, to, kind, nth: *nth });
        self.number(&key);
        let delays = match self.look_up(&key) {
            Some(Decision::Lose) => Delays::Lost(Lost::Loss),
            Some(Decision::Corrupt) => Delays::Lost(Lost::Corrupt),
            Some(Decision::Delay(delay)) => Delays::once(delay.as_nanos()),
            Some(Decision::Duplicate(delays)) => match delays.as_slice() {
                [] => Delays::Lost(Lost::Loss),
                [first, copies @ ..] => Delays::After {
                    first: first.as_nanos(),
                    copies: copies.iter().map(|delay| delay.as_nanos()).collect(),
                },
            },
            // The loader has refused a decision that does not fit its key.
            _ => by_rest(),
        };
        let usual = Delays::once(*range.start());
        self.note(key, || (delays != usual).then(|| decision_of(&delays)), Some(range));
        delays
    }

    fn fault(&self, place: usize, nth: u32) -> DecisionKey {
        DecisionKey::Fault { fault: self.faults[place].clone(), nth }
    }

    fn look_up(&mut self, key: &DecisionKey) -> Option<Decision> {
        if self.is_left {
            return None;
        }
        let decision = self.listed.get(key)?.clone();
        self.met.insert(key.clone());
        Some(decision)
    }

    fn number(&mut self, key: &DecisionKey) {
        if let Some(noted) = self.noted.as_mut().filter(|_| self.numbers) {
            let (at, events) = self.moment;
            noted.choices.push(Choice { key: key.clone(), at, events });
        }
    }

    fn note(
        &mut self,
        key: DecisionKey,
        unusual: impl FnOnce() -> Option<Decision>,
        range: Option<RangeInclusive<u64>>,
    ) {
        let Some(noted) = &mut self.noted else { return };
        if let Some(range) = range {
            noted.ranges.insert(key.clone(), range);
        }
        if let Some(decision) = unusual() {
            noted.decisions.insert(key, decision);
        }
    }
}

fn decision_of(delays: &Delays) -> Decision {
    match delays {
        Delays::Lost(Lost::Corrupt) => Decision::Corrupt,
        Delays::Lost(_) => Decision::Lose,
        Delays::After { first, copies } if copies.is_none() => {
            Decision::Delay(TimeSpan::from_nanos(*first))
        }
        Delays::After { first, copies } => Decision::Duplicate(
            [first]
                .into_iter()
                .chain(copies.as_slice())
                .map(|ns| TimeSpan::from_nanos(*ns))
                .collect(),
        ),
    }
}
