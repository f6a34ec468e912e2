//! What can happen to messages and links: loss, delay, partitions, holds.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use proptest::prelude::*;
use proptest::strategy::Union;
use rehearsal_machine::NodeId;

use super::bounds::Bounds;
use super::nodes::FaultStrategy;
use crate::fault::{Action, Fault, Kind, Nth, Sends, Trigger, When, Window};
use crate::source::TimeSpan;

/// So many nodes or pairs are named in a partition at most: the others form a
/// side of their own anyway.
const MOST_NAMED: usize = 8;

impl Bounds {
    /// Something of this happens to one message. Which one it is shrinks apart
    /// from what happens to it.
    pub(super) fn on_a_message(&self, actions: Vec<BoxedStrategy<Action>>) -> FaultStrategy {
        let bounds = self.clone();
        (self.sending(), Union::new(actions))
            .prop_filter("a session keeps it off", move |(sending, action)| {
                bounds.can_disturb(sending, action)
            })
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

    /// Sessions break, these or any, once or again and again.
    pub(super) fn broken_sessions(&self) -> FaultStrategy {
        let sessions = self.sessions.clone();
        let most = sessions.count().min(2);
        let numbers = prop::collection::btree_set(0..sessions.count(), 1..=most as usize);
        let pairs = move |numbers: BTreeSet<u64>| {
            Action::Break(numbers.into_iter().map(|number| sessions.pair(number)).collect())
        };
        let some = numbers.prop_map(pairs).boxed();
        let any = (1..=most as u32).prop_map(Action::BreakAny).boxed();
        let actions = if self.is_vague { vec![some, any] } else { vec![some] };
        let once = (self.moment(), Union::new(actions.clone()));
        let once = once.prop_map(|(when, action)| vec![Fault::new(when, action)]);
        let again = (self.gap(), Union::new(actions));
        let again = again.prop_map(|(gap, action)| vec![Fault::new(When::Every(gap), action)]);
        prop_oneof![3 => once, 1 => again].boxed()
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
        let mut sorts = vec![
            self.sides().prop_map(Action::Partition).boxed(),
            one_way.boxed(),
            links().prop_map(Action::Cut).boxed(),
            flap.boxed(),
        ];
        if self.is_vague {
            // One node is left, so that there are two sides.
            sorts.push((1..self.nodes as u32).prop_map(|size| Action::Split(vec![size])).boxed());
            sorts.push((1..=2.min(self.nodes as u32 - 1)).prop_map(Action::CutAny).boxed());
        }
        Union::new(sorts).boxed()
    }

    /// Something of this happens to every message that fits, within a window.
    pub(super) fn filters(&self, actions: Vec<BoxedStrategy<Action>>) -> FaultStrategy {
        let bounds = self.clone();
        (self.sending(), any::<bool>(), Union::new(actions), self.window())
            .prop_filter("a session keeps it off", move |(sending, _, action, _)| {
                bounds.can_disturb(sending, action)
            })
            .prop_map(|(mut sending, from_the_first, action, window)| {
                // From a late one on there is often none.
                if let Trigger::Sends { nth, .. } = &mut sending
                    && from_the_first
                {
                    *nth = Nth::FIRST;
                }
                vec![Fault { window, ..Fault::new(When::Each(sending), action) }]
            })
            .boxed()
    }

    fn window(&self) -> BoxedStrategy<Window> {
        let after = prop::collection::vec(self.event(), 0..=2);
        let before = prop::option::of(self.event());
        let times = prop::option::of(1_u32..=5);
        let span = (self.at(), self.some_time(), 0..4_u32);
        (after, before, times, span)
            .prop_map(|(after, before, times, (from, lasts, ends))| Window {
                after,
                from: (ends & 1 > 0).then_some(from),
                before,
                until: (ends & 2 > 0).then(|| {
                    TimeSpan::from_nanos(from.as_nanos().saturating_add(lasts.as_nanos()))
                }),
                times: times.and_then(NonZeroU32::new),
            })
            .boxed()
    }

    /// A disturbance of one of the nodes of which some outlive the calm.
    pub(super) fn outliving(&self, kinds: &BTreeSet<Kind>) -> FaultStrategy {
        let node = prop::sample::select(self.outlived.clone());
        let other = (node.clone(), self.node());
        let link = other.prop_filter("two nodes", |(node, other)| node != other).boxed();
        let mut actions = Vec::new();
        if kinds.contains(&Kind::Pause) {
            let pause = |node: NodeId| Action::Pause { node: node.into(), lasts: None };
            actions.push(node.clone().prop_map(pause).boxed());
        }
        if kinds.contains(&Kind::Clock) {
            let wrong = (node.clone(), self.wrong_clock());
            actions.push(wrong.prop_map(|(node, wrong)| wrong.of(node.into())).boxed());
        }
        if kinds.contains(&Kind::Hold) {
            let hold = |(from, to)| Action::Hold { from, to };
            actions.push(link.clone().prop_map(hold).boxed());
        }
        if kinds.contains(&Kind::Partition) {
            actions.push(link.clone().prop_map(|pair| Action::Cut(vec![pair])).boxed());
            let flap = (node.clone(), self.some_time(), self.some_time());
            actions.push(
                flap.prop_map(|(node, cut, open)| Action::Flap {
                    sides: vec![vec![node]],
                    cut,
                    open,
                })
                .boxed(),
            );
        }
        let mut of_messages = vec![self.delays(), Just(Action::Withhold).boxed()];
        if !self.sessions.are_all() {
            of_messages.extend([Just(Action::Lose).boxed(), self.duplicates()]);
        }
        let filter = (link, Union::new(of_messages), self.window());
        let bounds = self.clone();
        let filter = filter.prop_map(|((from, to), action, window)| {
            (Trigger::from(Sends::any().from(from).to(to)), action, window)
        });
        let filter = filter
            .prop_filter("a session keeps it off", move |(sending, action, _)| {
                bounds.can_disturb(sending, action)
            })
            .prop_map(|(sending, action, window)| {
                vec![Fault { window, ..action.each(sending) }.lasting()]
            });
        if actions.is_empty() {
            return filter.boxed();
        }
        let outlives = (self.moment(), Union::new(actions))
            .prop_map(|(when, action)| vec![Fault::new(when, action).lasting()]);
        prop_oneof![outlives, filter].boxed()
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
