//! What a failure hangs on: each unusual decision and each fault taken away alone, and the
//! choices at which P(failure) jumps.

use std::cmp::Reverse;
use std::ops::{ControlFlow, RangeInclusive};

use super::curve::least_jump;
use super::findings::{Cause, Change};
use super::stage::Stage;
use super::{OnProgress, Search};
use crate::fault::{Fault, When};
use crate::parallel;
use crate::plan::{Choice, DecisionKey, Phase};

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
        .filter(|(_, fault)| !is_by_chance(fault))
        .map(|(place, fault)| Change::Fault(place, fault.words()))
        .filter(|change| stage.choices_of(change).is_some());
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
                let (at, event) = stage.shown(change);
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
        if let Some(choices) = search.stage.choices_of(&cause.change) {
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
        cause.fails = stage.choices_of(&cause.change).and_then(|choices| {
            let (before, after) = choices.into_inner();
            search.known(before).zip(search.known(after + 1))
        });
    }
    let least = least_jump(search.inquiry.seeds.get());
    let cuts: Vec<_> = search.fails.iter().map(|(cut, fails)| (*cut, *fails)).collect();
    for pair in cuts.windows(2) {
        let [(from, before), (to, after)] = *pair else { continue };
        if to - from != 1 || after < before + least {
            continue;
        }
        let key = &stage.choices[from].key;
        if causes.iter().any(|cause| stage.is_decided_by(&cause.change, key)) {
            continue;
        }
        let change = Change::Usual(key.clone());
        let (at, event) = stage.shown(&change);
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

/// Does chance alone say when it strikes, and how often?
fn is_by_chance(fault: &Fault) -> bool {
    matches!(fault.when, When::Every(_))
}

impl Stage<'_> {
    /// Can the decision go alone? One on a fault goes with the fault, unless chance makes it
    /// strike again and again: then each strike is one.
    fn is_single(&self, key: &DecisionKey) -> bool {
        let DecisionKey::Fault { fault, .. } = key else { return true };
        self.fault(fault).is_some_and(is_by_chance)
    }

    /// The choices that decided it, from the first to the last, by their places.
    pub(super) fn choices_of(&self, change: &Change) -> Option<RangeInclusive<usize>> {
        let is_of_it = |choice: &Choice| self.is_decided_by(change, &choice.key);
        let first = self.choices.iter().position(is_of_it)?;
        let last = self.choices.iter().rposition(is_of_it)?;
        Some(first..=last)
    }

    /// Is it this choice, or one of those, that decided it?
    fn is_decided_by(&self, change: &Change, choice: &DecisionKey) -> bool {
        match (change, choice) {
            (Change::Decision(key, _) | Change::Usual(key), _) => key == choice,
            (Change::Fault(place, _), DecisionKey::Fault { fault, .. }) => {
                *fault == self.names[*place]
            }
            (Change::Fault(..) | Change::Nothing, _) => false,
        }
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
