//! Parties that ask each other at random, and who of them is really dead.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal_machine::{Draw as _, NodeId, Time};
use rehearsal_protocol::deadlock::{Command, Detector, Output, Site, SiteOutput, Verdict, Victims};
use rehearsal_protocol::resource::{Config, Model, Need, Participant, RequestId};

use super::drive::{Delay, World, at, ms, n};
use super::oracle::{Waits, dead};

/// What is run.
#[derive(Clone, Copy)]
pub(super) struct Workload {
    pub(super) nodes: u32,
    /// The last so many nodes are locks.
    pub(super) locks: u32,
    pub(super) delay: Delay,
    /// How often what is not answered is said again.
    pub(super) resend: Option<Duration>,
    /// How many requests are made in the first second.
    pub(super) requests: u64,
    pub(super) model: Model,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Verdicts, those that found a deadlock, and those that named somebody who
    /// was not dead at that instant.
    pub(super) verdicts: usize,
    pub(super) deadlocks: usize,
    pub(super) phantoms: usize,
    /// Runs at the end of which somebody was dead, and those where not exactly
    /// these had been found.
    pub(super) ended_dead: usize,
    pub(super) missed: usize,
    pub(super) victims: usize,
    /// Verdicts without somebody who was dead when the leader's markers were sent.
    pub(super) blind: usize,
}

impl std::ops::AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.verdicts += other.verdicts;
        self.deadlocks += other.deadlocks;
        self.phantoms += other.phantoms;
        self.ended_dead += other.ended_dead;
        self.missed += other.missed;
        self.victims += other.victims;
        self.blind += other.blind;
    }
}

/// From one period to the next, in all runs.
pub(super) const PERIOD: u64 = 90;
/// All there are.
pub(super) const MODELS: [Model; 4] = [Model::Single, Model::And, Model::Or, Model::General];
const END: u64 = 1_000 + 6 * PERIOD;

pub(super) fn world(
    workload: Workload,
    seed: u64,
    detector: impl Fn(NodeId) -> Detector,
) -> World<Site> {
    let Workload { nodes, locks, delay, resend, model, .. } = workload;
    let rules = Config {
        nodes,
        locks: (nodes - locks + 1..=nodes).map(n).collect(),
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

pub(super) fn run(workload: Workload, seed: u64, detector: impl Fn(NodeId) -> Detector) -> Outcome {
    let mut world = world(workload, seed, detector);
    for node in 1..=workload.nodes {
        world.ask(n(node), Command::Leader(Some(n(1))));
    }
    for _ in 0..workload.requests {
        let time = Time::from_nanos(world.chance.draw(0..=1_000_000_000));
        let process = world.chance.draw(1..=u64::from(workload.nodes - workload.locks)) as u32;
        let (of, need) = wish(&mut world, workload, process);
        world.ask_at(time, n(process), Command::Request { of, need });
    }
    let mut outcome = Outcome::default();
    let mut told = 0;
    let mut last = BTreeSet::new();
    let (mut sent, mut dead_before) = (0, BTreeSet::new());
    world.run_until(at(END), |world| {
        if world.sent[sent..].iter().any(|sent| sent.kind == "marker" && sent.from == n(1)) {
            dead_before = dead(&truth(world));
        }
        sent = world.sent.len();
        for (time, _, output) in &world.told[told..] {
            let SiteOutput::Detector(Output::Finds(verdict)) = output else { continue };
            outcome.verdicts += 1;
            outcome.deadlocks += usize::from(verdict.is_deadlock());
            outcome.phantoms += usize::from(!is_true(verdict, world));
            let found: BTreeSet<_> = verdict.diagnosis.deadlocked.iter().copied().collect();
            outcome.blind += usize::from(!dead_before.is_subset(&found));
            outcome.victims += verdict.victims.len();
            // All rounds that begin here are over before the end.
            if *time >= at(END - PERIOD - 1) {
                last.extend(verdict.diagnosis.deadlocked.iter().copied());
            }
        }
        told = world.told.len();
    });
    let dead = dead(&truth(&world));
    outcome.ended_dead = usize::from(!dead.is_empty());
    outcome.missed = usize::from(dead != last);
    outcome
}

fn wish(world: &mut World<Site>, workload: Workload, process: u32) -> (Vec<NodeId>, Need) {
    let mut others: Vec<_> = (1..=workload.nodes).filter(|other| *other != process).collect();
    let most = if workload.model == Model::Single { 1 } else { 3.min(others.len() as u64) };
    let wanted = world.chance.draw(1..=most);
    let of: Vec<_> = (0..wanted)
        .map(|_| {
            let place = world.chance.draw(0..=others.len() as u64 - 1) as usize;
            n(others.swap_remove(place))
        })
        .collect();
    let need = match workload.model {
        Model::General => Need::AtLeast(world.chance.draw(1..=wanted) as u32),
        Model::Or => Need::Any,
        _ => Need::All,
    };
    (of, need)
}

fn is_true(verdict: &Verdict, world: &World<Site>) -> bool {
    let dead = dead(&truth(world));
    verdict.diagnosis.deadlocked.iter().all(|node| dead.contains(node))
}

/// Who really waits for whom: what was granted, or given back, and is on its way
/// is not waited for.
pub(super) fn truth(world: &World<Site>) -> Waits {
    let participant = |node: NodeId| world.machine(node).participant();
    let wait = |site: &Site| {
        if let Some(request) = site.participant().lent() {
            return (1, vec![request.by]);
        }
        let Some(wait) = site.participant().view().wait else { return (0, Vec::new()) };
        let is_granted =
            |(of, request): &&(NodeId, RequestId)| participant(*of).has_answered(*request);
        let granted = wait.open.iter().filter(is_granted).count() as u32;
        let open = wait.open.iter().filter(|open| !is_granted(open)).map(|(of, _)| *of);
        (wait.need.saturating_sub(granted), open.collect())
    };
    let mut waits: Waits = world.machines().map(wait).collect();
    for (place, waits) in waits.iter_mut().enumerate() {
        let lock = NodeId::from_index(place);
        let Some(request) = participant(lock).lent() else { continue };
        let holder = participant(request.by);
        let has_it = holder.held().any(|held| held == (lock, request.number));
        if !has_it && !holder.view().wait.is_some_and(|wait| wait.open.contains(&(lock, request))) {
            *waits = (0, Vec::new());
        }
    }
    waits
}

/// Nobody, or whom this seed says.
pub(super) fn victims(seed: u64) -> Option<Victims> {
    [None, Some(Victims::Highest), Some(Victims::Youngest)][seed as usize % 3]
}
