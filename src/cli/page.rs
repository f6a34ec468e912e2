//! The page of a run: played once for its events, and once more for the states of its last steps.

use std::path::Path;
use std::time::Duration;

use rehearsal_machine::Time;
use rehearsal_sim::page::{Limits, Page, Run, states_from};
use rehearsal_sim::{KEEP_EVENTS, Keep, Options, Outcome, Plan};

use super::{CliError, mutants, output, watchdog};

/// How a plan is run, so that its events are kept.
pub(super) fn options_of(plan: &Plan) -> Options {
    Options::plan(plan).keep(Keep::Trace).keep_events(KEEP_EVENTS)
}

/// Plays a plan, for its page; with the planted bug that the command line names, if any.
pub(super) fn played(
    name: &str,
    plan: &Plan,
    named: Option<&str>,
    options: Options,
    limits: Limits,
    step_limit: Duration,
) -> Result<Run, CliError> {
    mutants::check_build(plan.mutant.as_deref())?;
    let outcome = watchdog::run(&plan.case, options.clone(), step_limit, None)?;
    mutants::check_plan(plan, named, outcome.mutant_reached)?;
    with_states(name, plan, &outcome, options, limits, step_limit)
}

/// The page of a run whose outcome is at hand, in this file, with a curve of P(failure) if one is
/// known. Gives what was left out of it.
pub(super) fn write(
    file: &Path,
    plan: &Plan,
    outcome: &Outcome,
    (again, curve): (String, Vec<(Time, u16)>),
    step_limit: Duration,
) -> Result<Vec<String>, CliError> {
    let limits = Limits::default();
    let name = &plan.case.synopsis().name;
    let mut run = with_states(name, plan, outcome, options_of(plan), limits, step_limit)?;
    run.curve = curve;
    let page = Page::new(&run.again(again), None, limits);
    output::write(file, &page.html)?;
    Ok(page.cuts)
}

/// The same run again, with the states of its last steps: the first one has told which those are.
fn with_states(
    name: &str,
    plan: &Plan,
    outcome: &Outcome,
    options: Options,
    limits: Limits,
    step_limit: Duration,
) -> Result<Run, CliError> {
    let synopsis = plan.case.synopsis();
    let Some(mut run) = Run::of_outcome(name, synopsis, plan.seed, outcome, limits) else {
        return Err(CliError::usage("no page: nothing is kept of a run that hangs"));
    };
    let trace = outcome.events.as_ref();
    if let Some(from) = trace.and_then(|trace| states_from(trace, limits.states)) {
        // Of the second run only the states are of use.
        let options = options.keep(Keep::Trace).keep_events(1).states_from(from);
        run.states = watchdog::run(&plan.case, options, step_limit, None)?.states;
    }
    Ok(run.decided_by(plan))
}
