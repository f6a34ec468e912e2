use std::fmt;

use super::Plan;
use crate::check::Fingerprint;
use crate::engine::Outcome;

/// Why the run of a plan is not the failure that the plan is kept for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotReproduced {
    /// It holds.
    Holds,
    /// It fails, and not as the plan says.
    FailsOtherwise {
        /// As the plan says.
        wanted: Box<Fingerprint>,
        /// As it fails now.
        found: Box<Fingerprint>,
    },
    /// It hangs, and nothing is noted of such a run.
    Hangs,
    /// With all its decisions written out, and everything else as usual, it is another one.
    NotRepeatable,
}

impl NotReproduced {
    /// How the plan's run failed, if it failed as the plan says.
    pub(crate) fn check(plan: &Plan, outcome: &Outcome) -> Result<Fingerprint, Self> {
        let found = outcome.fingerprint(plan.case.synopsis()).ok_or(Self::Holds)?;
        match &plan.fails {
            Some(wanted) if *wanted != found => {
                let (wanted, found) = (Box::new(wanted.clone()), Box::new(found));
                Err(Self::FailsOtherwise { wanted, found })
            }
            _ => Ok(found),
        }
    }
}

impl fmt::Display for NotReproduced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("the run holds, so there is no failure"),
            Self::FailsOtherwise { wanted, found } => write!(
                f,
                "the run no longer fails as the plan says ({}: {}), but otherwise ({}: {}): write \
                 its plan anew, or remove `fails` from it",
                wanted.check, wanted.reason, found.check, found.reason
            ),
            Self::Hangs => f.write_str("the run hangs, and no decisions are noted of such a run"),
            Self::NotRepeatable => f.write_str(
                "with all its decisions written out the run is another one: is the protocol \
                 deterministic?",
            ),
        }
    }
}

impl std::error::Error for NotReproduced {}
