use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use crate::case::{Case, RunCase};
use crate::chance::Seed;
use crate::check::Fingerprint;
use crate::engine::Options;
use crate::plan::{Plan, failure_file, file_beside, write_new};
use crate::shrink::{NotShrinkable, Shrinker, Shrunk};
use crate::trace::Keep;

/// A failure that a test has found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Found {
    /// The seed of its run.
    pub seed: Seed,
    /// How it fails.
    pub fingerprint: Fingerprint,
    /// The plan of this run.
    pub plan: Plan,
    /// The smallest plan that fails alike, or why it cannot be shrunk.
    pub shrunk: Result<Shrunk, NotShrinkable>,
    /// The story of the smallest run: to print, or to keep as a snapshot.
    pub story: String,
}

impl Found {
    /// Shrinks this plan, which fails so.
    pub(crate) fn of(plan: Plan, fingerprint: Fingerprint, jobs: NonZeroUsize) -> Self {
        // The test's own thread may have a planted bug selected, and what must hold has none.
        thread::scope(|scope| scope.spawn(|| Self::shrunk(plan, fingerprint, jobs)).join())
            .unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn shrunk(plan: Plan, fingerprint: Fingerprint, jobs: NonZeroUsize) -> Self {
        let run: &RunCase<'_> = &|case: &Case, options: Options| case.run(options);
        let mut shrinker = Shrinker::new().run_by(run).jobs(jobs);
        if plan.mutant.is_some() {
            shrinker = shrinker.must_hold(&plan.case);
        }
        let shrunk = shrinker.shrink(&plan, &mut |_| ControlFlow::Continue(()));
        let smallest = shrunk.as_ref().map_or(&plan, |shrunk| &shrunk.plan);
        let outcome = run(&smallest.case, Options::plan(smallest).keep(Keep::Trace));
        let story = smallest.case.story(plan.seed, &outcome);
        Self { seed: plan.seed, fingerprint, plan, shrunk, story }
    }

    /// What a person has to know: the story, the sizes, and how to run it again. Writes
    /// the plans.
    #[must_use]
    pub fn report(&self) -> String {
        let name = Path::new(&self.plan.case.synopsis().name);
        let file = failure_file(name, self.seed, self.plan.mutant.as_deref());
        let otherwise = format!("REHEARSAL_SEED={} with this test", self.seed);
        self.report_with(&file, &otherwise)
    }

    /// The same, with the plans in this file and beside it. `otherwise` says how to run it
    /// again if no plan can be written.
    pub(crate) fn report_with(&self, file: &Path, otherwise: &str) -> String {
        let name = &self.plan.case.synopsis().name;
        let Fingerprint { check, reason, .. } = &self.fingerprint;
        let mut text = format!("{name} fails with seed {}: {check}: {reason}\n\n", self.seed);
        text += &self.story;
        text += &match &self.shrunk {
            Ok(Shrunk { before, after, .. }) => format!("\nfrom  {before}\nto    {after}\n"),
            Err(why) => format!("\nnot shrunk: {why}\n"),
        };
        let small =
            self.shrunk.as_ref().ok().map(|small| (file_beside(file, "small"), &small.plan));
        let mut last = None;
        for (file, plan) in std::iter::once((file.to_owned(), &self.plan)).chain(small) {
            match written(&file, plan) {
                Ok(file) => last = Some(file),
                Err(why) => text += &format!("there is no plan: {why}\n"),
            }
        }
        match last {
            Some(file) => text + &format!("again: rehearsal replay {}", file.display()),
            None => text + &format!("again: {otherwise}"),
        }
    }
}

fn written(file: &Path, plan: &Plan) -> Result<PathBuf, String> {
    let text = plan.text().map_err(|why| why.to_string())?;
    write_new(file, &text).map_err(|error| format!("{}: {error}", file.display()))
}
