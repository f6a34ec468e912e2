//! Parties that ask each other at random, and who of them is really dead.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal_machine::{Draw as _, NodeId, Time};
use rehearsal_protocol::deadlock::{Command, Detector, Output, Site, SiteOutput, Victims};
use rehearsal_protocol::resource::{Config, Model, Need, Participant, RequestId};

use super::drive::{Delay, World, at, ms};
use super::oracle::Oracle;
use super::support::node;
use super::waits::{Waits, numbers};

/// What is run.
#[derive(Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) nodes: u32,
    /// The last so many nodes are locks.
    pub(crate) locks: u32,
    pub(crate) delay: Delay,
    /// How often what is not answered is said again.
    pub(crate) resend: Option<Duration>,
    /// How many requests are made in the first second.
    pub(crate) requests: u64,
    pub(crate) model: Model,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Verdicts, those that found a deadlock, and those that named somebody who
    /// was not dead at that instant.
    pub(crate) verdicts: usize,
    pub(crate) deadlocks: usize,
    pub(crate) phantoms: usize,
    /// Runs at the end of which somebody was dead, and those where not exactly
    /// these had been found.
    pub(crate) ended_dead: usize,
    pub(crate) missed: usize,
    pub(crate) victims: usize,
    /// Verdicts without somebody who was dead when the leader's markers were sent.
    pub(crate) blind: usize,
}

/// From one period to the next, in all runs.
pub(crate) const PERIOD: u64 = 90;
/// All there are.
const MODELS: [Model; 4] = [Model::Single, Model::And, Model::Or, Model::General];
/// A grant can close a deadlock long after the last request.
const END: u64 = 1_000 + 12 * PERIOD;

pub(crate) fn world(
    workload: Workload,
    seed: u64,
    detector: impl Fn(NodeId) -> Detector,
) -> World<Site> {
    let Workload { nodes, locks, delay, resend, model, .. } = workload;
    let rules = Config {
        nodes,
        locks: (nodes - locks + 1..=nodes).map(node).collect(),
        model,
        work: Some(ms(1)..=ms(30)),
        resend,
        restart: ms(5)..=ms(30),
        two_phase: false,
    };
    let rules = std::sync::Arc::new(rules);
    World::new(nodes, delay, seed, |node| {
        let participant = Participant::new(rules.clone(), node, (Vec::new(), Need::All));
        Site::new(participant, detector(node), None)
    })
}

/// Lets the parties ask for a second, while messages are lost and doubled if they
/// are at all, and then go on until the end. Shows the world after every step.
pub(crate) fn play(
    workload: Workload,
    seed: u64,
    end: Duration,
    detector: impl Fn(NodeId) -> Detector,
    mut after: impl FnMut(&World<Site>),
) -> World<Site> {
    let mut world = world(workload, seed, detector);
    for number in 1..=workload.nodes {
        world.ask(number, Command::Leader(Some(node(1))));
    }
    for _ in 0..workload.requests {
        let time = world.chance.draw(0..=1_000);
        let process = world.chance.draw(1..=u64::from(workload.nodes - workload.locks)) as u32;
        let (of, need) = wish(&mut world, workload, process);
        world.ask_at(time, process, Command::Request { of, need });
    }
    while world.step(at(1_000)) {
        after(&world);
    }
    if let Delay::Copies(_, most) = world.delay {
        world.delay = Delay::AnyOrder(most);
    }
    while world.step(Time::ZERO + end) {
        after(&world);
    }
    world
}

/// One run, which counts into the outcome.
fn run(
    outcome: &mut Outcome,
    workload: Workload,
    seed: u64,
    detector: impl Fn(NodeId) -> Detector,
) {
    let mut told = 0;
    let mut last = BTreeSet::new();
    let (mut sent, mut dead_before) = (0, BTreeSet::new());
    let world = play(workload, seed, ms(END), detector, |world| {
        if world.sent[sent..].iter().any(|sent| sent.kind == "marker" && sent.from == 1) {
            dead_before = dead(world);
        }
        sent = world.sent.len();
        for (time, _, output) in &world.told[told..] {
            let SiteOutput::Detector(Output::Finds(verdict)) = output else { continue };
            let found: BTreeSet<_> = numbers(&verdict.diagnosis.deadlocked).into_iter().collect();
            outcome.verdicts += 1;
            outcome.deadlocks += usize::from(verdict.is_deadlock());
            outcome.phantoms += usize::from(!found.is_subset(&dead(world)));
            outcome.blind += usize::from(!dead_before.is_subset(&found));
            outcome.victims += verdict.victims.len();
            // All rounds that begin here are over before the end.
            if *time >= at(END - PERIOD - 1) {
                last.extend(found);
            }
        }
        told = world.told.len();
    });
    let dead = dead(&world);
    outcome.ended_dead += usize::from(!dead.is_empty());
    outcome.missed += usize::from(dead != last);
}

/// Runs of six parties, two of which are locks, in all models; `detector` makes
/// that of a seed.
pub(crate) fn sweep<B: Fn(NodeId) -> Detector>(
    delay: Delay,
    resend: Option<Duration>,
    seeds: u64,
    detector: impl Fn(u64) -> B,
) -> Outcome {
    let mut all = Outcome::default();
    for seed in 0..seeds {
        let model = MODELS[seed as usize % 4];
        let workload = Workload { nodes: 6, locks: 2, delay, resend, requests: 60, model };
        run(&mut all, workload, seed, detector(seed));
    }
    all
}

fn wish(world: &mut World<Site>, workload: Workload, process: u32) -> (Vec<NodeId>, Need) {
    let mut others: Vec<_> = (1..=workload.nodes).filter(|other| *other != process).collect();
    let most = if workload.model == Model::Single { 1 } else { 3.min(others.len() as u64) };
    let wanted = world.chance.draw(1..=most);
    let of: Vec<_> = (0..wanted)
        .map(|_| {
            let place = world.chance.draw(0..=others.len() as u64 - 1) as usize;
            node(others.swap_remove(place))
        })
        .collect();
    let need = match workload.model {
        Model::General => Need::AtLeast(world.chance.draw(1..=wanted) as u32),
        Model::Or => Need::Any,
        _ => Need::All,
    };
    (of, need)
}

/// The processes that are deadlocked in truth.
pub(crate) fn dead(world: &World<Site>) -> BTreeSet<u32> {
    Oracle::of(&truth(world)).deadlocked_but(&[])
}

/// The true wait-for graph: what was granted, or given back, and is on its way
/// is not waited for.
pub(crate) fn truth(world: &World<Site>) -> Waits {
    let participant = |node: NodeId| world.machine(node.number()).participant();
    let wait = |number: u32| {
        let site = participant(node(number));
        if let Some(request) = site.lent() {
            let holder = participant(request.by);
            let lent = (node(number), request);
            let has_it = holder.held().any(|held| held == (node(number), request.number));
            let may_get_it = holder.view().wait.is_some_and(|wait| wait.open.contains(&lent));
            let holder = (has_it || may_get_it).then_some(request.by.number());
            return (number, u32::from(holder.is_some()), holder.into_iter().collect());
        }
        let Some(wait) = site.view().wait else { return (number, 0, Vec::new()) };
        let is_granted =
            |(of, request): &&(NodeId, RequestId)| participant(*of).has_answered(*request);
        let granted = wait.open.iter().filter(is_granted).count() as u32;
        let open = wait.open.iter().filter(|open| !is_granted(open)).map(|(of, _)| of.number());
        (number, wait.need.saturating_sub(granted), open.collect())
    };
    let nodes = world.nodes();
    Waits { nodes, waits: (1..=nodes).map(wait).collect() }
}

/// No victims, or those that this seed chooses.
pub(crate) fn victims(seed: u64) -> Option<Victims> {
    [None, Some(Victims::Highest), Some(Victims::Youngest)][seed as usize % 3]
}
