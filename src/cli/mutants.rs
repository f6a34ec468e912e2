//! Runs with a planted bug selected, in a build that has them.

use super::exit::Stop;

/// Runs `body` with the planted bug of this name, if one is named. It must be
/// one that `body` meets.
#[cfg(feature = "mutants")]
pub(super) fn with<T>(name: Option<&str>, body: impl FnOnce() -> T) -> Result<T, Stop> {
    let Some(name) = name else { return Ok(body()) };
    match rehearsal_machine::mutant::with(name.to_owned().leak(), body) {
        (value, true) => Ok(value),
        (_, false) => Err(Stop::usage(format!(
            "no code asked for the planted bug `{name}`: is its name right, and does this run reach it?"
        ))),
    }
}

#[cfg(not(feature = "mutants"))]
pub(super) fn with<T>(name: Option<&str>, body: impl FnOnce() -> T) -> Result<T, Stop> {
    match name {
        None => Ok(body()),
        Some(name) => Err(Stop::usage(format!(
            "this takes the planted bug `{name}`: build with `--features mutants`"
        ))),
    }
}
