//! Detectors beside parties that ask, give and hold, over messages that take any
//! time and keep no order; against what an onlooker sees who sees everything.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::{
    Command, Detector, Early, Output, Site, SiteOutput, Victims, chasing, diffusing, labels,
};
use rehearsal::protocol::resource::{Config, Model, Need, Participant};

use super::driver::{Delays, World, node};
use super::graphs::Graph;
use crate::chance::random;
use crate::support;

/// Processes are numbered before locks.
const PROCESSES: usize = 5;
const NODES: usize = 7;
const PERIOD: u64 = 4_000;
const MOST_DELAY: u64 = 150;

#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Chasing,
    Diffusing,
    Labels,
}

fn detector(form: Form, resolves: bool, me: NodeId) -> Detector {
    let (nodes, period) = (NODES as u32, Duration::from_nanos(PERIOD));
    let (patience, early) = (Duration::ZERO, Early::Buffer);
    let victims = resolves.then_some(Victims::Youngest);
    match form {
        Form::Chasing => {
            let rules = chasing::Config { nodes, patience, period, early, victims };
            chasing::Chasing::new(rules, me).into()
        }
        Form::Diffusing => {
            let rules = diffusing::Config { nodes, patience, period, early, victims };
            diffusing::Diffusing::new(rules, me).into()
        }
        Form::Labels => labels::Labels::new(labels::Config { nodes, period, resolves }, me).into(),
    }
}

/// Who waits for what, as an onlooker sees it: a grant counts when it is given.
struct GroundTruth {
    /// Of each node how many must still give, and who has not.
    waits: Vec<Option<(usize, Vec<NodeId>)>>,
}

impl GroundTruth {
    fn of(world: &World<Site>) -> Self {
        let participant = |node: NodeId| world.nodes[node.index()].participant();
        let wait = |waiter: NodeId| {
            let wait = participant(waiter).view().wait?;
            let is_open = |(of, id): &(NodeId, _)| {
                if wait.since.is_some() {
                    return !participant(*of).has_answered(*id);
                }
                // A lock waits until what it has lent is on its way back.
                let is_held = participant(*of).held().any(|held| held == (waiter, id.number));
                let view = participant(*of).view();
                is_held || view.wait.is_some_and(|wait| wait.open.contains(&(waiter, *id)))
            };
            let open: Vec<_> = wait.open.iter().filter(|edge| is_open(edge)).collect();
            let need = (wait.need as usize).saturating_sub(wait.open.len() - open.len());
            (need > 0).then(|| (need, open.iter().map(|(of, _)| *of).collect()))
        };
        Self { waits: (0..NODES).map(NodeId::from_index).map(wait).collect() }
    }

    /// Whoever can be given what it needs is free, again and again.
    fn dead(&self) -> BTreeSet<NodeId> {
        let mut dead: BTreeSet<_> = (1..=NODES).map(node).collect();
        loop {
            let is_stuck = |node: &NodeId| {
                self.waits[node.index()].as_ref().is_some_and(|(need, open)| {
                    open.iter().filter(|of| !dead.contains(of)).count() < *need
                })
            };
            let still: BTreeSet<_> = dead.iter().copied().filter(is_stuck).collect();
            if still.len() == dead.len() {
                return dead;
            }
            dead = still;
        }
    }

    fn graph(&self) -> Graph {
        let mut edges = Vec::new();
        for (from, wait) in (1..).zip(&self.waits) {
            let open = wait.iter().flat_map(|(_, open)| open);
            edges.extend(open.map(|of| (from, of.index() + 1)));
        }
        Graph { nodes: NODES, edges }
    }
}

/// What became of a run.
pub(super) struct Run {
    world: World<Site>,
    /// Who has found a deadlock, and once for each time it did.
    finders: Vec<NodeId>,
    /// Of those, who was not dead then.
    pub(super) mistaken: usize,
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) form: Form,
    pub(super) model: Model,
    /// Does anybody give up?
    pub(super) resolves: bool,
    /// Are messages lost and doubled until nobody asks for more?
    pub(super) is_rough: bool,
}

pub(super) fn run(setup: Setup, mut seed: u64) -> Run {
    let Setup { form, model, resolves, is_rough } = setup;
    let mut fate = random(&mut seed);
    let rough = Rc::new(Cell::new(is_rough));
    let now = Rc::clone(&rough);
    let delays: Delays<_> = Box::new(move |_, _, _| {
        let copies = if now.get() { [0, 1, 1, 1, 1, 2][random(&mut fate) as usize % 6] } else { 1 };
        (0..copies).map(|_| 1 + random(&mut fate) % MOST_DELAY).collect()
    });
    let rules = Arc::new(Config {
        nodes: NODES as u32,
        locks: (PROCESSES + 1..=NODES).map(node).collect(),
        model,
        work: Some(Duration::from_nanos(20)..=Duration::from_nanos(20)),
        resend: is_rough.then_some(Duration::from_nanos(2 * MOST_DELAY)),
        restart: Duration::from_nanos(300)..=Duration::from_nanos(300),
        two_phase: false,
    });
    let site = |me| {
        let participant = Participant::new(Arc::clone(&rules), me, (Vec::new(), Need::All));
        Site::new(participant, detector(form, resolves, me), None)
    };
    let mut run = Run { world: World::new(NODES, site, delays), finders: vec![], mistaken: 0 };
    for _ in 0..60 {
        run.until(run.world.now + random(&mut seed) % 120);
        let who = 1 + random(&mut seed) as usize % PROCESSES;
        run.world.command(who, request(model, who, &mut seed));
        run.note();
    }
    rough.set(false);
    run.until(run.world.now + 12 * PERIOD);
    run
}

fn request(model: Model, who: usize, seed: &mut u64) -> Command {
    let others: Vec<_> = (1..=NODES).filter(|other| *other != who).map(node).collect();
    let most = if model == Model::Single { 1 } else { 3 };
    let wanted = 1 + random(seed) as usize % most;
    let mut of = BTreeSet::new();
    while of.len() < wanted {
        of.insert(others[random(seed) as usize % others.len()]);
    }
    let need = if model == Model::Or { Need::Any } else { Need::All };
    Command::Request { of: of.into_iter().collect(), need }
}

impl Run {
    fn until(&mut self, end: u64) {
        while self.world.step(end) {
            self.note();
        }
        self.world.now = end;
    }

    /// What has just been found must be true now.
    fn note(&mut self) {
        for (_, finder, told) in std::mem::take(&mut self.world.told) {
            let SiteOutput::Detector(Output::Finds(verdict)) = told else { continue };
            let dead = GroundTruth::of(&self.world).dead();
            self.finders.push(finder);
            let is_true = verdict.diagnosis.deadlocked.iter().all(|node| dead.contains(node));
            self.mistaken += usize::from(!is_true);
        }
    }

    fn found(&self) -> BTreeSet<NodeId> {
        self.finders.iter().copied().collect()
    }
}

fn seeds() -> u64 {
    support::seeds(150)
}

fn processes(nodes: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    nodes.iter().copied().filter(|node| node.index() < PROCESSES).collect()
}

/// In fair weather and in rough.
fn both(form: Form, model: Model, resolves: bool) -> [Setup; 2] {
    [false, true].map(|is_rough| Setup { form, model, resolves, is_rough })
}

#[test]
fn probes_find_every_cycle_and_nothing_else_while_all_moves() {
    for setup in
        [Model::Single, Model::And].iter().flat_map(|model| both(Form::Chasing, *model, false))
    {
        let mut deadlocks = 0;
        for seed in 0..seeds() {
            let run = run(setup, seed);
            let on_cycles = processes(&GroundTruth::of(&run.world).graph().on_cycles());
            assert_eq!((run.mistaken, run.found()), (0, on_cycles), "{setup:?}, seed {seed}");
            deadlocks += u64::from(!run.finders.is_empty());
        }
        assert!(deadlocks > seeds() / 4, "{deadlocks} deadlocks, {setup:?}");
        println!("{deadlocks} of {} runs with a cycle, {setup:?}", seeds());
    }
}

#[test]
fn questions_find_all_who_are_dead_and_nobody_else_while_all_moves() {
    for setup in
        [Model::Single, Model::Or].iter().flat_map(|model| both(Form::Diffusing, *model, false))
    {
        let mut deadlocks = 0;
        for seed in 0..seeds() {
            let run = run(setup, seed);
            let dead = processes(&GroundTruth::of(&run.world).dead());
            assert_eq!((run.mistaken, run.found()), (0, dead), "{setup:?}, seed {seed}");
            deadlocks += u64::from(!run.finders.is_empty());
        }
        assert!(deadlocks > 0, "{deadlocks} deadlocks, {setup:?}");
        println!("{deadlocks} of {} runs with a deadlock, {setup:?}", seeds());
    }
}

#[test]
fn labels_find_every_cycle_once_and_nothing_else_while_all_moves() {
    for setup in both(Form::Labels, Model::Single, false) {
        let mut cycles = 0;
        for seed in 0..seeds() {
            let run = run(setup, seed);
            assert_eq!(run.mistaken, 0, "{setup:?}, seed {seed}");
            let found = assert_once_each(&run);
            cycles += found as u64;
        }
        assert!(cycles > seeds() / 4, "{cycles} cycles, {setup:?}");
        println!("{cycles} cycles in {} runs, {setup:?}", seeds());
    }
}

/// Somebody on each cycle has found it, once; nobody has found anything else.
/// Gives the number of cycles.
#[track_caller]
fn assert_once_each(run: &Run) -> usize {
    let graph = GroundTruth::of(&run.world).graph();
    let on_cycles = graph.on_cycles();
    // Whoever is on a cycle reaches those who are on it with it, and nobody else.
    let cycles: BTreeSet<_> = on_cycles.iter().map(|on| graph.reached(on.index() + 1)).collect();
    assert!(run.finders.iter().all(|finder| on_cycles.contains(finder)));
    for cycle in &cycles {
        let is_on_it = |finder: &&NodeId| cycle.contains(&(finder.index() + 1));
        assert_eq!(run.finders.iter().filter(is_on_it).count(), 1);
    }
    cycles.len()
}

#[test]
fn what_detectors_give_up_ends_every_deadlock() {
    for (form, model) in
        [(Form::Chasing, Model::And), (Form::Diffusing, Model::Or), (Form::Labels, Model::Single)]
    {
        for setup in both(form, model, true) {
            let mut found = 0;
            for seed in 0..seeds() {
                let run = run(setup, seed);
                let dead = GroundTruth::of(&run.world).dead();
                assert_eq!(dead, BTreeSet::new(), "{setup:?}, seed {seed}");
                found += run.finders.len();
            }
            assert!(found > 0, "{setup:?}");
            println!("{found} found in {} runs, {setup:?}", seeds());
        }
    }
}

#[test]
fn probes_cry_wolf_where_any_one_grant_would_do() {
    let [setup, _] = both(Form::Chasing, Model::Or, false);
    let mistaken: usize = (0..seeds()).map(|seed| run(setup, seed).mistaken).sum();
    assert!(mistaken > 0);
    println!("{mistaken} false alarms in {} runs", seeds());
}
