//! Who has to give up. That the choice is the greedy one of the oracle, and
//! that it is enough, every graph is asked elsewhere.

use super::families::both_ways;
use crate::waits::{Model, Waits, clique, numbers, ring};

fn victims(model: Model, nodes: u32, edges: &[(u32, u32)]) -> Vec<u32> {
    numbers(&Waits::of(model, nodes, edges).graph().victims(|node| node))
}

#[test]
fn a_ring_loses_one_and_two_rings_one_each() {
    assert_eq!(victims(Model::And, 7, &ring(7)), [7]);
    let two = [(1, 3), (3, 5), (5, 1), (2, 4), (4, 2)];
    assert_eq!(victims(Model::And, 5, &two), [5, 4]);
}

#[test]
fn where_all_wait_for_all_only_the_last_goes_on() {
    assert_eq!(victims(Model::And, 5, &clique(5)), [5, 4, 3, 2]);
    let many = victims(Model::And, 500, &clique(500));
    assert!(many.into_iter().eq((2..=500).rev()));
}

#[test]
fn where_all_wait_for_any_one_is_enough() {
    assert_eq!(victims(Model::Or, 5, &clique(5)), [5]);
}

#[test]
fn two_circles_that_share_a_node_lose_one_each_though_the_shared_one_would_do() {
    let eight = [(1, 2), (2, 3), (3, 1), (1, 4), (4, 5), (5, 1)];
    assert_eq!(victims(Model::And, 5, &eight), [5, 3]);
    let graph = Waits::of(Model::And, 5, &eight).graph();
    assert_eq!(numbers(&graph.victims(|node| node.number() == 1)), [1]);
}

#[test]
fn six_in_a_circle_that_wait_both_ways_lose_five() {
    assert_eq!(victims(Model::And, 6, &both_ways(&ring(6))), [6, 5, 4, 3, 2]);
}

#[test]
fn each_round_goes_through_the_circles_by_their_smallest_members() {
    let falls_apart = both_ways(&[(1, 5), (5, 9), (9, 6), (6, 8)]);
    let holds_together = both_ways(&[(2, 3), (3, 4), (4, 2)]);
    let edges = [falls_apart, holds_together].concat();
    assert_eq!(victims(Model::And, 9, &edges), [9, 4, 5, 3, 8]);
}

#[test]
fn whoever_needs_more_grants_than_it_has_requests_gives_up_first() {
    let waits = vec![(1, 1, vec![2]), (2, 2, vec![1]), (3, 1, vec![4]), (4, 1, vec![3])];
    assert_eq!(numbers(&Waits { nodes: 4, waits }.graph().victims(|node| node)), [2, 4]);
}

#[test]
fn of_equal_rank_the_one_with_the_greatest_number_gives_up() {
    let graph = Waits::of(Model::And, 7, &ring(7)).graph();
    assert_eq!(numbers(&graph.victims(|_| ())), [7]);
    assert_eq!(numbers(&graph.victims(std::cmp::Reverse)), [1]);
}
