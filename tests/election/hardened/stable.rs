//! Links that stay cut: the leader is stable, and epochs do not rise without end.

use rehearsal::machine::NodeId;
use rehearsal::protocol::election::{Elector as _, Role};

use crate::support::{LEAST, Sketch, Spans, cases};

/// When the links are cut: before anybody leads, while the first leader announces itself, while it
/// leads.
const CUT_AT: [u64; 3] = [0, 45, 500];

/// All links that are cut if these nodes form a chain in this order.
fn all_but_the_chain(order: &[u64]) -> Vec<(u64, u64)> {
    let is_kept =
        |one, other| order.windows(2).any(|pair| pair == [one, other] || pair == [other, one]);
    pairs(order.len() as u64).filter(|(one, other)| !is_kept(*one, *other)).collect()
}

fn pairs(nodes: u64) -> impl Iterator<Item = (u64, u64)> {
    (1..=nodes).flat_map(move |one| (one + 1..=nodes).map(move |other| (one, other)))
}

fn orders(nodes: u64) -> Vec<Vec<u64>> {
    let mut orders = vec![vec![]];
    for node in 1..=nodes {
        let inserted = |order: &Vec<u64>| {
            let order = order.clone();
            (0..=order.len()).map(move |place| {
                let mut order = order.clone();
                order.insert(place, node);
                order
            })
        };
        orders = orders.iter().flat_map(inserted).collect();
    }
    // A chain read backwards is the same chain.
    orders.retain(|order| order.first() <= order.last());
    orders
}

/// These links are cut at this time, for good. Nothing else goes wrong.
pub(crate) fn cut(nodes: u64, links: &[(u64, u64)], at: u64) -> Sketch {
    let (most, settled) = (2 * nodes, at + 1_000);
    Sketch::hardened(nodes, Spans { leader_wait: 70, ..LEAST })
        .with("majority: true, check_quorum: true")
        .network("delay: Uniform(\"1ms\", \"10ms\")")
        .fault(format!("at: \"{at}ms\", do: Cut({links:?})"))
        .without_calm(at + 10_000)
        .expect(format!("Always(StableEpochs(since: \"{at}ms\", most: {most}))"))
        .expect(format!("Always(StableEpochs(since: \"{settled}ms\", most: 0))"))
        .expect("Always(OneLeaderPerTerm), Always(EpochsRise), Always(NobodyBelow)")
}

/// Does somebody hear a majority, itself among them?
fn can_lead(nodes: u64, links: &[(u64, u64)]) -> bool {
    let lost = |node| links.iter().filter(|(one, other)| *one == node || *other == node).count();
    (1..=nodes).any(|node| nodes as usize - lost(node) > nodes as usize / 2)
}

/// Epochs are few, there are none once it has settled, and a node leads if one can.
#[track_caller]
fn assert_stable(nodes: u64, links: &[(u64, u64)], seeds: u64) {
    for at in CUT_AT {
        for seed in 1..=seeds {
            let mut sketch = cut(nodes, links, at);
            if can_lead(nodes, links) {
                let Spans { delay, answer_wait, coordinator_wait, .. } = sketch.spans;
                let within = coordinator_wait + 2 * answer_wait + 4 * delay;
                sketch = sketch.expect(format!(
                    "LeadsTo(from: Not(SomebodyLeads), to: SomebodyLeads, within: \"{within}ms\")"
                ));
            }
            let run = sketch.run_with(seed);
            assert!(run.held(), "{nodes} nodes, {links:?}, {at} ms, {seed}: {:?}", run.failure);
            let world = &run.world;
            let leads = |node: &NodeId| world.machine(*node).unwrap().role() == Role::Leads;
            let leaders = world.nodes().filter(leads).count();
            let expected = usize::from(can_lead(nodes, links));
            assert_eq!(leaders, expected, "{nodes} nodes, {links:?}, {at} ms, {seed}");
        }
    }
}

#[test]
fn with_any_link_cut_for_good_and_on_any_chain_the_leader_is_stable() {
    let seeds = cases(10);
    for nodes in 3..=5 {
        for pair in pairs(nodes) {
            assert!(can_lead(nodes, &[pair]));
            assert_stable(nodes, &[pair], seeds);
        }
        for order in orders(nodes) {
            let links = all_but_the_chain(&order);
            assert!(can_lead(nodes, &links));
            assert_stable(nodes, &links, seeds);
        }
    }
}

#[test]
fn whatever_links_are_cut_somebody_leads_if_and_only_if_it_hears_a_majority() {
    for nodes in 3..=5 {
        let all: Vec<_> = pairs(nodes).collect();
        for set in 1_u32..1 << all.len() {
            let is_cut = |link: &usize| set >> link & 1 == 1;
            let links: Vec<_> = (0..all.len()).filter(is_cut).map(|link| all[link]).collect();
            assert_stable(nodes, &links, 1);
        }
    }
}

/// A chain whose ends are the highest nodes. Neither hears a majority.
pub(crate) fn high_ends() -> Sketch {
    cut(5, &all_but_the_chain(&[5, 1, 2, 3, 4]), 500)
        .expect("LeadsTo(from: Not(SomebodyLeads), to: SomebodyLeads, within: \"500ms\")")
}

#[test]
fn a_node_that_hears_no_majority_follows_a_lower_leader_until_it_hears_one() {
    let run = high_ends().run();
    run.assert_held();
    assert_eq!(run.beliefs()[1..4], [Some(3); 3]);
    let mut healed = cut(5, &all_but_the_chain(&[5, 1, 2, 3, 4]), 500);
    healed.expect = "Always(OneLeaderPerTerm), ".to_owned();
    let run = healed.fault("at: \"5s\", do: Heal").run();
    run.assert_held();
    assert_eq!(run.beliefs(), [Some(5); 5]);
}

#[test]
fn a_node_without_a_majority_that_follows_takes_over_when_it_has_one() {
    let links = [(1, 4), (2, 4)];
    let run = cut(4, &links, 500).run();
    run.assert_held();
    assert_eq!(run.beliefs(), [Some(3); 4]);
    let mut healed = cut(4, &links, 500);
    healed.expect = "Always(OneLeaderPerTerm), ".to_owned();
    let run = healed.fault("at: \"5s\", do: Heal").run();
    run.assert_held();
    assert_eq!(run.beliefs(), [Some(4); 4]);
}

/// Nodes 3 and 4 do not hear each other, and need the votes of both nodes between them.
#[test]
fn a_vote_is_a_promise_that_ends_a_duel_of_candidates() {
    for seed in 1..=100 {
        let run = cut(5, &[(1, 2), (1, 5), (3, 4), (3, 5), (4, 5)], 500).run_with(seed);
        assert!(run.held(), "{seed}: {:?}", run.failure);
    }
}
