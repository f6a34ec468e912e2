//! Within which bounds faults are made, and the parts that all sorts of them
//! are made of.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::Union;
use rehearsal_machine::NodeId;

use crate::fault::{Action, Fault, Nth, Target, Trigger, When};
use crate::network::SessionPairs;
use crate::source::TimeSpan;

#[derive(Clone, Debug)]
pub(super) struct Bounds {
    pub(super) nodes: usize,
    pub(super) absent: Vec<NodeId>,
    /// Faults strike before this instant, all instants in nanoseconds.
    pub(super) before: u64,
    /// What ends a fault comes before this instant, or not at all.
    pub(super) ends_before: u64,
    /// The nodes that the calm is for, which no later fault may touch; none without a calm.
    pub(super) core: Vec<NodeId>,
    /// Nodes start before this instant.
    pub(super) until: u64,
    /// Does the calm end what is still going on?
    pub(super) is_calm_for_all: bool,
    /// The longest span of a fault, in nanoseconds.
    pub(super) longest: u64,
    /// The last event of its sort that sets off a fault.
    pub(super) last_nth: u64,
    /// May a fault wait for an event of anybody? That it is this node's and no
    /// other's tells more.
    pub(super) is_vague: bool,
    /// Is there something to upgrade to?
    pub(super) has_upgrade: bool,
    pub(super) messages: Vec<String>,
    pub(super) timers: Vec<String>,
    pub(super) roles: Vec<char>,
    pub(super) sessions: SessionPairs,
    /// What the machine can hear of a session: that it began, or ended; nothing of most.
    pub(super) news: Vec<bool>,
    /// The nodes of which disturbances may outlive the calm.
    pub(super) outlived: Vec<NodeId>,
}

/// Instants and spans are whole numbers of the first of these of which there
/// are [`FINE_ENOUGH`] before the calm: a person reads `7ms` more easily than
/// `7041363ns`.
const UNITS: [u64; 3] = [1_000_000, 1_000, 1];
const FINE_ENOUGH: u64 = 100;

impl Bounds {
    pub(super) fn at(&self) -> impl Strategy<Value = TimeSpan> + use<> {
        let unit = self.unit();
        // No menu is served where no instant is before the calm.
        (0..self.before.div_ceil(unit)).prop_map(move |count| TimeSpan::from_nanos(count * unit))
    }

    pub(super) fn span(&self) -> impl Strategy<Value = TimeSpan> + use<> {
        let unit = self.unit();
        (0..=self.longest / unit).prop_map(move |count| TimeSpan::from_nanos(count * unit))
    }

    /// A span of at least one unit.
    pub(super) fn some_time(&self) -> impl Strategy<Value = TimeSpan> + use<> {
        let unit = self.unit();
        (1..=(self.longest / unit).max(1)).prop_map(move |count| TimeSpan::from_nanos(count * unit))
    }

    pub(super) fn node(&self) -> impl Strategy<Value = NodeId> + use<> {
        (0..self.nodes).prop_map(NodeId::from_index)
    }

    /// From a node to another one; there are two.
    pub(super) fn link(&self) -> impl Strategy<Value = (NodeId, NodeId)> + use<> {
        (0..self.nodes, 0..self.nodes - 1).prop_map(|(from, other)| {
            let to = if other < from { other } else { other + 1 };
            (NodeId::from_index(from), NodeId::from_index(to))
        })
    }

    /// At an instant, or right after an event.
    pub(super) fn moment(&self) -> BoxedStrategy<When> {
        let mut sorts = vec![
            (3, self.at().prop_map(When::At).boxed()),
            (2, self.event().prop_map(When::On).boxed()),
        ];
        if self.is_vague {
            let within = (self.at(), self.at());
            let within =
                within.prop_map(|(one, other)| When::Within(one.min(other), one.max(other)));
            sorts.push((1, within.boxed()));
        }
        Union::new_weighted(sorts).boxed()
    }

    pub(super) fn event(&self) -> BoxedStrategy<Trigger> {
        let mut sorts = vec![
            (self.node(), self.nth()).prop_map(|(of, nth)| Trigger::Effect { of, nth }).boxed(),
            self.sending(),
            (self.ends(), self.message(), self.nth())
                .prop_map(|((from, node), kind, nth)| Trigger::Receives {
                    node,
                    role: None,
                    from,
                    kind,
                    text: None,
                    nth,
                })
                .boxed(),
            (self.anybody(), self.nth())
                .prop_map(|(node, nth)| Trigger::Fires { node, role: None, timer: None, nth })
                .boxed(),
            (self.anybody(), self.nth())
                .prop_map(|(node, nth)| Trigger::Emits { node, role: None, text: None, nth })
                .boxed(),
        ];
        if self.is_vague {
            let saves = (self.anybody(), self.nth()).prop_map(|(node, nth)| Trigger::Saves {
                node,
                role: None,
                cell: None,
                nth,
            });
            sorts.push(saves.boxed());
        }
        if !self.news.is_empty() && !self.sessions.is_empty() {
            let news = prop::option::of(prop::sample::select(self.news.clone()));
            let hears = (self.anybody(), news, self.nth());
            let hears = hears.prop_map(|(node, up, nth)| Trigger::Hears {
                node,
                role: None,
                peer: None,
                up,
                nth,
            });
            sorts.push(hears.boxed());
        }
        if !self.roles.is_empty() {
            let role = prop::sample::select(self.roles.clone());
            let becomes = (self.anybody(), role, self.nth())
                .prop_map(|(node, role, nth)| Trigger::Becomes { node, role, nth });
            sorts.push(becomes.boxed());
        }
        Union::new(sorts).boxed()
    }

    pub(super) fn sending(&self) -> BoxedStrategy<Trigger> {
        (self.ends(), self.message(), self.nth())
            .prop_map(|((from, to), kind, nth)| Trigger::Sends {
                from,
                role: None,
                to,
                kind,
                text: None,
                nth,
            })
            .boxed()
    }

    /// Can the action disturb any message that the trigger can mean? A session keeps some off.
    pub(super) fn can_disturb(&self, sending: &Trigger, action: &Action) -> bool {
        let Trigger::Sends { from, to, .. } = sending else { return true };
        !(action.is_kept_off_by_sessions() && self.sessions.have_every(*from, *to))
    }

    /// The target of a fault: mostly a node by its number.
    pub(super) fn victim(&self) -> impl Strategy<Value = Victim> + use<> {
        let mut sorts = vec![
            (6, Just(Sort::Number).boxed()),
            (1, Just(Sort::Target(Target::It)).boxed()),
            (1, Just(Sort::Target(Target::Any)).boxed()),
        ];
        if self.is_vague {
            let some = prop::collection::btree_set(self.node(), 1..=2.min(self.nodes));
            let some = some.prop_map(|nodes| Target::AnyOf(nodes.into_iter().collect()));
            sorts.push((1, some.prop_map(Sort::Target).boxed()));
        }
        if !self.roles.is_empty() {
            let role = prop::sample::select(self.roles.clone());
            sorts.push((2, role.prop_map(|role| Sort::Target(Target::Role(role))).boxed()));
        }
        (self.node(), Union::new_weighted(sorts)).prop_map(|(node, sort)| Victim { node, sort })
    }

    /// A fault with what ends it, a span later. One that an event sets off is
    /// left to the calm; without a calm it strikes at an instant, too.
    pub(super) fn lasting(
        &self,
        when: When,
        at: TimeSpan,
        lasts: TimeSpan,
        [begin, end]: [Action; 2],
    ) -> Vec<Fault> {
        let at = match when {
            When::On(_) if self.is_calm_for_all => return vec![Fault::new(when, begin)],
            When::At(at) => at,
            When::Within(..) | When::On(_) | When::Each(_) | When::Every(_) => at,
        };
        let mut faults = vec![Fault::new(When::At(at), begin)];
        let ends = at.as_nanos().saturating_add(lasts.as_nanos());
        let is_calm = end.target().is_some_and(
            |(_, target)| matches!(target, Target::Node(node) if self.core.contains(&node)),
        );
        if ends < if is_calm { self.before } else { self.ends_before } {
            faults.push(Fault::new(When::At(TimeSpan::from_nanos(ends)), end));
        }
        faults
    }

    /// The first of a sort is the likeliest that there is.
    pub(super) fn nth(&self) -> impl Strategy<Value = Nth> + use<> {
        // From 1 on.
        (1..=self.last_nth).prop_map(|nth| Nth::new(nth).unwrap_or_default())
    }

    /// Sender and receiver; not a node and itself, where nothing can be disturbed.
    fn ends(&self) -> BoxedStrategy<(Option<NodeId>, Option<NodeId>)> {
        if self.nodes == 1 {
            return Just((None, None)).boxed();
        }
        let vague = if self.is_vague { 6 } else { 1 };
        (self.link(), 0..vague)
            .prop_map(|((from, to), vague)| match vague {
                3 => (Some(from), None),
                4 => (None, Some(to)),
                5 => (None, None),
                _ => (Some(from), Some(to)),
            })
            .boxed()
    }

    fn anybody(&self) -> BoxedStrategy<Option<NodeId>> {
        self.or_any(self.node().boxed())
    }

    fn message(&self) -> BoxedStrategy<Option<String>> {
        if self.messages.is_empty() {
            return Just(None).boxed();
        }
        self.or_any(prop::sample::select(self.messages.clone()).boxed())
    }

    fn or_any<T: Clone + fmt::Debug + 'static>(
        &self,
        one: BoxedStrategy<T>,
    ) -> BoxedStrategy<Option<T>> {
        let one = one.prop_map(Some);
        if self.is_vague { prop_oneof![3 => one, 1 => Just(None)].boxed() } else { one.boxed() }
    }

    fn unit(&self) -> u64 {
        UNITS.into_iter().find(|unit| self.before / unit >= FINE_ENOUGH).unwrap_or(1)
    }
}

/// The target of a fault, as far as it can be told without its event.
#[derive(Clone, Debug)]
pub(super) struct Victim {
    pub(super) node: NodeId,
    sort: Sort,
}

#[derive(Clone, Debug)]
enum Sort {
    Number,
    Target(Target),
}

impl Victim {
    /// "it" where there is an event, and a node's number where there is none.
    pub(super) fn of(&self, when: &When) -> Target {
        match &self.sort {
            Sort::Target(Target::It) if when.trigger().is_none() => self.node.into(),
            Sort::Target(target) => target.clone(),
            Sort::Number => self.node.into(),
        }
    }
}
