use std::env::VarError;
use std::num::NonZeroUsize;

use super::NotAHunt;

/// `REHEARSAL_JOBS`: on how many threads.
pub(crate) fn jobs() -> Result<Option<NonZeroUsize>, NotAHunt> {
    let jobs = number("REHEARSAL_JOBS", 1)?;
    Ok(jobs.map(|jobs| NonZeroUsize::new(jobs as usize).unwrap_or(NonZeroUsize::MIN)))
}

/// The number in this variable, if it is set.
#[expect(
    clippy::disallowed_methods,
    reason = "how many seeds are run is the business of the person who runs the tests; none of their runs depends on it"
)]
pub(super) fn number(variable: &'static str, least: u64) -> Result<Option<u64>, NotAHunt> {
    let value = match std::env::var(variable) {
        Ok(value) => value,
        Err(VarError::NotPresent) => return Ok(None),
        Err(VarError::NotUnicode(value)) => value.to_string_lossy().into_owned(),
    };
    match value.parse() {
        Ok(number) if number >= least => Ok(Some(number)),
        _ => Err(NotAHunt::NotANumber { variable, value, least }),
    }
}
