//! Many seeds of one scenario.
//!
//! A [`Sweep`] says what is run for each seed: the scenario, or what a
//! [`Swarm`] draws for it, with or without a planted bug, once or twice. A
//! [`SeedRunner`] runs one seed after the other on one thread. Threads share the
//! sweep and have a runner each; what they find depends on the seeds alone, and in a
//! guided sweep on the seeds that earlier blocks have kept.
//!
//! [`Hunt`] puts it all together for a test: seeds on all cores, and of the first
//! failure the smallest run that fails alike.

pub(crate) mod environment;
mod found;
mod guide;
mod hunt;
mod runner;
mod sight;
mod twice;

use indexmap::IndexMap;

use crate::case::{Case, CaseRunner, RunCase};
use crate::chance::Seed;
use crate::check::Fingerprint;
use crate::engine::{Options, Outcome};
use crate::plan::{Plan, Rest};
use crate::scenario::Synopsis;
use crate::swarm::{NotForSwarm, Swarm};
use crate::trace::Keep;

pub use found::Found;
pub use guide::BLOCK;
use guide::Guide;
pub use hunt::{Hunt, NotAHunt};
pub use runner::SeedRunner;
pub use sight::{Sight, What};
pub use twice::Difference;

/// What is run for each seed.
#[derive(Clone, Debug)]
pub struct Sweep {
    case: Case,
    swarm: Option<Swarm>,
    guide: Option<Guide>,
    mutant: Option<String>,
    is_twice: bool,
    is_covering: bool,
}

/// What came of one seed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Swept {
    /// Which one.
    pub seed: Seed,
    /// What came of its run, without the events.
    pub outcome: Outcome,
    /// How it failed, if it did.
    pub fingerprint: Option<Fingerprint>,
    /// Of a run that failed: how many of its decisions and faults were not the usual
    /// ones. The fewer, the sooner it is understood.
    pub unusual: Option<u64>,
    /// What happened in it that this runner had not seen before.
    pub sights: Vec<Sight>,
    /// Where a second run of the seed was another one, if there was a second.
    pub difference: Option<Box<Difference>>,
}

impl Swept {
    /// A seed whose run was given up, because a step did not end.
    #[must_use]
    pub fn of_hanging(seed: Seed, outcome: Outcome, synopsis: &Synopsis) -> Self {
        let fingerprint = outcome.fingerprint(synopsis);
        Self { seed, outcome, fingerprint, unusual: None, sights: Vec::new(), difference: None }
    }
}

impl Sweep {
    /// The runs of this scenario.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let case = case.clone();
        Self { case, swarm: None, guide: None, mutant: None, is_twice: false, is_covering: false }
    }

    /// Each seed has the faults and the network that a swarm draws for it.
    pub fn swarming(self, run: &RunCase<'_>) -> Result<Self, NotForSwarm> {
        Ok(Self { swarm: Some(Swarm::of(&self.case, run)?), ..self })
    }

    /// Runs whose coverage is new are kept, and half of the later seeds vary one of them
    /// instead of drawing afresh. Collects coverage. Without a swarm nothing is varied.
    ///
    /// The seeds are run in blocks of [`BLOCK`] from `first` on. What a seed runs depends on
    /// the seeds of earlier blocks that were [kept](Self::keep), and on nothing else.
    #[must_use]
    pub fn guided_from(self, first: Seed) -> Self {
        Self { guide: Some(Guide::from(first)), is_covering: true, ..self }
    }

    /// Do later seeds vary what earlier ones ran?
    #[must_use]
    pub fn is_guided(&self) -> bool {
        self.guide.is_some() && self.swarm.is_some()
    }

    /// Seeds whose runs have shown a [step](What::Step) or a [mark](What::Mark) that no
    /// earlier seed has shown. Call it after each block, before the next one begins, and
    /// before a [plan](Self::plan) of a later block is asked for; earlier seeds may be
    /// among them again.
    pub fn keep(&self, seeds: impl IntoIterator<Item = Seed>) {
        if let (Some(guide), Some(swarm)) = (&self.guide, &self.swarm) {
            guide.keep(swarm, seeds);
        }
    }

    /// With this planted bug.
    #[must_use]
    pub fn mutant(self, name: Option<impl Into<String>>) -> Self {
        Self { mutant: name.map(Into::into), ..self }
    }

    /// Runs each seed a second time, on a fresh thread, and compares.
    #[must_use]
    pub fn twice(self, is_twice: bool) -> Self {
        Self { is_twice, ..self }
    }

    /// Collects what each run [covers](crate::Seen), which takes some more time.
    #[must_use]
    pub fn covering(self, is_covering: bool) -> Self {
        Self { is_covering, ..self }
    }

    /// The scenario that is swept, before a swarm adds to it.
    #[must_use]
    pub fn scenario(&self) -> &Case {
        &self.case
    }

    /// What can happen in its runs, as far as that is known beforehand: what of it no run
    /// shows has not been put to the test.
    #[must_use]
    pub fn possible(&self) -> Vec<Sight> {
        sight::possible(self.case.synopsis(), self.swarm.as_ref(), self.is_covering)
    }

    /// What is run for this seed.
    #[must_use]
    pub fn case(&self, seed: Seed) -> Case {
        self.run_of(seed).0
    }

    /// The plan of this seed's run, which failed so or held.
    #[must_use]
    pub fn plan(&self, seed: Seed, fails: Option<Fingerprint>) -> Plan {
        let (case, seed) = self.run_of(seed);
        Plan {
            case,
            seed,
            rest: Rest::Seed,
            decisions: IndexMap::new(),
            mutant: self.mutant.clone(),
            fails,
        }
    }

    /// Runs seeds one after the other, on the thread that has it.
    #[must_use]
    pub fn runner(&self) -> SeedRunner<'_> {
        SeedRunner::new(self)
    }

    /// The case that is run for this seed, and the seed of that run: a varied run may have
    /// the fates of the one that it varies.
    fn run_of(&self, seed: Seed) -> (Case, Seed) {
        let Some(swarm) = &self.swarm else { return (self.case.clone(), seed) };
        let drawn = match &self.guide {
            None => swarm.drawn(seed),
            Some(guide) => guide.drawn(swarm, seed),
        };
        (drawn.case(&self.case), drawn.fates)
    }

    fn options(&self, seed: Seed) -> Options {
        let mut options = Options::seed(seed.0);
        options.mutant.clone_from(&self.mutant);
        let keep = if self.is_twice { Keep::Values } else { Keep::Digest };
        // Two runs are compared from their beginning.
        options.keep(keep).keep_events(u64::MAX).coverage(self.is_covering)
    }

    fn case_runner(&self) -> Option<CaseRunner<'_>> {
        self.swarm.is_none().then(|| self.case.runner())
    }
}
