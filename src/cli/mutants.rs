//! Planted bugs: one that was named must be in this build, and the run must reach it.

use clap::Args;
use rehearsal_sim::Plan;

use super::CliError;

/// The argument that selects a planted bug.
#[derive(Args)]
pub(super) struct Mutant {
    /// Select a planted bug
    // A build without planted bugs takes it, too, to say which build has them.
    #[arg(long = "mutant", value_name = "NAME", hide = cfg!(not(feature = "mutants")))]
    name: Option<String>,
}

impl Mutant {
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// Refuses a planted bug in a build that has none.
pub(super) fn check_build(name: Option<&str>) -> Result<(), CliError> {
    match name {
        Some(name) if !cfg!(feature = "mutants") => Err(CliError::usage(format!(
            "the planted bug `{name}` is not in this build: build with `--features mutants`"
        ))),
        _ => Ok(()),
    }
}

/// Refuses the result of a run that did not reach the planted bug.
pub(super) fn check_reached(name: Option<&str>, is_reached: bool) -> Result<(), CliError> {
    match name {
        Some(name) if !is_reached => Err(CliError::usage(format!(
            "no code asked for the planted bug `{name}`: is its name right, and does this run reach it?"
        ))),
        _ => Ok(()),
    }
}

/// The same of a plan's run. A plan of a run that holds need not reach the planted bug that it
/// names, unless the command line names it: the twin of a failure often differs from it just there.
pub(super) fn check_plan(
    plan: &Plan,
    named: Option<&str>,
    is_reached: bool,
) -> Result<(), CliError> {
    let of_failure = plan.mutant.as_deref().filter(|_| plan.fails.is_some());
    check_reached(named.or(of_failure), is_reached)
}

/// Runs `body` with the planted bug of this name, if one is named.
pub(super) fn with<T>(name: Option<&str>, body: impl FnOnce() -> T) -> Result<T, CliError> {
    check_build(name)?;
    let Some(name) = name else { return Ok(body()) };
    let (value, is_reached) = rehearsal_machine::mutant::with(name, body);
    check_reached(Some(name), is_reached)?;
    Ok(value)
}
