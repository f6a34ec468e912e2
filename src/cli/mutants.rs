//! Planted bugs: one that was named must be in this build, and the run must meet it.

use super::exit::Stop;

/// Refuses a planted bug in a build that has none.
pub(super) fn check_build(name: Option<&str>) -> Result<(), Stop> {
    match name {
        Some(name) if !cfg!(feature = "mutants") => Err(Stop::usage(format!(
            "this takes the planted bug `{name}`: build with `--features mutants`"
        ))),
        _ => Ok(()),
    }
}

/// Refuses the result of a run that did not reach the planted bug.
pub(super) fn check_reached(name: Option<&str>, is_reached: bool) -> Result<(), Stop> {
    match name {
        Some(name) if !is_reached => Err(Stop::usage(format!(
            "no code asked for the planted bug `{name}`: is its name right, and does this run reach it?"
        ))),
        _ => Ok(()),
    }
}

/// Runs `body` with the planted bug of this name, if one is named.
pub(super) fn with<T>(name: Option<&str>, body: impl FnOnce() -> T) -> Result<T, Stop> {
    check_build(name)?;
    let Some(name) = name else { return Ok(body()) };
    let (value, is_reached) = rehearsal_machine::mutant::with(name, body);
    check_reached(Some(name), is_reached)?;
    Ok(value)
}
