//! What a seed of a swarm draws, and how a guided sweep varies what it has kept.
//!
//! To keep inputs that reach new code, and to vary them, is the idea of coverage-guided
//! fuzzing (Zalewski, "american fuzzy lop", 2013).

use super::draw::Draws;
use super::ground::Ground;
use crate::case::Case;
use crate::chance::{Chance, Seed, Stream};
use crate::fault::{Action, Fault, When};
use crate::network::Network;
use crate::scenario::Changes;
use crate::source::TimeSpan;

/// What a seed has drawn, or what became of it by variation.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    network: Network,
    mishaps: Vec<Vec<Fault>>,
    /// Restarts at the calm, if anything can go down.
    restarts: Vec<Fault>,
    /// The seed of the run: it decides the fates of messages.
    pub(crate) fates: Seed,
}

/// Half of the variations begin with one of so many latest runs that were kept.
const LATEST: usize = 8;

impl Drawn {
    pub(super) fn of(seed: Seed, ground: &Ground, own: &Network) -> Self {
        Self::afresh(seed, &mut draws(seed, ground), ground, own)
    }

    /// Half of the seeds draw afresh. The others vary one of these, in one of five ways:
    /// it loses a mishap, gets further ones, gets another network, gets mishaps of a
    /// second one, or stays as it is. Half of them, and those in which nothing else is new,
    /// have the fates of messages of their own seed.
    pub(super) fn or_varied(seed: Seed, parents: &[&Self], ground: &Ground, own: &Network) -> Self {
        let mut draws = draws(seed, ground);
        let fresh = Self::afresh(seed, &mut draws, ground, own);
        if parents.is_empty() || draws.even() {
            return fresh;
        }
        let latest = &parents[parents.len().saturating_sub(LATEST)..];
        let from = if draws.even() { latest } else { parents };
        let parent = from[draws.place(from.len())];
        let mut varied = parent.clone();
        let has_new_fates = draws.even();
        match draws.place(5) {
            1 if !varied.mishaps.is_empty() => {
                let place = draws.place(varied.mishaps.len());
                varied.mishaps.remove(place);
            }
            2 => varied.mishaps.extend(fresh.mishaps),
            3 => varied.network = fresh.network,
            4 => {
                let other = parents[draws.place(parents.len())];
                let others = other.mishaps.iter().filter(|it| !parent.mishaps.contains(it));
                varied.mishaps.extend(others.filter(|_| draws.even()).cloned());
            }
            _ => {}
        }
        varied.mishaps.truncate(MOST_TIMES * ground.mishaps as usize);
        let is_same = varied.network == parent.network && varied.mishaps == parent.mishaps;
        if has_new_fates || is_same {
            varied.fates = seed;
        }
        varied.restarts = restarts(&varied.mishaps, ground);
        varied
    }

    fn afresh(seed: Seed, draws: &mut Draws<'_>, ground: &Ground, own: &Network) -> Self {
        let kinds = draws.kinds();
        let network = draws.network(&kinds, own);
        let mishaps = draws.mishaps(&kinds);
        let restarts = restarts(&mishaps, ground);
        Self { network, mishaps, restarts, fates: seed }
    }

    /// Its network: the scenario's own, in which more may go wrong.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// What it adds to the faults of the scenario.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.mishaps.iter().flatten().chain(&self.restarts)
    }

    /// The scenario with it.
    pub(crate) fn case(&self, of: &Case) -> Case {
        let faults = of.synopsis().faults.iter().chain(self.faults()).cloned();
        let changes = Changes {
            network: Some(self.network.clone()),
            faults: Some(faults.collect()),
            ..Changes::default()
        };
        of.with_changes(self.fates, &changes).expect("what is drawn lies within the scenario")
    }
}

/// Variations have at most so many times the mishaps that a seed draws.
const MOST_TIMES: usize = 2;

fn draws(seed: Seed, ground: &Ground) -> Draws<'_> {
    Draws::new(Chance::new(seed).stream(Stream::Options), ground)
}

fn restarts(mishaps: &[Vec<Fault>], ground: &Ground) -> Vec<Fault> {
    match ground.calm {
        Some(calm) if mishaps.iter().flatten().any(|fault| fault.action.takes_down()) => {
            let at = When::At(TimeSpan::from_nanos(calm));
            let restart = |node| Fault::new(at.clone(), Action::Restart(node));
            ground.restarted.iter().map(|node| restart((*node).into())).collect()
        }
        _ => Vec::new(),
    }
}
