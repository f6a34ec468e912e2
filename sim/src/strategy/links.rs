//! What can happen to messages and links: loss, delay, partitions, holds.

use proptest::prelude::*;
use proptest::strategy::Union;
use rehearsal_machine::NodeId;

use super::bounds::Bounds;
use super::nodes::FaultStrategy;
use crate::fault::{Action, Fault, When};

/// So many nodes or pairs are named in a partition at most: the others form a
/// side of their own anyway.
const MOST_NAMED: usize = 8;

impl Bounds {
    /// Something of this happens to one message. Which one it is shrinks apart
    /// from what happens to it.
    pub(super) fn on_a_message(&self, actions: Vec<BoxedStrategy<Action>>) -> FaultStrategy {
        (self.sending(), Union::new(actions))
            .prop_map(|(sending, action)| vec![Fault::new(When::On(sending), action)])
            .boxed()
    }

    pub(super) fn delays(&self) -> BoxedStrategy<Action> {
        self.span().prop_map(Action::Delay).boxed()
    }

    pub(super) fn duplicates(&self) -> BoxedStrategy<Action> {
        self.span().prop_map(Action::Duplicate).boxed()
    }

    pub(super) fn holds(&self) -> FaultStrategy {
        let bounds = self.clone();
        (self.moment(), self.at(), self.span(), self.link())
            .prop_map(move |(when, at, lasts, (from, to))| {
                let ends = [Action::Hold { from, to }, Action::Release { from, to }];
                bounds.lasting(when, at, lasts, ends)
            })
            .boxed()
    }

    pub(super) fn partitions(&self) -> FaultStrategy {
        let bounds = self.clone();
        (self.moment(), self.at(), self.span(), self.partition())
            .prop_map(move |(when, at, lasts, partition)| {
                bounds.lasting(when, at, lasts, [partition, Action::Heal])
            })
            .boxed()
    }

    /// Partitions at random, and their ends.
    pub(super) fn partitions_of_chance(&self) -> FaultStrategy {
        (self.gap(), self.gap(), self.partition())
            .prop_map(|(gap, end, action)| {
                let end = Fault::new(When::Every(end), Action::Heal);
                vec![Fault::new(When::Every(gap), action), end]
            })
            .boxed()
    }

    fn partition(&self) -> BoxedStrategy<Action> {
        let links = || prop::collection::vec(self.link(), 1..=MOST_NAMED.min(self.nodes));
        let one_way = links().prop_map(|links| {
            let (mut from, mut to): (Vec<_>, Vec<_>) = links.into_iter().unzip();
            for side in [&mut from, &mut to] {
                side.sort_unstable();
                side.dedup();
            }
            Action::OneWay { from, to }
        });
        let flap = (self.sides(), self.some_time(), self.some_time())
            .prop_map(|(sides, cut, open)| Action::Flap { sides, cut, open });
        Union::new([
            self.sides().prop_map(Action::Partition).boxed(),
            one_way.boxed(),
            links().prop_map(Action::Cut).boxed(),
            flap.boxed(),
        ])
        .boxed()
    }

    /// Two sides of a partition, or one against the others; never all nodes,
    /// so that there are others.
    fn sides(&self) -> impl Strategy<Value = Vec<Vec<NodeId>>> + use<> {
        let named = 1..=MOST_NAMED.min(self.nodes - 1);
        prop::collection::vec((self.node(), any::<bool>()), named).prop_map(|mut named| {
            named.sort_unstable();
            named.dedup_by_key(|(node, _)| *node);
            let side = |second: bool| -> Vec<NodeId> {
                let here = named.iter().filter(|(_, is_second)| *is_second == second);
                here.map(|(node, _)| *node).collect()
            };
            [side(false), side(true)].into_iter().filter(|side| !side.is_empty()).collect()
        })
    }
}
