//! Detectors beside parties that ask, give and hold, over messages that take any
//! time and keep no order; against what an onlooker sees who sees everything.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::labels::{self, Labels};
use rehearsal::protocol::deadlock::{Detector, Early, Output, Site, SiteOutput, Victims};
use rehearsal::protocol::resource::Model;

use super::rounds::{Form, Rules};
use crate::drive::{Delay, World, ms};
use crate::oracle::Oracle;
use crate::parties::{Workload, dead, play, truth};
use crate::support;
use crate::waits::numbers;

/// Processes are numbered before locks.
const PROCESSES: u32 = 5;
const NODES: u32 = 7;
const MOST_DELAY: Duration = Duration::from_millis(25);
/// Twice as long as messages take around all of them.
const PERIOD: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Probes,
    Questions,
    Labels,
}

fn detector(kind: Kind, victims: Option<Victims>, me: NodeId) -> Detector {
    let early = Early::Buffer;
    let rules = Rules { patience: Duration::ZERO, period: PERIOD, early, victims };
    match kind {
        Kind::Probes => Form::Chasing.detector(NODES, rules, me),
        Kind::Questions => Form::Diffusing.detector(NODES, rules, me),
        Kind::Labels => {
            let resolves = victims.is_some();
            Labels::new(labels::Config { nodes: NODES, period: PERIOD, resolves }, me).into()
        }
    }
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    kind: Kind,
    model: Model,
    victims: Option<Victims>,
    /// Are messages lost and doubled until nobody asks for more?
    is_rough: bool,
}

/// In fair weather and in rough.
fn both(kind: Kind, model: Model, victims: Option<Victims>) -> [Setup; 2] {
    [false, true].map(|is_rough| Setup { kind, model, victims, is_rough })
}

/// Probes in fair weather.
pub(super) fn of_probes(model: Model) -> Setup {
    both(Kind::Probes, model, None)[0]
}

/// What became of a run.
pub(super) struct Run {
    name: String,
    world: World<Site>,
    /// Who has found a deadlock, and once for each time it did.
    finders: Vec<u32>,
    /// Of those, who named somebody who was not dead then.
    pub(super) mistaken: usize,
}

pub(super) fn run(setup: Setup, seed: u64) -> Run {
    let Setup { kind, model, victims, is_rough } = setup;
    let rough = Delay::Copies(&[0, 1, 1, 1, 1, 2], MOST_DELAY);
    let workload = Workload {
        nodes: NODES,
        locks: NODES - PROCESSES,
        delay: if is_rough { rough } else { Delay::AnyOrder(MOST_DELAY) },
        resend: is_rough.then_some(2 * MOST_DELAY),
        requests: 60,
        model,
    };
    let (mut finders, mut mistaken, mut told) = (Vec::new(), 0, 0);
    let end = ms(1_000) + 12 * PERIOD;
    let world = play(
        workload,
        seed,
        end,
        |me| detector(kind, victims, me),
        |world| {
            for (_, finder, output) in &world.told[told..] {
                let SiteOutput::Detector(Output::Finds(verdict)) = output else { continue };
                finders.push(*finder);
                let named: BTreeSet<_> =
                    numbers(&verdict.diagnosis.deadlocked).into_iter().collect();
                mistaken += usize::from(!named.is_subset(&dead(world)));
            }
            told = world.told.len();
        },
    );
    Run { name: format!("{setup:?}, seed {seed}"), world, finders, mistaken }
}

/// Runs of each of these; `count` says of each what it has found, which is more
/// than `least` in all.
fn sweep(setups: impl IntoIterator<Item = Setup>, least: u64, count: impl Fn(&Run) -> usize) {
    let seeds = support::seeds(60);
    for setup in setups {
        let mut found = 0;
        for seed in 0..seeds {
            found += count(&run(setup, seed)) as u64;
        }
        println!("{found} found in {seeds} runs, {setup:?}");
        assert!(found > least * seeds / 4, "{found} found, {setup:?}");
    }
}

/// These processes have found a deadlock, nobody else has, and all of them were
/// right. Gives whether there was one.
#[track_caller]
fn assert_found(run: &Run, nodes: impl IntoIterator<Item = u32>) -> usize {
    let found: BTreeSet<_> = run.finders.iter().copied().collect();
    let processes = nodes.into_iter().filter(|node| *node <= PROCESSES).collect();
    assert_eq!((run.mistaken, &found), (0, &processes), "{}", run.name);
    usize::from(!found.is_empty())
}

#[test]
fn probes_find_every_cycle_and_nothing_else_while_all_moves() {
    let setups = [Model::Single, Model::And].map(|model| both(Kind::Probes, model, None));
    sweep(setups.concat(), 1, |run| assert_found(run, Oracle::of(&truth(&run.world)).on_cycles()));
}

#[test]
fn questions_find_all_who_are_dead_and_nobody_else_while_all_moves() {
    let setups = [Model::Single, Model::Or].map(|model| both(Kind::Questions, model, None));
    sweep(setups.concat(), 0, |run| assert_found(run, dead(&run.world)));
}

#[test]
fn by_labels_one_node_finds_every_cycle_and_nothing_else_while_all_moves() {
    sweep(both(Kind::Labels, Model::Single, None), 1, |run| {
        let cycles = Oracle::of(&truth(&run.world)).components();
        let finders: BTreeSet<_> = run.finders.iter().collect();
        let on_it = |cycle: &Vec<u32>| finders.iter().filter(|by| cycle.contains(by)).count();
        assert!(
            cycles.iter().all(|cycle| on_it(cycle) == 1),
            "{cycles:?}, {finders:?}, {}",
            run.name
        );
        assert_eq!((run.mistaken, finders.len()), (0, cycles.len()), "{}", run.name);
        cycles.len()
    });
}

#[test]
fn what_detectors_give_up_ends_every_deadlock() {
    let setups =
        [(Kind::Probes, Model::And), (Kind::Questions, Model::Or), (Kind::Labels, Model::Single)]
            .map(|(kind, model)| both(kind, model, Some(Victims::Youngest)));
    sweep(setups.concat(), 0, |run| {
        assert_eq!(dead(&run.world), BTreeSet::new(), "{}", run.name);
        run.finders.len()
    });
}

#[test]
fn probes_cry_wolf_where_any_one_grant_would_do() {
    sweep([of_probes(Model::Or)], 0, |run| run.mistaken);
}
