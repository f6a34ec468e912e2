//! A swarm: each seed of a scenario is run with a random choice of what goes wrong.
//!
//! One set of faults for all runs hides bugs: a fault that always strikes keeps the
//! run from ever reaching what another one would break, and strengths that suit one
//! bug drown another. So each seed first chooses which kinds of faults there are at
//! all, each with an even chance, and then how often and how strongly they strike
//! (Groce, Zhang, Eide, Chen and Regehr, "Swarm Testing", 2012). Where a fault waits
//! for an event, it is an event that the undisturbed run of the scenario has had: a
//! crash right after the third save of n2, the loss of the second `answer` to n4.
//!
//! What was drawn is put into the scenario as plain faults and a plain network, so a
//! plan holds all of it, is shrunk like any other, and replays without the swarm.
//!
//! Whatever the swarm adds ends by the calm: nodes that it may have taken down are
//! restarted there. The liveness bounds of the scenario therefore hold as they stand:
//! the swarm never makes the undisturbed network slower. A scenario that expects
//! liveness and has no calm is [refused](NotForSwarm).

mod bounds;
mod draw;
mod drawn;
mod ground;

use std::collections::BTreeSet;
use std::fmt;

use crate::case::{Case, RunCase};
use crate::chance::Seed;
use crate::source::TimeSpan;

pub use bounds::SwarmBounds;

pub(crate) use drawn::Drawn;
use ground::Ground;

/// A scenario, and what may go wrong in it.
#[derive(Clone, Debug)]
pub struct Swarm {
    case: Case,
    ground: Ground,
}

/// Why there is no swarm of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotForSwarm {
    /// The scenario expects liveness, and its disturbances never end.
    NoCalm,
    /// The calm is there from the beginning.
    AlwaysCalm,
    /// Its bounds leave nothing that could go wrong.
    Nothing,
    /// Its undisturbed run hangs, or was stopped.
    Hangs,
}

impl fmt::Display for NotForSwarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCalm => {
                "the scenario expects liveness and has no calm, so what a swarm adds would never \
                 end: give it a `calm_at`"
            }
            Self::AlwaysCalm => {
                "the calm begins with the run, so nothing can go wrong: set `calm_at` to a later time"
            }
            Self::Nothing => {
                "the bounds of `swarm` leave nothing that could go wrong: name more `kinds`, or allow \
                 some `mishaps` or a larger `share`"
            }
            Self::Hangs => {
                "the undisturbed run did not end in time, and faults wait for its events: mend the \
                 machine, or allow a step more time"
            }
        })
    }
}

impl std::error::Error for NotForSwarm {}

impl Swarm {
    /// The swarm of this scenario, within its `swarm` or the [default](SwarmBounds).
    /// Runs it once, undisturbed, to know its events.
    pub fn of(case: &Case, run: &RunCase<'_>) -> Result<Self, NotForSwarm> {
        let synopsis = case.synopsis();
        match synopsis.calm_at.map(TimeSpan::as_nanos) {
            None if synopsis.expect.iter().any(|line| line.is_liveness) => {
                return Err(NotForSwarm::NoCalm);
            }
            Some(0) => return Err(NotForSwarm::AlwaysCalm),
            _ => {}
        }
        let ground = Ground::of(case, run).ok_or(NotForSwarm::Hangs)?;
        if ground.has_nothing() {
            return Err(NotForSwarm::Nothing);
        }
        Ok(Self { case: case.clone(), ground })
    }

    /// The names of the actions that it may draw.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &'static str> + '_ {
        let actions = self.ground.kinds.iter().flat_map(|kind| kind.actions()).copied();
        actions.collect::<BTreeSet<_>>().into_iter()
    }

    /// The scenario as this seed has it, for a run with the same seed.
    ///
    /// # Panics
    /// If what was drawn does not fit the scenario, which is a mistake of the swarm.
    #[must_use]
    pub fn case(&self, seed: Seed) -> Case {
        self.drawn(seed).case(&self.case)
    }

    /// What this seed draws.
    pub(crate) fn drawn(&self, seed: Seed) -> Drawn {
        Drawn::of(seed, &self.ground, &self.case.synopsis().network)
    }

    /// What a guided sweep runs with this seed: what it draws, or one of these, varied.
    pub(crate) fn drawn_or_varied(&self, seed: Seed, parents: &[&Drawn]) -> Drawn {
        Drawn::or_varied(seed, parents, &self.ground, &self.case.synopsis().network)
    }
}
