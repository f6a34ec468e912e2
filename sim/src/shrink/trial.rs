use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use indexmap::IndexMap;

use super::NotShrinkable;
use super::draft::{Draft, PlacedCommand};
use super::milder::{self, Change};
use crate::case::{Case, RunCase};
use crate::check::{Check, Fingerprint};
use crate::engine::{Options, Outcome};
use crate::fault::{Action, Fault, FaultName};
use crate::network::SessionPairs;
use crate::plan::{DecisionKey, Decisions, MessageKey, NotReproduced, Plan, Rest};
use crate::scenario::{Changes, Synopsis};
use crate::trace::Keep;

/// A smaller plan may have so many times the events of the first run, and some more: one that
/// goes on and on is no smaller run.
const MORE: u64 = 10;
const SOME: u64 = 10_000;

/// Tells whether a draft still fails as the first run did.
pub(super) struct Trial<'a> {
    run: &'a RunCase<'a>,
    plan: &'a Plan,
    first: Draft,
    wanted: Fingerprint,
    must_hold: Option<&'a Case>,
    /// A candidate with more events is given up.
    most_events: u64,
    /// From which numbers chance chose in the first run.
    pub(super) ranges: BTreeMap<DecisionKey, RangeInclusive<u64>>,
}

impl<'a> Trial<'a> {
    /// Runs the plan, and writes all its decisions out.
    pub(super) fn begin(
        run: &'a RunCase<'a>,
        plan: &'a Plan,
        must_hold: Option<&'a Case>,
    ) -> Result<(Self, Draft), NotShrinkable> {
        let mut options = Options::plan(plan);
        options.decisions = options.decisions.taking_notes();
        let outcome = run(&plan.case, options);
        let wanted = NotReproduced::check(plan, &outcome)?;
        let most_events = outcome.tally.events.saturating_mul(MORE).saturating_add(SOME);
        let (Some(decisions), Some(ranges)) = (outcome.decisions, outcome.ranges) else {
            return Err(NotReproduced::Hangs.into());
        };
        let synopsis = plan.case.synopsis();
        let commands = plan.case.commands(plan.seed);
        if let Some(other) = must_hold
            && other.commands(plan.seed) != commands
        {
            return Err(NotShrinkable::DoesNotFit("its commands are other ones".to_owned()));
        }
        let names: Vec<_> = FaultName::all(&synopsis.faults).into_iter().enumerate().collect();
        let by_place = |(key, decision)| (by_place(key, &names), decision);
        let placed = commands.iter().enumerate();
        let first = Draft {
            absent: synopsis.absent.clone(),
            commands: placed.map(|(place, it)| PlacedCommand { place, to: it.to }).collect(),
            faults: synopsis.faults.iter().cloned().enumerate().collect(),
            decisions: decisions.into_iter().map(by_place).collect(),
            until: synopsis.until,
            has_own_network: plan.case.own_network().is_none(),
        };
        let trial =
            Self { run, plan, first: first.clone(), wanted, must_hold, most_events, ranges };
        let Some(outcome) = trial.outcome(&first) else {
            return Err(NotReproduced::NotRepeatable.into());
        };
        if !trial.is_the_failure(&outcome) {
            return Err(NotReproduced::NotRepeatable.into());
        }
        if let Some(other) = must_hold {
            let outcome = trial.elsewhere(other, &first)?;
            if let Some(failure) = outcome.failure {
                let (check, reason) = (failure.check, failure.reason);
                return Err(NotShrinkable::FailsAnyway { check, reason });
            }
        }
        Ok((trial, first))
    }

    /// What is left of the draft, if it fails as the first run did: without the
    /// decisions that no longer come up.
    ///
    /// If it does not fail so, and decisions on messages did not come up, those
    /// are moved to earlier messages of their kind, and it is tried once more.
    pub(super) fn failing(&self, draft: &Draft) -> Option<Draft> {
        let outcome = self.outcome(draft)?;
        if self.is_the_failure(&outcome) {
            return self.accepted(draft, &outcome);
        }
        let moved = moved(draft, &outcome.unmet)?;
        let outcome = self.outcome(&moved)?;
        if self.is_the_failure(&outcome) { self.accepted(&moved, &outcome) } else { None }
    }

    /// Does nothing fail in it?
    pub(super) fn holds(&self, draft: &Draft) -> bool {
        self.outcome(draft).is_some_and(|outcome| outcome.held())
    }

    /// All changes that make the draft milder.
    pub(super) fn milder(&self, draft: &Draft) -> Vec<(usize, Change)> {
        let Synopsis { nodes, network, .. } = self.plan.case.synopsis();
        let sessions = SessionPairs::new(network.sessions.as_ref(), *nodes);
        let usual = |action: &Action| action.drawn(*nodes, Some(&sessions), |range| *range.start());
        milder::changes(draft, &self.ranges, &usual)
    }

    /// When the draft fails, if it does so as the first run did.
    pub(super) fn failing_at(&self, draft: &Draft) -> Option<u64> {
        let outcome = self.outcome(draft).filter(|outcome| self.is_the_failure(outcome))?;
        outcome.failure.map(|failure| failure.at.as_nanos())
    }

    /// The plan that a draft stands for, which was run.
    pub(super) fn plan(&self, draft: &Draft, fails: bool) -> Plan {
        let Plan { case, seed, mutant, .. } = self.plan;
        let case = case.with_changes(*seed, &self.changes(draft));
        Plan {
            case: case.expect("the same changes were made when it was run"),
            seed: *seed,
            rest: Rest::Usual,
            decisions: draft.named_decisions(),
            mutant: mutant.clone(),
            fails: fails.then(|| self.wanted.clone()),
        }
    }

    /// A person's words for the command at this place.
    pub(super) fn command(&self, place: usize) -> String {
        let commands = self.plan.case.commands(self.plan.seed);
        commands
            .get(place)
            .map_or_else(String::new, |it| format!("{} {}: {}", it.to, it.when, it.text))
    }

    pub(super) fn nodes(&self) -> u32 {
        self.plan.case.synopsis().nodes
    }

    fn accepted(&self, draft: &Draft, outcome: &Outcome) -> Option<Draft> {
        let is_another_failure = match self.must_hold {
            Some(other) => !self.elsewhere(other, draft).is_ok_and(|outcome| outcome.held()),
            None => self.fails_undisturbed(draft, outcome),
        };
        if is_another_failure {
            return None;
        }
        let names = draft.names();
        let mut draft = draft.clone();
        for key in &outcome.unmet {
            draft.decisions.shift_remove(&by_place(key.clone(), &names));
        }
        Some(draft)
    }

    /// Does it fail because of the nodes and commands that it lacks? What is expected to
    /// happen does not happen either where nobody is left to do it, so such a draft
    /// must not fail without any decision and fault, apart from those that start nodes for the
    /// first time.
    fn fails_undisturbed(&self, draft: &Draft, outcome: &Outcome) -> bool {
        let failure = outcome.failure.as_ref().map(|failure| &failure.check);
        let is_expected_to_happen =
            matches!(failure, Some(Check::Liveness(_) | Check::Reach(_) | Check::Tested));
        let is_start = |fault: &Fault| matches!(fault.action, Action::Start(_));
        let starts = |of: &Draft| of.faults.iter().filter(|(_, fault)| is_start(fault)).count();
        let lacks = draft.absent != self.first.absent
            || draft.commands != self.first.commands
            || starts(draft) != starts(&self.first);
        is_expected_to_happen && lacks && {
            let mut undisturbed = Draft { decisions: IndexMap::new(), ..draft.clone() };
            undisturbed.faults.retain(|(_, fault)| is_start(fault));
            self.outcome(&undisturbed).is_none_or(|outcome| self.is_the_failure(&outcome))
        }
    }

    fn is_the_failure(&self, outcome: &Outcome) -> bool {
        outcome.fingerprint(self.plan.case.synopsis()).as_ref() == Some(&self.wanted)
    }

    /// None if the scenario cannot be changed so.
    fn outcome(&self, draft: &Draft) -> Option<Outcome> {
        let case = self.plan.case.with_changes(self.plan.seed, &self.changes(draft)).ok()?;
        let mut options = self.options(draft);
        options.mutant.clone_from(&self.plan.mutant);
        Some((self.run)(&case, options))
    }

    /// The outcome in the scenario that must hold.
    fn elsewhere(&self, other: &Case, draft: &Draft) -> Result<Outcome, NotShrinkable> {
        let case = other
            .with_changes(self.plan.seed, &draft.changes())
            .map_err(|reason| NotShrinkable::DoesNotFit(reason.to_string()))?;
        Ok((self.run)(&case, self.options(draft)))
    }

    fn options(&self, draft: &Draft) -> Options {
        let decisions = Decisions::listed(draft.named_decisions(), Rest::Usual);
        let options = Options::seed(self.plan.seed.0).decisions(decisions);
        options.keep(Keep::Verdict).most_events(self.most_events)
    }

    /// Only what differs from the first plan is said.
    fn changes(&self, draft: &Draft) -> Changes {
        let Changes { mut faults, mut commands, mut absent, mut until, .. } = draft.changes();
        let own = self.plan.case.own_network().filter(|_| draft.has_own_network);
        faults.take_if(|_| draft.faults == self.first.faults);
        commands.take_if(|_| draft.commands == self.first.commands);
        absent.take_if(|_| draft.absent == self.first.absent);
        until.take_if(|_| draft.until == self.first.until);
        let network = own.cloned();
        Changes { network, faults, commands, moved: BTreeMap::new(), absent, until }
    }
}

/// A decision on a fault gets the fault's place in the first plan for its name.
fn by_place(key: DecisionKey, names: &[(usize, FaultName)]) -> DecisionKey {
    match key {
        DecisionKey::Fault { fault, nth } => {
            let place = names.iter().find(|(_, name)| *name == fault).map(|(place, _)| *place);
            DecisionKey::Fault { fault: place.map_or(fault, FaultName::Place), nth }
        }
        other => other,
    }
}

/// The draft with decisions on messages that did not come up moved to the nearest earlier
/// message of the same kind and link on which there is none. None if there is none to move.
fn moved(draft: &Draft, unmet: &[DecisionKey]) -> Option<Draft> {
    let mut moved = draft.clone();
    for key in unmet {
        let DecisionKey::Message(message) = key else { continue };
        let earlier = (1..message.nth)
            .rev()
            .map(|nth| DecisionKey::Message(MessageKey { nth, ..message.clone() }));
        let free = earlier.into_iter().find(|earlier| !moved.decisions.contains_key(earlier));
        if let Some(free) = free
            && let Some(decision) = moved.decisions.shift_remove(key)
        {
            moved.decisions.insert(free, decision);
        }
    }
    (moved != *draft).then_some(moved)
}
