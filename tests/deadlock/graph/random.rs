//! Random graphs of more nodes than can be gone through.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::everywhere::{check, check_model};
use crate::support::given;
use crate::waits::{Model, Waits};

pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number from 0 to below this; which is slightly more often small does
    /// not matter here.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0.next_u32() % bound
    }
}

/// Nodes in any order that wait for each other, now and then for themselves or
/// for one twice. Sparse ones have free nodes and several components.
fn waits(draws: &mut Draws) -> Waits {
    let nodes = 5 + draws.below(36);
    let most = 1 + draws.below(5);
    let mut order: Vec<_> = (1..=nodes).collect();
    for last in (1..nodes).rev() {
        order.swap(last as usize, draws.below(last + 1) as usize);
    }
    let mut waits = Vec::new();
    for from in order {
        let targets: Vec<_> = (0..draws.below(most + 1)).map(|_| 1 + draws.below(nodes)).collect();
        waits.push((from, targets.len() as u32, targets));
    }
    Waits { nodes, waits }
}

#[test]
fn random_graphs_in_all_three_models_are_as_the_oracles_have_it() {
    let (mut stuck, mut free) = ([0; 3], [0; 3]);
    for seed in 0..given("REHEARSAL_GRAPHS", 300) {
        let mut draws = Draws::seeded(seed);
        let all = waits(&mut draws);
        let (mut one, mut some) = (all.clone(), all.clone());
        for wait in &mut one.waits {
            wait.1 = wait.1.min(1);
        }
        for wait in &mut some.waits {
            // Now and then more than it asked for.
            let is_odd = draws.below(40) == 0;
            wait.1 = draws.below(wait.1 + 1) + u32::from(is_odd);
        }
        check_model(Model::And, &all);
        check_model(Model::Or, &one);
        check(&some);
        for (model, waits) in [all, one, some].iter().enumerate() {
            let deadlocked = waits.graph().deadlocked().len();
            stuck[model] += usize::from(deadlocked > 0);
            free[model] += usize::from(deadlocked < waits.nodes as usize);
        }
    }
    assert!(
        stuck.iter().chain(&free).all(|&count| count > 20),
        "too much alike: {stuck:?} {free:?}"
    );
}

#[test]
fn random_needs_in_digraphs_of_four_nodes_are_as_the_oracles_have_it() {
    for seed in 0..given("REHEARSAL_GRAPHS", 300) {
        let mut draws = Draws::seeded(seed);
        let masks: Vec<_> = (0..4).map(|_| draws.below(16)).collect();
        let mut waits = Waits::of_masks(Model::And, &masks);
        for wait in &mut waits.waits {
            wait.1 = draws.below(wait.1 + 2);
        }
        check(&waits);
    }
}
