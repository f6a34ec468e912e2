//! Does coverage lead a hunt to a planted bug sooner? Each bug is hunted from the same seeds
//! with and without it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rehearsal::sim::Case;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::sweep::{BLOCK, Sight, Sweep, Swept, What};

use crate::{APART, MOST, drill, median};

/// The seeds that the hunts of one bug took. One that gave up has had [`MOST`].
pub(crate) struct Pair {
    scenario: &'static str,
    mutant: &'static str,
    swarm: Vec<u64>,
    guided: Vec<u64>,
}

pub(crate) fn pair(
    scenario: &'static str,
    case: &Case,
    mutant: &'static str,
    hunts: u64,
    threads: NonZeroUsize,
) -> Pair {
    let sweep = drill::sweep(case, mutant);
    let (mut swarm, mut guided) = (Vec::new(), Vec::new());
    for hunt in 0..hunts {
        let first = hunt * APART;
        let found = drill::first_failure(&sweep, first, MOST, threads);
        swarm.push(found.map_or(MOST, |(tried, _)| tried));
        guided.push(first_failure(&sweep, first, MOST, threads).unwrap_or(MOST));
    }
    Pair { scenario, mutant, swarm, guided }
}

/// A table of the bugs that one of the hunts has needed more than a block of seeds for: before
/// the second block there is nothing to vary.
pub(crate) fn page(pairs: &[Pair]) -> String {
    let all = pairs.iter().flat_map(|pair| pair.swarm.iter().zip(&pair.guided));
    let (mut sooner, mut later) = (0, 0);
    for (swarm, guided) in all.clone() {
        sooner += usize::from(guided < swarm);
        later += usize::from(guided > swarm);
    }
    let sum = |of: fn((&u64, &u64)) -> u64| all.clone().map(of).sum::<u64>();
    let mut text = format!(
        "Of {} hunts, {sooner} find their bug sooner if they are guided, and {later} later. The swarm takes {} seeds in \
         all, a guided swarm {}.\n\n\
         | planted bug | scenario | swarm: median, hunts that found it | guided: median, hunts that found it |\n\
         |---|---|---|---|\n",
        all.clone().count(),
        sum(|(swarm, _)| *swarm),
        sum(|(_, guided)| *guided),
    );
    for Pair { scenario, mutant, swarm, guided } in pairs {
        let cell = |seeds: &[u64]| {
            let found = seeds.iter().filter(|seeds| **seeds < MOST).count();
            format!("{}, {found}", median(seeds.iter().copied()).unwrap_or_default())
        };
        if swarm.iter().chain(guided).any(|seeds| *seeds > BLOCK) {
            text += &format!("| {mutant} | {scenario} | {} | {} |\n", cell(swarm), cell(guided));
        }
    }
    text
}

/// How many seeds from `first` on a guided sweep has tried when one fails; none among so many.
fn first_failure(sweep: &Sweep, first: u64, most: u64, threads: NonZeroUsize) -> Option<u64> {
    let sweep = sweep.clone().guided_from(Seed(first));
    // The lowest seed that has shown each step and mark.
    let mut known: BTreeMap<Sight, Seed> = BTreeMap::new();
    for begin in (first..first + most).step_by(BLOCK as usize) {
        let end = (first + most).min(begin + BLOCK);
        let next = AtomicU64::new(begin);
        let search = || {
            let mut runner = sweep.runner();
            let seeds = std::iter::from_fn(|| {
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < end)
            });
            seeds.map(|seed| runner.run(Seed(seed))).collect::<Vec<_>>()
        };
        let block: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..threads.get()).map(|_| scope.spawn(search)).collect();
            all.into_iter().flat_map(|one| one.join().expect("no search panics")).collect()
        });
        if let Some(seed) =
            block.iter().filter(|swept| drill::is_found(swept)).map(|it| it.seed.0).min()
        {
            return Some(seed - first + 1);
        }
        for Swept { seed, sights, .. } in block {
            let new = sights.into_iter().filter(|it| matches!(it.what, What::Step | What::Mark));
            for sight in new {
                let lowest = known.entry(sight).or_insert(seed);
                *lowest = seed.min(*lowest);
            }
        }
        sweep.keep(known.values().copied());
    }
    None
}
