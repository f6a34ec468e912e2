//! Small models of ordering protocols, right and wrong, on a network that delivers in
//! any order: the oracle finds nothing against the right ones, and it catches the wrong
//! ones.

mod birman_schiper_stephenson;
mod fifo;
mod raynal_schiper_toueg;
mod schiper_eggli_sandoz;

use rehearsal_machine::NodeId;
use rehearsal_sim::order::{Guarantee, Oracle};

use crate::random_runs::{Random, seeds};
use birman_schiper_stephenson::{BirmanSchiperStephenson, Condition};
use fifo::Fifo;
use raynal_schiper_toueg::{Learns, RaynalSchiperToueg};
use schiper_eggli_sandoz::SchiperEggliSandoz;

const NODES: usize = 4;
const MESSAGES: u32 = 24;

type Vector = [u32; NODES];

/// One node of an ordering protocol. Nodes are counted from 0.
trait Discipline {
    /// What a copy of a message carries.
    type Stamp: Clone;

    /// The stamps of the copies to these nodes.
    fn send(&mut self, to: &[usize]) -> Vec<Self::Stamp>;

    /// Delivers the copy if it may be delivered now.
    fn deliver(&mut self, from: usize, stamp: &Self::Stamp) -> bool;
}

/// No order at all.
struct Unordered;

impl Discipline for Unordered {
    type Stamp = ();

    fn send(&mut self, to: &[usize]) -> Vec<()> {
        vec![(); to.len()]
    }

    fn deliver(&mut self, _: usize, (): &()) -> bool {
        true
    }
}

#[derive(Clone, Copy)]
enum Workload {
    Unicast,
    /// To all other nodes.
    Broadcast,
}

struct Copy<S> {
    message: u32,
    from: usize,
    to: usize,
    stamp: S,
}

/// Runs with violations of each order, and runs that end with held messages.
#[derive(Debug, Default)]
struct Violations {
    fifo: u64,
    causal: u64,
    held: u64,
}

fn run<D: Discipline>(new: impl Fn(usize) -> D, workload: Workload, seed: u64) -> Oracle<u32> {
    let mut random = Random::of(seed);
    let mut nodes: Vec<_> = (0..NODES).map(new).collect();
    let mut under_way: Vec<Copy<D::Stamp>> = Vec::new();
    let mut held: Vec<Copy<D::Stamp>> = Vec::new();
    let mut oracle = Oracle::default();
    let mut sent = 0;
    while sent < MESSAGES || !under_way.is_empty() {
        if sent < MESSAGES && (under_way.is_empty() || random.below(2) == 0) {
            let from = random.below(NODES);
            let others: Vec<_> = (0..NODES).filter(|node| *node != from).collect();
            let to = match workload {
                Workload::Broadcast => others,
                Workload::Unicast => vec![others[random.below(NODES - 1)]],
            };
            oracle.sent(
                NodeId::from_index(from),
                &sent,
                to.iter().copied().map(NodeId::from_index),
            );
            let stamps = nodes[from].send(&to);
            let copies = to.into_iter().zip(stamps);
            under_way.extend(copies.map(|(to, stamp)| Copy { message: sent, from, to, stamp }));
            sent += 1;
            continue;
        }
        held.push(under_way.swap_remove(random.below(under_way.len())));
        while let Some(place) =
            held.iter().position(|copy| nodes[copy.to].deliver(copy.from, &copy.stamp))
        {
            let copy = held.remove(place);
            oracle.delivered(NodeId::from_index(copy.to), &copy.message);
        }
    }
    assert_eq!(held.is_empty(), oracle.keeps(Guarantee::AllDelivered));
    for guarantee in [Guarantee::UniqueIds, Guarantee::NoCreation, Guarantee::NoDuplication] {
        assert!(oracle.keeps(guarantee));
    }
    oracle
}

fn violations<D: Discipline>(new: impl Fn(usize) -> D, workload: Workload) -> Violations {
    let mut violations = Violations::default();
    for seed in 0..seeds(400) {
        let oracle = run(&new, workload, seed);
        let breaks = |guarantee| u64::from(!oracle.keeps(guarantee));
        violations.fifo += breaks(Guarantee::Fifo);
        violations.causal += breaks(Guarantee::Causal);
        violations.held += breaks(Guarantee::AllDelivered);
    }
    println!("{}: {violations:?}", std::any::type_name::<D>());
    violations
}

#[track_caller]
fn assert_causal<D: Discipline>(new: impl Fn(usize) -> D, workload: Workload) {
    let Violations { fifo, causal, held } = violations(new, workload);
    assert_eq!((fifo, causal, held), (0, 0, 0));
}

/// Is it so in at least one of this many runs?
fn is_frequent(runs: u64, one_in: u64) -> bool {
    runs * one_in >= seeds(400)
}

#[test]
fn without_an_order_most_runs_violate_fifo_order() {
    for (workload, one_in) in [(Workload::Unicast, 3), (Workload::Broadcast, 1)] {
        let found = violations(|_| Unordered, workload);
        assert!(is_frequent(found.fifo, one_in) && found.held == 0, "{found:?}");
        assert!(found.causal >= found.fifo, "{found:?}");
    }
}

#[test]
fn fifo_order_is_not_causal_order() {
    for (workload, one_in) in [(Workload::Unicast, 20), (Workload::Broadcast, 2)] {
        let found = violations(|_| Fifo::default(), workload);
        assert!(is_frequent(found.causal, one_in), "{found:?}");
        assert_eq!((found.fifo, found.held), (0, 0));
    }
}

#[test]
fn birman_schiper_and_stephenson_broadcast_in_causal_order() {
    let node = |me| BirmanSchiperStephenson::new(me, Condition::Published);
    assert_causal(node, Workload::Broadcast);
}

#[test]
fn without_the_clause_about_other_senders_a_causal_broadcast_is_fifo() {
    let node = |me| BirmanSchiperStephenson::new(me, Condition::SenderOnly);
    let found = violations(node, Workload::Broadcast);
    let fifo = violations(|_| Fifo::default(), Workload::Broadcast);
    assert_eq!((found.fifo, found.causal, found.held), (0, fifo.causal, 0));
}

#[test]
fn a_causal_broadcast_that_takes_any_later_number_loses_messages() {
    let node = |me| BirmanSchiperStephenson::new(me, Condition::AnyLater);
    let found = violations(node, Workload::Broadcast);
    assert!(is_frequent(found.fifo, 1), "{found:?}");
    assert!(is_frequent(found.held, 1), "{found:?}");
}

#[test]
fn raynal_schiper_and_toueg_deliver_in_causal_order() {
    for workload in [Workload::Unicast, Workload::Broadcast] {
        assert_causal(|me| RaynalSchiperToueg::new(me, Learns::All), workload);
    }
}

#[test]
fn a_matrix_that_is_not_merged_forgets_what_others_have_sent() {
    let found =
        violations(|me| RaynalSchiperToueg::new(me, Learns::MessageOnly), Workload::Unicast);
    assert!(is_frequent(found.causal, 20) && found.fifo == 0, "{found:?}");
}

#[test]
fn a_broadcast_as_so_many_causal_unicasts_is_not_causal() {
    let node = |me| RaynalSchiperToueg::new(me, Learns::NoOtherDestinations);
    let found = violations(node, Workload::Broadcast);
    assert!(is_frequent(found.causal, 2) && found.fifo == 0, "{found:?}");
}

#[test]
fn schiper_eggli_and_sandoz_deliver_in_causal_order() {
    for workload in [Workload::Unicast, Workload::Broadcast] {
        assert_causal(SchiperEggliSandoz::new, workload);
    }
}
