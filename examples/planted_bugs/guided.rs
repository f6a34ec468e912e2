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

/// The seeds that the hunts of one bug took; none of a hunt that gave up after [`MOST`].
pub(crate) struct Pair {
    scenario: &'static str,
    mutant: &'static str,
    swarm: Vec<Option<u64>>,
    guided: Vec<Option<u64>>,
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
        swarm.push(found.map(|(tried, _)| tried));
        guided.push(first_failure(&sweep, first, MOST, threads));
    }
    Pair { scenario, mutant, swarm, guided }
}

/// A table of the bugs that one of the hunts has needed more than a block of seeds for: before
/// the second block there is nothing to vary.
pub(crate) fn page(pairs: &[Pair]) -> String {
    let all = || pairs.iter().flat_map(|pair| pair.swarm.iter().zip(&pair.guided));
    let (mut sooner, mut later) = (0, 0);
    for (swarm, guided) in all() {
        let (swarm, guided) = (swarm.unwrap_or(u64::MAX), guided.unwrap_or(u64::MAX));
        sooner += usize::from(guided < swarm);
        later += usize::from(guided > swarm);
    }
    let sides = [
        ("swarm", later, all().map(|(swarm, _)| *swarm).collect::<Vec<_>>()),
        ("guided swarm", sooner, all().map(|(_, guided)| *guided).collect()),
    ];
    let mut text = format!(
        "{} hunts\n\n| | hunts that found their bug | sooner than the other | seeds of all hunts |\n|---|---:|---:|---:|\n",
        all().count()
    );
    for (name, sooner, hunts) in sides {
        let found = hunts.iter().flatten().count();
        let seeds: u64 = hunts.iter().map(|hunt| hunt.unwrap_or(MOST)).sum();
        text += &format!("| {name} | {found} | {sooner} | {seeds} |\n");
    }
    text += "\n| planted bug | scenario | swarm: median, hunts that found it | guided: median, hunts that found it |\n\
             |---|---|---|---|\n";
    for Pair { scenario, mutant, swarm, guided } in pairs {
        let cell = |hunts: &[Option<u64>]| {
            let seeds = median(hunts.iter().map(|hunt| hunt.unwrap_or(MOST)));
            format!("{}, {}", seeds.unwrap_or_default(), hunts.iter().flatten().count())
        };
        if swarm.iter().chain(guided).any(|seeds| seeds.is_none_or(|seeds| seeds > BLOCK)) {
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
