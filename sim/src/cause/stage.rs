//! The runs that a plan is cut into: which case is run, what is kept, and what draws the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use rehearsal_machine::Time;

use super::findings::{Cause, Change, Findings, Point};
use super::{Future, Inquiry, NoCause};
use crate::case::{Case, RunCase};
use crate::chance::Seed;
use crate::check::Fingerprint;
use crate::engine::{Options, Outcome};
use crate::fault::{Fault, FaultName, When};
use crate::network::{Link, Network};
use crate::plan::{
    Choice, Cut, Decision, DecisionKey, Decisions, NotReproduced, Phase, Plan, Rest,
};
use crate::scenario::Changes;
use crate::source::{Reason, TimeSpan};
use crate::swarm::Swarm;
use crate::trace::{Keep, Trace};

/// A run with a future drawn anew may have so many times the events of the plan's run, and some
/// more.
const MORE: u64 = 10;
const SOME: u64 = 10_000;

/// A plan's run, taken apart.
pub(super) struct Stage<'a> {
    run: &'a RunCase<'a>,
    mutant: Option<String>,
    seed: Seed,
    wanted: Fingerprint,
    /// The plan's case, its end as far as the scenario has it.
    case: Case,
    /// How many of its faults are the plan's; those behind them strike after a cut.
    own_faults: usize,
    /// The case of each seed that draws a future.
    futures: Vec<(Seed, Case)>,
    is_of_swarm: bool,
    most_events: u64,
    /// The names of the plan's faults.
    pub(super) names: Vec<FaultName>,
    pub(super) phases: Arc<[Phase]>,
    /// Every decision of the run that was not usual.
    pub(super) decisions: IndexMap<DecisionKey, Decision>,
    /// What the run came to choose, in order.
    pub(super) choices: Vec<Choice>,
    outcome: Outcome,
}

/// What came of a run from which something was taken away.
pub(super) struct Without {
    pub(super) holds: bool,
    pub(super) fails_alike: bool,
}

impl<'a> Stage<'a> {
    pub(super) fn of(inquiry: &Inquiry<'a>, plan: &Plan) -> Result<Self, NoCause> {
        let run = inquiry.run;
        let plan = &with_commands(plan).map_err(|reason| does_not_fit(&reason))?;
        let mut first = run(&plan.case, noting(Options::plan(plan)).keep(Keep::Trace));
        let wanted = NotReproduced::check(plan, &first)?;
        let decisions = first.decisions.take().ok_or(NotReproduced::Hangs)?;
        let written = plan.case.as_written();
        let swarm = swarm_of(inquiry, plan, written.as_ref(), &decisions)?;
        let mut stage = Self {
            run,
            mutant: plan.mutant.clone(),
            seed: plan.seed,
            wanted,
            case: plan.case.clone(),
            own_faults: plan.case.synopsis().faults.len(),
            futures: Vec::new(),
            is_of_swarm: swarm.is_some(),
            most_events: first.tally.events.saturating_mul(MORE).saturating_add(SOME),
            names: FaultName::all(&plan.case.synopsis().faults),
            phases: Arc::new([]),
            decisions,
            choices: Vec::new(),
            outcome: first,
        };
        let own = plan.case.own_network().unwrap_or(&plan.case.synopsis().network);
        // The end that shrinking has drawn nearer would hide what fails later.
        let ends = written.as_ref().map(|written| written.synopsis().until);
        let is_found = ends.into_iter().chain([plan.case.synopsis().until]).any(|until| {
            let built = stage.build(inquiry, plan, written.as_ref(), swarm.as_ref(), (own, until));
            built.is_ok() && stage.is_repeated()
        });
        if is_found { Ok(stage) } else { Err(NotReproduced::NotRepeatable.into()) }
    }

    /// The cases that are run, all of which end at this instant.
    fn build(
        &mut self,
        inquiry: &Inquiry<'_>,
        plan: &Plan,
        written: Option<&Case>,
        swarm: Option<&Swarm>,
        (network, until): (&Network, TimeSpan),
    ) -> Result<(), Reason> {
        let own = &plan.case.synopsis().faults;
        let lost = {
            let written = written.map(|case| case.synopsis().faults.as_slice());
            let (phases, lost) = sorted(own, written.unwrap_or(own));
            self.phases = phases;
            lost
        };
        let is_in_time = |fault: &&Fault| !matches!(fault.when, When::At(at) if at >= until);
        let changed = |network: Network, more: Vec<Fault>| {
            let faults = own.iter().chain(lost.iter().filter(is_in_time)).cloned().chain(more);
            let changes = Changes {
                network: Some(network),
                faults: Some(faults.collect()),
                until: Some(until),
                ..Changes::default()
            };
            plan.case.with_changes(plan.seed, &changes)
        };
        self.case = changed(network.clone(), Vec::new())?;
        let behind = self.case.synopsis().faults.len() - own.len();
        let phases = self.phases.iter().copied();
        self.phases = phases.chain(std::iter::repeat_n(Phase::After, behind)).collect();
        self.futures.clear();
        // The plan's own seed would draw again what the plan has.
        let seeds = (0..).map(|place| Seed(inquiry.first.0.wrapping_add(place)));
        let others = seeds.filter(|seed| *seed != plan.seed);
        for seed in others.take(inquiry.seeds.get() as usize) {
            let case = match swarm {
                None => self.case.clone(),
                Some(swarm) => {
                    let drawn = swarm.drawn(seed);
                    let faults = drawn.faults().filter(is_in_time).cloned().collect();
                    changed(drawn.network().clone(), faults)?
                }
            };
            self.futures.push((seed, case));
        }
        Ok(())
    }

    /// Is the run the same with all decisions written out? Keeps what it came to choose.
    fn is_repeated(&mut self) -> bool {
        let decisions = self.decisions.clone();
        let options = self.options(decisions, cut(u64::MAX, self.seed, &self.phases));
        let mut outcome = (self.run)(&self.case, noting(options).keep(Keep::Trace));
        self.choices = std::mem::take(&mut outcome.choices);
        outcome.digest == self.outcome.digest && self.is_the_failure(&outcome)
    }

    /// Does the run fail alike if the future after so many choices is that of this seed?
    pub(super) fn fails_after(&self, kept: usize, seed: usize) -> bool {
        let (seed, case) = &self.futures[seed];
        // Beyond the plan's own faults, all are of the future.
        let count = case.synopsis().faults.len();
        let behind = std::iter::repeat_n(Phase::After, count - self.phases.len());
        let phases = self.phases.iter().copied().chain(behind).collect::<Vec<_>>();
        let cut = cut(kept as u64, *seed, &phases);
        let options = self.options(self.decisions.clone(), cut).keep(Keep::Verdict);
        self.is_the_failure(&(self.run)(case, options))
    }

    /// What comes of the run if this is taken away, and everything else is kept.
    pub(super) fn without(&self, change: &Change) -> Without {
        let mut decisions = self.decisions.clone();
        match change {
            Change::Decision(key, _) => {
                decisions.shift_remove(key);
            }
            Change::Nothing => decisions.clear(),
            Change::Fault(..) | Change::Usual(_) => {}
        }
        let cut = cut(u64::MAX, self.seed, &self.phases_without(change));
        let options = self.options(decisions, cut).keep(Keep::Verdict);
        let outcome = (self.run)(&self.case, options);
        Without { holds: outcome.held(), fails_alike: self.is_the_failure(&outcome) }
    }

    /// The events of the plan's run; none if it is not kept.
    pub(super) fn events(&self) -> Option<&Trace> {
        self.outcome.events.as_ref()
    }

    /// The plan's faults.
    pub(super) fn own_faults(&self) -> &[Fault] {
        &self.case.synopsis().faults[..self.own_faults]
    }

    pub(super) fn findings(
        self,
        fails: BTreeMap<usize, u32>,
        causes: Vec<Cause>,
        runs: u64,
        is_complete: bool,
    ) -> Findings {
        let at = |kept: usize| match kept.checked_sub(1) {
            Some(last) => self.choices[last].at,
            None => Time::ZERO,
        };
        let point = |(kept, fails): (usize, u32)| Point { kept, at: at(kept), fails };
        Findings {
            curve: fails.into_iter().map(point).collect(),
            seeds: self.futures.len() as u32,
            is_of_swarm: self.is_of_swarm,
            choices: self.choices.len(),
            causes,
            runs,
            is_complete,
            outcome: self.outcome,
        }
    }

    fn options(&self, decisions: IndexMap<DecisionKey, Decision>, cut: Cut) -> Options {
        let decisions = Decisions::listed(decisions, Rest::Usual).up_to(cut);
        let options = Options::seed(self.seed.0).decisions(decisions);
        Options { mutant: self.mutant.clone(), ..options.most_events(self.most_events) }
    }

    fn is_the_failure(&self, outcome: &Outcome) -> bool {
        outcome.fingerprint(self.case.synopsis()).as_ref() == Some(&self.wanted)
    }
}

/// The plan with all its commands written out: those of a workload follow from a seed, and a
/// future has another one.
fn with_commands(plan: &Plan) -> Result<Plan, Reason> {
    let all = || Changes {
        commands: Some((0..plan.case.commands(plan.seed).len()).collect()),
        ..Changes::default()
    };
    plan.settled(&plan.settled_commands().unwrap_or_else(all))
}

/// On which side of a cut each fault of a plan may strike, and the faults of the scenario that
/// the plan has lost.
fn sorted(own: &[Fault], written: &[Fault]) -> (Arc<[Phase]>, Vec<Fault>) {
    let mut lost = written.to_vec();
    let mut phase = |fault: &Fault| {
        let place = lost.iter().position(|it| it == fault);
        place.map(|place| lost.remove(place));
        if place.is_some() || fault.action.is_repair() { Phase::Always } else { Phase::Before }
    };
    let phases = own.iter().map(&mut phase).collect();
    (phases, lost)
}

/// The swarm that draws futures, if one does.
fn swarm_of(
    inquiry: &Inquiry<'_>,
    plan: &Plan,
    written: Option<&Case>,
    decisions: &IndexMap<DecisionKey, Decision>,
) -> Result<Option<Swarm>, NoCause> {
    let of = |case: Option<&Case>| {
        let no_text = || NoCause::NoSwarm("it has no text to be read".to_owned());
        Swarm::of(case.ok_or_else(no_text)?, inquiry.run)
            .map_err(|why| NoCause::NoSwarm(why.to_string()))
    };
    match inquiry.future {
        Future::Scenario => Ok(None),
        Future::Swarm => of(written).map(Some),
        Future::AsPlanned => {
            let is_drawn = written.is_some_and(|written| is_of_swarm(plan, written, decisions));
            Ok(if is_drawn { of(written).ok() } else { None })
        }
    }
}

/// Has the plan what only a swarm draws?
fn is_of_swarm(plan: &Plan, written: &Case, decisions: &IndexMap<DecisionKey, Decision>) -> bool {
    let (phases, _) = sorted(&plan.case.synopsis().faults, &written.synopsis().faults);
    plan.case.own_network().is_some()
        || phases.contains(&Phase::Before)
        || decisions.iter().any(|(key, it)| is_foreign(key, it, &written.synopsis().network))
}

/// Does the network never give a message this fate?
fn is_foreign(key: &DecisionKey, decision: &Decision, network: &Network) -> bool {
    let DecisionKey::Message(message) = key else { return false };
    match decision {
        Decision::Lose => network.loss.numerator() == 0,
        Decision::Corrupt => network.corrupt.numerator() == 0,
        Decision::Duplicate(_) => network.duplicate.numerator() == 0,
        Decision::Delay(delay) => {
            let most = network.most(Link::new(message.from, message.to));
            network.reorder.is_none() && delay.as_nanos() > most
        }
        _ => false,
    }
}

fn cut(kept: u64, seed: Seed, phases: &[Phase]) -> Cut {
    Cut { kept, seed, phases: phases.into() }
}

fn noting(mut options: Options) -> Options {
    options.decisions = options.decisions.taking_notes();
    options
}

fn does_not_fit(reason: &Reason) -> NoCause {
    NoCause::DoesNotFit(reason.to_string())
}
