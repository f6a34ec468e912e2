use std::fmt;
use std::num::NonZeroUsize;
use std::ops::{Range, RangeInclusive};
use std::sync::atomic::{AtomicBool, Ordering};

use super::environment::{self, number};
use super::{Found, Sweep, Swept};
use crate::case::Case;
use crate::chance::Seed;
use crate::parallel;
use crate::swarm::NotForSwarm;

/// Sweeps seeds from a test, on all cores, and shrinks the first failure.
///
/// ```no_run
/// # use std::path::Path;
/// # use rehearsal_sim::{Protocol, Scenario};
/// # use rehearsal_sim::sweep::Hunt;
/// # fn elects_one_leader<P: Protocol>() {
/// let scenario = Scenario::<P>::open(Path::new("scenarios/elects-one.ron")).unwrap();
/// Hunt::of(scenario).swarm().must_hold();
/// # }
/// ```
///
/// Three variables of the environment decide for all hunts of a test run:
/// `REHEARSAL_SEEDS=5000` how many seeds each has, `REHEARSAL_SEED=17` that it is this
/// one alone, and `REHEARSAL_JOBS=1` on how many threads. What a hunt finds does not depend
/// on the number of threads.
///
/// A failure panics with the story of the smallest run that fails alike and with the
/// command that runs it again. The plans of the failing run and of the smallest one are
/// then below `rehearsal-failures/`, in the folder of the test's package.
#[derive(Clone, Debug)]
#[must_use = "a hunt does nothing before `must_hold` or `find`"]
pub struct Hunt {
    case: Case,
    seeds: RangeInclusive<u64>,
    jobs: NonZeroUsize,
    is_swarm: bool,
    mutant: Option<String>,
}

/// The default number of seeds of a hunt.
const SEEDS: u64 = 1_000;

/// A range without a seed.
#[expect(clippy::reversed_empty_ranges, reason = "it stands for an empty range")]
const NO_SEEDS: RangeInclusive<u64> = 1..=0;

/// Why there is no hunt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAHunt {
    /// There is no swarm of the scenario.
    NotForSwarm(NotForSwarm),
    /// It has no seed, and would hold whatever the protocol does.
    NoSeeds,
    /// No code asked for the planted bug: its name is wrong, the runs never meet it, or this build
    /// has no planted bugs.
    MutantNotReached(String),
    /// A variable of the environment is not a number that makes sense.
    NotANumber {
        /// Which one.
        variable: &'static str,
        /// What it says.
        value: String,
        /// The least number that makes sense.
        least: u64,
    },
}

impl fmt::Display for NotAHunt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotForSwarm(why) => why.fmt(f),
            Self::NoSeeds => f.write_str("a hunt without seeds finds nothing: give it some"),
            Self::MutantNotReached(name) => write!(
                f,
                "no code asked for the planted bug `{name}`: is its name right, has this build planted \
                 bugs, and do the runs reach it?"
            ),
            Self::NotANumber { variable, value, least } => write!(
                f,
                "{variable}={value:?} is not a number from {least} on: correct it, or unset it"
            ),
        }
    }
}

impl std::error::Error for NotAHunt {}

impl Hunt {
    /// The seeds 0 to 999 of this scenario, on all cores.
    pub fn of(scenario: impl Into<Case>) -> Self {
        let jobs = parallel::all_cores();
        Self { case: scenario.into(), seeds: 0..=SEEDS - 1, jobs, is_swarm: false, mutant: None }
    }

    /// These seeds, unless the environment says otherwise.
    pub fn seeds(self, seeds: Range<u64>) -> Self {
        let seeds = seeds.end.checked_sub(1).map_or(NO_SEEDS, |last| seeds.start..=last);
        Self { seeds, ..self }
    }

    /// Each seed has the faults that a [swarm](crate::swarm) draws for it.
    pub fn swarm(self) -> Self {
        Self { is_swarm: true, ..self }
    }

    /// With this planted bug.
    pub fn mutant(self, name: impl Into<String>) -> Self {
        Self { mutant: Some(name.into()), ..self }
    }

    /// On so many threads, unless the environment says otherwise.
    pub fn jobs(self, jobs: NonZeroUsize) -> Self {
        Self { jobs, ..self }
    }

    /// The first failure, if there is one, with the smallest run that fails alike.
    pub fn find(&self) -> Result<Option<Found>, NotAHunt> {
        let hunt = self.as_environment_says()?;
        if hunt.seeds.is_empty() {
            return Err(NotAHunt::NoSeeds);
        }
        let mut sweep = Sweep::of(&hunt.case).mutant(hunt.mutant.as_deref());
        if hunt.is_swarm {
            sweep = sweep
                .swarming(&|case, options| case.run(options))
                .map_err(NotAHunt::NotForSwarm)?;
        }
        let (begin, last) = (*hunt.seeds.start(), *hunt.seeds.end());
        let seeds = usize::try_from((last - begin).saturating_add(1)).unwrap_or(usize::MAX);
        let is_reached = AtomicBool::new(false);
        let first = parallel::first_by(seeds, hunt.jobs, &|| sweep.runner(), &|runner, place| {
            let swept = runner.run(Seed(begin.saturating_add(place as u64)));
            is_reached.fetch_or(swept.outcome.mutant_reached, Ordering::Relaxed);
            Some(swept).filter(|swept| swept.fingerprint.is_some())
        });
        let Some((_, Swept { seed, fingerprint: Some(fingerprint), .. })) = first else {
            return match hunt.mutant {
                Some(mutant) if !is_reached.into_inner() => Err(NotAHunt::MutantNotReached(mutant)),
                _ => Ok(None),
            };
        };
        let plan = sweep.plan(seed, Some(fingerprint.clone()));
        Ok(Some(Found::of(plan, fingerprint, hunt.jobs)))
    }

    /// Fails the test that calls it if a seed fails.
    ///
    /// # Panics
    /// If a seed fails, with its story; and if there is [no hunt](NotAHunt).
    pub fn must_hold(&self) {
        match self.find() {
            Ok(None) => {}
            Ok(Some(found)) => panic!("{}", found.report()),
            Err(why) => panic!("{}: {why}", self.case.synopsis().name),
        }
    }

    fn as_environment_says(&self) -> Result<Self, NotAHunt> {
        let mut hunt = self.clone();
        if let Some(jobs) = environment::jobs()? {
            hunt.jobs = jobs;
        }
        if let Some(seeds) = number("REHEARSAL_SEEDS", 1)? {
            let first = *hunt.seeds.start();
            hunt.seeds = first..=first.saturating_add(seeds - 1);
        }
        if let Some(seed) = number("REHEARSAL_SEED", 0)? {
            hunt.seeds = seed..=seed;
        }
        Ok(hunt)
    }
}
