//! A guided sweep keeps runs that show something new, and varies them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rehearsal::shipped::Election;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::When;
use rehearsal::sim::sweep::{BLOCK, Sight, Sweep, What};
use rehearsal::sim::{Case, Options, Scenario, Synopsis};

fn case() -> Case {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunt/election-hardened.ron");
    Scenario::<Election>::open(&file).expect("a right scenario").into()
}

fn swarming(case: &Case) -> Sweep {
    Sweep::of(case).swarming(&|case, options| case.run(options)).expect("it has a calm")
}

/// Runs so many blocks; gives the sweep and the seeds that were kept.
fn guided(first: u64, blocks: u64) -> (Sweep, BTreeSet<Seed>) {
    let sweep = swarming(&case()).guided_from(Seed(first));
    let mut known: BTreeMap<Sight, Seed> = BTreeMap::new();
    for block in 0..blocks {
        let mut runner = sweep.runner();
        for seed in (0..BLOCK).map(|place| Seed(first + block * BLOCK + place)) {
            for sight in runner.run(seed).sights {
                if matches!(sight.what, What::Step | What::Mark) {
                    known.entry(sight).or_insert(seed);
                }
            }
        }
        sweep.keep(known.values().copied());
    }
    (sweep, known.into_values().collect())
}

/// What was drawn: neither the scenario's own faults nor the restarts at the calm.
fn drawn_faults(drawn: &Case) -> Vec<String> {
    let case = case();
    let Synopsis { faults: own, calm_at: Some(calm), .. } = case.synopsis() else { panic!("calm") };
    let drawn = drawn.synopsis().faults.iter().skip(own.len());
    drawn.filter(|fault| fault.when != When::At(*calm)).map(ToString::to_string).collect()
}

#[test]
fn the_first_block_is_that_of_the_swarm() {
    let (sweep, _) = guided(1_000, 0);
    let swarm = swarming(&case());
    for seed in (1_000..1_000 + BLOCK).map(Seed) {
        assert_eq!(sweep.plan(seed, None).to_string(), swarm.plan(seed, None).to_string());
    }
}

/// Enough for halves to show.
const BLOCKS: u64 = 20;

#[test]
fn half_of_the_later_seeds_vary_a_run_that_was_kept() {
    let (sweep, kept) = guided(0, BLOCKS);
    assert!(kept.len() > 5, "{kept:?}");
    let swarm = swarming(&case());
    let (mut fresh, mut with_fates_of_another, mut akin) = (0, 0, 0);
    let mut earlier: BTreeSet<String> = BTreeSet::new();
    for seed in (0..BLOCKS * BLOCK).map(Seed) {
        let (plan, drawn) = (sweep.plan(seed, None), swarm.plan(seed, None));
        if seed.0 >= BLOCK {
            if plan.to_string() == drawn.to_string() {
                fresh += 1;
            } else {
                with_fates_of_another += usize::from(plan.seed != seed);
                akin += usize::from(drawn_faults(&plan.case).iter().any(|it| earlier.contains(it)));
            }
        }
        if kept.contains(&seed) {
            earlier.extend(drawn_faults(&plan.case));
        }
    }
    let varied = (BLOCKS as usize - 1) * BLOCK as usize - fresh;
    assert!((120..185).contains(&fresh), "{fresh} draw afresh");
    assert!(with_fates_of_another * 5 > varied, "{with_fates_of_another} of {varied}");
    assert!(akin * 2 > varied, "{akin} of {varied} share a fault with a kept run");
}

#[test]
fn what_a_seed_runs_depends_on_earlier_blocks_alone() {
    let (two, kept) = guided(0, 2);
    let (four, _) = guided(0, 4);
    for seed in (0..3 * BLOCK).map(Seed) {
        assert_eq!(two.plan(seed, None).to_string(), four.plan(seed, None).to_string());
    }
    // Told at once, in any order, as after an interruption.
    let again = swarming(&case()).guided_from(Seed(0));
    again.keep(kept.into_iter().rev());
    let (swarm, mut varied) = (swarming(&case()), 0);
    for seed in (2 * BLOCK..3 * BLOCK).map(Seed) {
        let plan = again.plan(seed, None).to_string();
        assert_eq!(plan, two.plan(seed, None).to_string());
        varied += usize::from(plan != swarm.plan(seed, None).to_string());
    }
    assert!(varied > 0);
}

#[test]
fn a_varied_plan_replays_the_run() {
    let (sweep, _) = guided(0, 3);
    for seed in (2 * BLOCK..3 * BLOCK).map(Seed) {
        let swept = sweep.runner().run(seed);
        let plan = sweep.plan(seed, None);
        assert_eq!(plan.case.run(Options::plan(&plan)).digest, swept.outcome.digest);
    }
}
