//! What a failure hangs on: each unusual decision and each fault taken away alone, and the
//! choices at which P(failure) jumps.

use std::cmp::Reverse;
use std::ops::{ControlFlow, RangeInclusive};

use rehearsal_machine::Time;

use super::curve::least_jump;
use super::findings::{Cause, Change};
use super::stage::Stage;
use super::{OnProgress, Search};
use crate::fault::{Fault, Target, When};
use crate::parallel;
use crate::plan::{Choice, DecisionKey, Phase};
use crate::trace::EventKind;

/// So many runs are made before it is asked whether to go on.
const BATCH: usize = 64;

/// Of so many causes without which the run passes, P(failure) is asked right before and after:
/// of a plan that was not shrunk there may be hundreds.
const MOST_WEIGHED: usize = 24;

/// Takes everything away that was not usual, each alone, and then all of it.
pub(super) fn counterfactual(
    search: &mut Search<'_>,
    on_progress: &mut OnProgress<'_>,
) -> (Vec<Cause>, ControlFlow<()>) {
    let stage = search.stage;
    let decisions = stage.decisions.iter().filter(|(key, _)| stage.is_single(key));
    let decisions = decisions.map(|(key, it)| Change::Decision(key.clone(), it.clone()));
    let faults = stage.own_faults().iter().enumerate();
    let faults = faults
        .filter(|(place, fault)| !is_by_chance(fault) && stage.strikes(*place).is_some())
        .map(|(place, fault)| Change::Fault(place, fault.words()));
    let parts: Vec<_> = decisions.chain(faults).chain([Change::Nothing]).collect();
    let mut causes = Vec::new();
    for batch in parts.chunks(BATCH) {
        let without = |place: usize| stage.without(&batch[place]);
        let outcomes = parallel::map(batch.len(), search.inquiry.jobs, &without);
        search.runs += batch.len() as u64;
        for (change, without) in batch.iter().zip(outcomes) {
            // Without anything unusual it is asked whether it fails.
            let is_usual = matches!(change, Change::Nothing);
            if !is_usual || without.fails_alike {
                let passes_without = (!is_usual).then_some(without.holds);
                let (at, event) = shown(stage, change);
                let change = change.clone();
                causes.push(Cause { change, at, event, fails: None, passes_without });
            }
        }
        if search.tell(on_progress).is_break() {
            return (causes, ControlFlow::Break(()));
        }
    }
    (causes, ControlFlow::Continue(()))
}

/// Asks for P(failure) right before and after what the run does not fail without.
pub(super) fn weigh(
    search: &mut Search<'_>,
    causes: &[Cause],
    on_progress: &mut OnProgress<'_>,
) -> ControlFlow<()> {
    let decisive = causes.iter().filter(|cause| cause.passes_without == Some(true));
    for cause in decisive.take(MOST_WEIGHED) {
        if let Some(choices) = choices_of(search.stage, &cause.change) {
            let (before, after) = choices.into_inner();
            search.cut_at(&[before, after + 1], on_progress)?;
        }
    }
    ControlFlow::Continue(())
}

/// All causes, with P(failure) before and after where that is known, the likeliest first.
pub(super) fn ranked(search: &Search<'_>, mut causes: Vec<Cause>) -> Vec<Cause> {
    let stage = search.stage;
    for cause in &mut causes {
        cause.fails = choices_of(stage, &cause.change).and_then(|choices| {
            let (before, after) = choices.into_inner();
            search.known(before).zip(search.known(after + 1))
        });
        if cause.change == Change::Nothing {
            cause.fails = search.known(0).map(|fails| (0, fails));
        }
    }
    let least = least_jump(search.inquiry.seeds.get());
    let cuts: Vec<_> = search.fails.iter().map(|(cut, fails)| (*cut, *fails)).collect();
    for pair in cuts.windows(2) {
        let [(from, before), (to, after)] = *pair else { continue };
        if to - from != 1 || after < before + least {
            continue;
        }
        let is_told = |cause: &Cause| {
            choices_of(stage, &cause.change).is_some_and(|choices| choices.contains(&from))
        };
        if causes.iter().any(is_told) {
            continue;
        }
        let choice = &stage.choices[from];
        let change = Change::Usual(choice.key.clone());
        let (at, event) = shown(stage, &change);
        let fails = Some((before, after));
        causes.push(Cause { change, at, event, fails, passes_without: None });
    }
    let rank = |cause: &Cause| match (&cause.change, cause.passes_without) {
        (Change::Nothing, _) => 0,
        (_, Some(true)) => 1,
        (_, None) => 2,
        (_, Some(false)) => 3,
    };
    causes.sort_by_key(|cause| (rank(cause), Reverse(cause.jump()), cause.at, cause.event));
    causes
}

/// The choices that decided it, from the first to the last, by their places.
fn choices_of(stage: &Stage<'_>, change: &Change) -> Option<RangeInclusive<usize>> {
    match change {
        Change::Decision(key, _) | Change::Usual(key) => {
            let place = stage.choices.iter().position(|choice| choice.key == *key)?;
            Some(place..=place)
        }
        Change::Fault(place, _) => stage.strikes(*place),
        Change::Nothing => None,
    }
}

/// When it was decided, and the event that shows it.
fn shown(stage: &Stage<'_>, change: &Change) -> (Time, Option<u64>) {
    let Some(choice) = choices_of(stage, change).map(|choices| &stage.choices[*choices.start()])
    else {
        return (Time::ZERO, None);
    };
    let event = match (change, &choice.key) {
        (Change::Fault(place, _), _) => stage.event_of_fault(*place, choice),
        // A draw shows in nothing but what the machine makes of it.
        (_, DecisionKey::Draw { .. }) => Some(choice.events).filter(|event| *event > 0),
        _ => Some(choice.events + 1),
    };
    (choice.at, event)
}

/// Does chance alone say when it strikes, and how often?
fn is_by_chance(fault: &Fault) -> bool {
    matches!(fault.when, When::Every(_))
}

impl Stage<'_> {
    /// Can the decision go alone? One on a fault goes with the fault, unless chance makes it
    /// strike again and again: then each strike is one.
    fn is_single(&self, key: &DecisionKey) -> bool {
        let DecisionKey::Fault { fault, .. } = key else { return true };
        let place = self.names.iter().position(|name| name == fault);
        place.is_some_and(|place| is_by_chance(&self.own_faults()[place]))
    }

    /// The choices at which the fault at this place struck, from the first to the last.
    pub(super) fn strikes(&self, place: usize) -> Option<RangeInclusive<usize>> {
        let of_it = |key: &DecisionKey| match key {
            DecisionKey::Fault { fault, .. } => *fault == self.names[place],
            _ => false,
        };
        let first = self.choices.iter().position(|choice| of_it(&choice.key))?;
        let last = self.choices.iter().rposition(|choice| of_it(&choice.key))?;
        Some(first..=last)
    }

    /// The event that shows this strike of the fault at this place.
    fn event_of_fault(&self, place: usize, strike: &Choice) -> Option<u64> {
        let events = self.events()?;
        let action = &self.own_faults()[place].action;
        let mut later = events
            .iter()
            .skip_while(|event| event.number <= strike.events)
            .take_while(|event| event.at == strike.at);
        let event = if action.is_start() {
            // What else is due at this instant may come before the node is up.
            let target = action.target().map(|(_, target)| target);
            later.find(|event| match event.what {
                EventKind::Start { node, .. } => target == Some(Target::Node(node)),
                _ => false,
            })
        } else {
            later.next()
        };
        event.map(|event| event.number)
    }

    /// On which side of a cut the faults may strike if this is taken away.
    pub(super) fn phases_without(&self, change: &Change) -> Vec<Phase> {
        let mut phases = self.phases.to_vec();
        match change {
            Change::Fault(place, _) => phases[*place] = Phase::After,
            Change::Nothing => {
                for phase in phases.iter_mut().filter(|phase| **phase == Phase::Before) {
                    *phase = Phase::After;
                }
            }
            Change::Decision(..) | Change::Usual(_) => {}
        }
        phases
    }
}
