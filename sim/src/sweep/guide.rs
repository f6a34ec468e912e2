use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::chance::Seed;
use crate::swarm::{Drawn, Swarm};

/// So many seeds are run side by side before what they have shown is used.
pub const BLOCK: u64 = 16;

/// The runs that a guided sweep has kept. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Guide {
    first: u64,
    /// In the order of their seeds.
    kept: Arc<RwLock<Vec<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    seed: u64,
    drawn: Drawn,
}

impl Guide {
    pub(super) fn from(first: Seed) -> Self {
        Self { first: first.0, kept: Arc::default() }
    }

    pub(super) fn keep(&self, swarm: &Swarm, seeds: impl IntoIterator<Item = Seed>) {
        let mut seeds: Vec<_> = seeds.into_iter().collect();
        seeds.sort_unstable();
        for seed in seeds {
            let place = self.read().binary_search_by_key(&seed.0, |kept| kept.seed);
            if let Err(place) = place {
                // What it ran is known from the earlier ones.
                let drawn = self.drawn(swarm, seed);
                let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                kept.insert(place, Kept { seed: seed.0, drawn });
            }
        }
    }

    /// What this seed runs.
    pub(super) fn drawn(&self, swarm: &Swarm, seed: Seed) -> Drawn {
        let block = seed.0.saturating_sub(self.first) / BLOCK;
        let begin = self.first.saturating_add(block * BLOCK);
        let kept = self.read();
        let earlier = &kept[..kept.partition_point(|kept| kept.seed < begin)];
        let parents: Vec<_> = earlier.iter().map(|kept| &kept.drawn).collect();
        swarm.drawn_or_varied(seed, &parents)
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Kept>> {
        // Nothing that panics is done while it is locked for writing.
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }
}
