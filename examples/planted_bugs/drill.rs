//! One planted bug: hunted, shrunk, and held against what "smallest" means.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rehearsal::machine::NodeId;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::plan::{DecisionKey, Plan};
use rehearsal::sim::scenario::Changes;
use rehearsal::sim::shrink::{NotShrinkable, Shrinker, Shrunk};
use rehearsal::sim::sweep::{Sweep, Swept};
use rehearsal::sim::{Case, Options};

/// The swarm of this scenario with this planted bug.
pub(crate) fn sweep(case: &Case, mutant: &str) -> Sweep {
    let sweep = Sweep::of(case).swarming(&|case, options| case.run(options));
    sweep.expect("a stock scenario has a calm").mutant(Some(mutant))
}

/// The first seed from `first` on that fails, and how many were tried with it; none among
/// so many. The result is the same for any number of threads.
pub(crate) fn first_failure(
    sweep: &Sweep,
    first: u64,
    most: u64,
    threads: NonZeroUsize,
) -> Option<(u64, Swept)> {
    let (next, bound) = (AtomicU64::new(0), AtomicU64::new(most));
    let search = || {
        let mut runner = sweep.runner();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= bound.load(Ordering::Relaxed) {
                return None;
            }
            let swept = runner.run(Seed(first + place));
            if is_found(&swept) {
                bound.fetch_min(place, Ordering::Relaxed);
                return Some((place + 1, swept));
            }
        }
    };
    let found = thread::scope(|scope| {
        let all: Vec<_> = (0..threads.get()).map(|_| scope.spawn(search)).collect();
        all.into_iter().filter_map(|one| one.join().expect("no search panics")).collect::<Vec<_>>()
    });
    found.into_iter().min_by_key(|(tried, _)| *tried)
}

/// A bug that only a panic gives away is not found by what is expected.
pub(crate) fn is_found(swept: &Swept) -> bool {
    swept.fingerprint.as_ref().is_some_and(|of| of.check != "no_panic")
}

/// The smallest run that fails like this one, and holds without the planted bug.
///
/// Refused where the run holds or fails otherwise with all its decisions written out.
pub(crate) fn shrunk(
    sweep: &Sweep,
    swept: &Swept,
    threads: NonZeroUsize,
) -> Result<Shrunk, NotShrinkable> {
    let plan = sweep.plan(swept.seed, swept.fingerprint.clone());
    let clean = plan.case.clone();
    let shrinker = Shrinker::new().jobs(threads).must_hold(&clean);
    shrinker.shrink(&plan, &mut |_| ControlFlow::Continue(()))
}

/// So many of the failures of one bug are shrunk.
const SHRUNK: usize = 5;

/// The smallest run that is left of those that are nearest to the usual among these, with the
/// one that it was shrunk from.
///
/// One failure alone would not do: where the network has lost so many messages that it might
/// as well have been cut, the run without a cut has fewer faults, and becomes no smaller.
pub(crate) fn smallest(
    mut found: Vec<Swept>,
    shrink: &mut dyn FnMut(&Swept) -> Result<Shrunk, NotShrinkable>,
) -> Option<Result<(Swept, Shrunk), String>> {
    found.sort_by_key(|swept| swept.unusual);
    let mut smallest: Option<(Swept, Shrunk)> = None;
    for swept in found.into_iter().take(SHRUNK) {
        let left = match shrink(&swept) {
            Ok(left) => left,
            Err(why) => return Some(Err(format!("seed {}: {why}", swept.seed))),
        };
        let size = left.after.unusual();
        if smallest.as_ref().is_none_or(|(_, other)| size < other.after.unusual()) {
            smallest = Some((swept, left));
        }
        // No run is nearer to the usual.
        if size == 0 {
            break;
        }
    }
    smallest.map(Ok)
}

/// The parts of the plan without any one of which it still fails alike, though it holds
/// without the planted bug: none, if it is 1-minimal.
pub(crate) fn idle_parts(plan: &Plan) -> Vec<String> {
    let mut idle = Vec::new();
    let synopsis = plan.case.synopsis();
    let wanted = plan.fails.as_ref();
    let mut check = |name: String, decisions, changes: &Changes| {
        let Ok(case) = plan.case.with_changes(plan.seed, changes) else { return };
        let mut less = Plan { case, decisions, ..plan.clone() };
        let fails = less.case.run(Options::plan(&less)).fingerprint(less.case.synopsis());
        less.mutant = None;
        if fails.as_ref() == wanted && less.case.run(Options::plan(&less)).held() {
            idle.push(name);
        }
    };
    for key in plan.decisions.keys() {
        let mut decisions = plan.decisions.clone();
        decisions.shift_remove(key);
        check(key.to_string(), decisions, &Changes::default());
    }
    for place in 0..synopsis.faults.len() {
        let mut faults = synopsis.faults.clone();
        let fault = faults.remove(place).to_string();
        let changes = Changes { faults: Some(faults), ..Changes::default() };
        check(fault, plan.decisions.clone(), &changes);
    }
    let commands = plan.case.commands(plan.seed);
    for place in 0..commands.len() {
        let others = (0..commands.len()).filter(|other| *other != place).collect();
        let changes = Changes { commands: Some(others), ..Changes::default() };
        check(commands[place].text.clone(), plan.decisions.clone(), &changes);
    }
    for node in NodeId::all(synopsis.nodes).filter(|node| !synopsis.absent.contains(node)) {
        let mut absent = synopsis.absent.clone();
        absent.push(node);
        absent.sort_unstable();
        let others = commands.iter().enumerate().filter(|(_, command)| command.to != node);
        let changes = Changes {
            absent: Some(absent),
            commands: Some(others.map(|(place, _)| place).collect()),
            ..Changes::default()
        };
        let mut decisions = plan.decisions.clone();
        decisions.retain(|key, _| !is_about(key, node));
        check(node.to_string(), decisions, &changes);
    }
    idle
}

fn is_about(key: &DecisionKey, node: NodeId) -> bool {
    match key {
        DecisionKey::Message(message) => message.from == node || message.to == node,
        DecisionKey::Timer(timer) => timer.node == node,
        DecisionKey::Draw { node: of, .. } => *of == node,
        _ => false,
    }
}
