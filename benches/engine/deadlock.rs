use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::central::confirmed;
use rehearsal::protocol::deadlock::graph::{Diagnosis, WaitForGraph};
use rehearsal::protocol::resource::{RequestId, View, Wait};

use crate::clock::time;
use crate::contest::Spread;

const ROUNDS: usize = 11;

/// Each node's need and its requests.
type Waits = Vec<(u32, Vec<(NodeId, RequestId)>)>;

/// A wait-for graph from its waits to its diagnosis, and what a leader does that
/// has first to find out from everybody's two tables which edges are confirmed,
/// beside what petgraph takes for the components of the same edges. Ten times as
/// many edges, from row to row: what is to be seen is that the time is linear.
pub(crate) fn print() {
    println!(
        "| processes | edges | deadlocked | a leader, ns per edge | of that, graph and diagnosis | \
         petgraph's build and tarjan_scc, ns per edge | graph and diagnosis relative to \
         petgraph: median of {ROUNDS} (min..max) |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|");
    for processes in [1_000, 10_000, 100_000] {
        println!("{}", row(processes));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a million edges")]
fn row(processes: u32) -> String {
    let edges = 10 * processes;
    let waits = random(processes, edges);
    let reports = reports(&waits);
    let (mut leaders, mut ours) = (Vec::new(), Vec::new());
    let (mut theirs, mut ratios) = (Vec::new(), Vec::new());
    let mut deadlocked = 0;
    for round in 0..=ROUNDS {
        let (mine, diagnosis) = time(|| diagnose(&waits));
        let (leader, same) = time(|| confirmed_by_tables(&reports));
        assert_eq!(diagnosis, same);
        let (other, components) = time(|| components(&waits, edges as usize));
        deadlocked = diagnosis.deadlocked.len();
        assert!(diagnosis.on_cycle.len() > 1 && !diagnosis.behind.is_empty());
        assert!(deadlocked < processes as usize && components < processes as usize);
        if round > 0 {
            let [leader, mine, other] =
                [leader, mine, other].map(|took| took.as_secs_f64() * 1e9 / f64::from(edges));
            leaders.push(leader);
            ours.push(mine);
            theirs.push(other);
            ratios.push(other / mine);
        }
    }
    let [leader, ours, theirs, ratio] = [leaders, ours, theirs, ratios].map(Spread::of);
    let share = deadlocked as f64 * 100.0 / f64::from(processes);
    format!(
        "| {processes} | {edges} | {share:.0} % | {:.1} | {:.1} | {:.1} | {:.2} ({:.2}..{:.2}) |",
        leader.median, ours.median, theirs.median, ratio.median, ratio.least, ratio.most
    )
}

fn diagnose(waits: &Waits) -> Diagnosis {
    let mut graph = WaitForGraph::new(waits.len() as u32);
    for (node, (need, requests)) in waits.iter().enumerate() {
        let requests = requests.iter().copied();
        graph.wait(NodeId::from_index(node), *need, requests).expect("each waits once");
    }
    graph.diagnosis()
}

/// What everybody reports: what it waits for, and who waits for it.
fn reports(waits: &Waits) -> Vec<(NodeId, View)> {
    let mut views = vec![View::default(); waits.len()];
    for (node, (need, requests)) in waits.iter().enumerate() {
        for (to, request) in requests {
            views[to.index()].pending.push((NodeId::from_index(node), *request));
        }
        let wait = Wait { need: *need, open: requests.clone(), since: None };
        views[node].wait = (*need > 0).then_some(wait);
    }
    views.into_iter().enumerate().map(|(node, view)| (NodeId::from_index(node), view)).collect()
}

fn confirmed_by_tables(reports: &[(NodeId, View)]) -> Diagnosis {
    let reports = reports.iter().map(|(node, view)| (*node, view));
    confirmed(u32::try_from(reports.len()).expect("so few nodes"), reports).diagnosis()
}

fn components(waits: &Waits, edges: usize) -> usize {
    let mut graph = DiGraph::<(), ()>::with_capacity(waits.len(), edges);
    for _ in waits {
        graph.add_node(());
    }
    for (node, (_, requests)) in waits.iter().enumerate() {
        for (to, _) in requests {
            graph.add_edge(NodeIndex::new(node), NodeIndex::new(to.index()), ());
        }
    }
    tarjan_scc(&graph).len()
}

/// Every tenth waits for nobody. Of the others every second needs all that it
/// asked for, and every second any one, which is why many get free, but not
/// all.
fn random(processes: u32, edges: u32) -> Waits {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut below = |bound: u32| ((u64::from(random.next_u32()) * u64::from(bound)) >> 32) as u32;
    let mut waits: Waits = vec![(0, Vec::new()); processes as usize];
    for _ in 0..edges {
        let from = below(processes / 10) * 10 + 1 + below(9);
        let (by, to) = (from as usize, below(processes) as usize);
        let (need, requests) = &mut waits[by];
        let number = requests.len() as u64 + 1;
        requests.push((NodeId::from_index(to), RequestId { by: NodeId::from_index(by), number }));
        *need = if by % 2 == 0 { number as u32 } else { 1 };
    }
    waits
}
