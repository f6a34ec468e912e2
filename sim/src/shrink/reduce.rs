use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::draft::{Draft, Part};
use super::trial::Trial;
use super::{OnProgress, Progress, clusters, milder};
use crate::parallel;
use crate::source::TimeSpan;

/// Makes a draft smaller and smaller.
pub(super) struct Reduction<'a, 'b> {
    trial: &'a Trial<'b>,
    pub(super) draft: Draft,
    pub(super) tried: u64,
    jobs: NonZeroUsize,
    on_progress: &'a mut OnProgress<'b>,
}

/// So many candidates are tried before it is asked whether to go on.
const BATCH: usize = 32;

impl<'a, 'b> Reduction<'a, 'b> {
    pub(super) fn new(
        trial: &'a Trial<'b>,
        draft: Draft,
        jobs: NonZeroUsize,
        on_progress: &'a mut OnProgress<'b>,
    ) -> Self {
        Self { trial, draft, tried: 0, jobs, on_progress }
    }

    /// Until nothing gets smaller any more: then each single part has been tried
    /// since the last change. `Break` if it was ended before.
    pub(super) fn run(&mut self) -> ControlFlow<()> {
        loop {
            let before = self.draft.clone();
            self.restore_network()?;
            self.remove_clusters()?;
            self.remove_halves()?;
            self.make_milder()?;
            self.end_sooner()?;
            if self.draft == before {
                return ControlFlow::Continue(());
            }
        }
    }

    /// What a drawn network has done to messages is among the decisions.
    fn restore_network(&mut self) -> ControlFlow<()> {
        if !self.draft.has_own_network {
            self.first(1, |draft, _| Draft { has_own_network: true, ..draft.clone() })?;
        }
        ControlFlow::Continue(())
    }

    fn remove_clusters(&mut self) -> ControlFlow<()> {
        let mut clusters = clusters::clusters(&self.draft);
        while let Some(place) =
            self.first(clusters.len(), |draft, place| draft.without(&clusters[place]))?
        {
            clusters.drain(..=place);
            // A cluster that is gone would repeat the last run.
            clusters.retain(|cluster| cluster.iter().any(|part| self.draft.has(part)));
        }
        ControlFlow::Continue(())
    }

    /// Delta debugging down to single parts.
    fn remove_halves(&mut self) -> ControlFlow<()> {
        let mut size = self.parts().len();
        while size > 1 {
            size = size.div_ceil(2);
            let mut at = 0;
            loop {
                let parts = self.parts();
                let chunks: Vec<_> = parts.get(at..).unwrap_or_default().chunks(size).collect();
                let found =
                    self.first(chunks.len(), |draft, place| draft.without(chunks[place]))?;
                match found {
                    Some(place) => at += place * size,
                    None => break,
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn make_milder(&mut self) -> ControlFlow<()> {
        let mut part = 0;
        loop {
            let changes = self.trial.milder(&self.draft);
            let from = changes.partition_point(|(of, _)| *of < part);
            let changes = &changes[from..];
            let found =
                self.first(changes.len(), |draft, place| milder::with(draft, &changes[place].1))?;
            match found {
                Some(place) => part = changes[place].0,
                None => return ControlFlow::Continue(()),
            }
        }
    }

    /// What comes after the failure says nothing about it.
    fn end_sooner(&mut self) -> ControlFlow<()> {
        let Some(at) = self.trial.failing_at(&self.draft) else {
            return ControlFlow::Continue(());
        };
        // The failure's instant has to be part of the run.
        let after = at.saturating_add(1).div_ceil(MILLISECOND).saturating_mul(MILLISECOND);
        let until = TimeSpan::from_nanos(after);
        if until < self.draft.until {
            self.first(1, |draft, _| Draft { until, ..draft.clone() })?;
        }
        ControlFlow::Continue(())
    }

    fn parts(&self) -> Vec<Part> {
        self.draft.parts(self.trial.nodes())
    }

    /// Takes the first of so many candidates that still fails in place of the draft,
    /// and gives its place.
    fn first(
        &mut self,
        candidates: usize,
        candidate: impl Fn(&Draft, usize) -> Draft + Sync,
    ) -> ControlFlow<(), Option<usize>> {
        for begin in (0..candidates).step_by(BATCH) {
            let count = BATCH.min(candidates - begin);
            let (trial, draft) = (self.trial, &self.draft);
            let attempt = |place| trial.failing(&candidate(draft, begin + place));
            let found = parallel::first(count, self.jobs, &attempt);
            let place = found.as_ref().map(|(place, _)| *place);
            // What was begun beyond it depends on the number of jobs.
            self.tried += place.map_or(count, |place| place + 1) as u64;
            if let Some((_, draft)) = found {
                self.draft = draft;
            }
            let size = self.draft.size(self.trial.nodes());
            (self.on_progress)(&Progress { tried: self.tried, size })?;
            if let Some(place) = place {
                return ControlFlow::Continue(Some(begin + place));
            }
        }
        ControlFlow::Continue(None)
    }
}

const MILLISECOND: u64 = 1_000_000;
