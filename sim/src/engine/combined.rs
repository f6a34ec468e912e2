//! Combinations of properties, kept up to date event by event.
//!
//! A property of every node, and a combination of such properties without `Not`,
//! is asked of the nodes that an event changed ([`Tracked`]). A count of nodes is
//! asked of all nodes after every event, until the answer is clear; and so is
//! `Every` of a predicate with a `Not`.

use std::time::Duration;

use rehearsal_machine::{NodeId, Time};

use super::lead::Lead;
use super::tracked::{Found, Tracked};
use super::watch::Test;
use crate::check::Expect;
use crate::predicate::{Predicate, Scene, ask};
use crate::property::{Answer, Question};
use crate::protocol::Protocol;

/// A line of `expect` about a combination, and how the run stands with it.
pub(super) enum Combined<'a, T> {
    Always(Formula<'a, T>),
    Eventually {
        what: Formula<'a, T>,
        /// Since when it holds, if it does.
        since: Option<Time>,
        deadline: Time,
        is_over: bool,
    },
    LeadsTo {
        cause: Formula<'a, T>,
        effect: Formula<'a, T>,
        lead: Lead,
    },
    /// `Reaches` or `Sometimes`: `seen` is when it first held.
    Once {
        what: Formula<'a, T>,
        seen: Option<Time>,
    },
}

/// What an event shows to an expectation.
pub(super) struct Sight<'s, P: Protocol> {
    pub(super) scene: Scene<'s, P>,
    pub(super) changed: &'s [NodeId],
    /// Is the node one that liveness asks about?
    pub(super) is_core: &'s dyn Fn(NodeId) -> bool,
    pub(super) calm_at: Time,
}

/// How an expectation stands after an event.
pub(super) struct Standing {
    /// What is expected has failed, if this kind of expectation is judged.
    pub(super) is_broken: bool,
    /// How far a `LeadsTo` was put to the test.
    pub(super) test: Test,
    /// There is another deadline than before.
    pub(super) has_other_due: bool,
}

impl<'a, T> Combined<'a, T> {
    /// Nothing for what is asked only at the end.
    pub(super) fn new(expect: &'a Expect<T>, calm_at: Option<Time>) -> Option<Self> {
        Some(match expect {
            Expect::Always(what) => Self::Always(Formula::new(what)),
            Expect::Eventually { what, within, .. } => Self::Eventually {
                what: Formula::new(what),
                since: None,
                // The loader asks for `calm_at` wherever something counts from the calm.
                deadline: calm_at.unwrap_or_default() + *within,
                is_over: false,
            },
            Expect::LeadsTo { from, to, within, .. } => Self::LeadsTo {
                cause: Formula::new(from),
                effect: Formula::new(to),
                lead: Lead::new(within.as_duration()),
            },
            Expect::Reaches(what) | Expect::Sometimes(what) => {
                Self::Once { what: Formula::new(what), seen: None }
            }
            Expect::AtEnd(_) => return None,
        })
    }

    /// The deadline that is not over, if there is one.
    pub(super) fn due(&self) -> Option<Time> {
        match self {
            Self::Eventually { deadline, is_over: false, .. } => Some(*deadline),
            Self::LeadsTo { lead, .. } => lead.due(),
            Self::Eventually { .. } | Self::Always(_) | Self::Once { .. } => None,
        }
    }

    /// Is the deadline over, so that it has to hold from now on?
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Eventually { is_over: true, .. })
    }

    /// The deadline is over.
    pub(super) fn pass(&mut self) {
        match self {
            Self::Eventually { is_over, .. } => *is_over = true,
            Self::LeadsTo { lead, .. } => lead.pass(),
            Self::Always(_) | Self::Once { .. } => {}
        }
    }

    /// When it came to hold, as far as that is told of it.
    pub(super) fn since(&self) -> Option<Time> {
        match self {
            Self::Eventually { since, .. } => *since,
            Self::Once { seen, .. } => *seen,
            Self::Always(_) | Self::LeadsTo { .. } => None,
        }
    }

    /// How long it took.
    pub(super) fn took(&self, calm_at: Time) -> Option<Duration> {
        match self {
            Self::Eventually { since, .. } => Some((*since)?.since(calm_at)),
            Self::LeadsTo { lead, .. } => lead.longest(),
            Self::Always(_) | Self::Once { .. } => None,
        }
    }

    pub(super) fn update<P: Protocol<Property = T>>(&mut self, sight: &Sight<'_, P>) -> Standing {
        let mut standing = Standing { is_broken: false, test: Test::None, has_other_due: false };
        let world = sight.scene.world;
        let now = world.now();
        match self {
            Self::Always(what) => {
                standing.is_broken = !what.update(sight, &|node| world.has_begun(node));
            }
            Self::Eventually { what, since, is_over, .. } => {
                if what.update(sight, sight.is_core) {
                    since.get_or_insert(now);
                } else {
                    *since = None;
                    standing.is_broken = *is_over;
                }
            }
            Self::LeadsTo { cause, effect, lead } => {
                let before = lead.due();
                let cause = cause.update(sight, sight.is_core);
                let effect = effect.update(sight, sight.is_core);
                standing.test = lead.follow(cause, effect, now, sight.calm_at);
                standing.has_other_due = lead.due() != before;
            }
            Self::Once { what, seen: seen @ None } => {
                *seen = what.update(sight, &|_| true).then_some(now);
            }
            Self::Once { .. } => {}
        }
        standing
    }
}

/// A predicate, and what has to be remembered to keep its answer up to date.
pub(super) enum Formula<'a, T> {
    Property(&'a T, Tracked),
    /// Of every node, where no node's answer turns to no by another node's event.
    Every(&'a Predicate<T>, Tracked),
    /// Of every node, asked afresh.
    EveryAfresh(&'a Predicate<T>),
    /// Of so many nodes at least, which are up.
    AtLeast(usize, &'a Predicate<T>),
    Quiet,
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<'a, T> Formula<'a, T> {
    fn new(predicate: &'a Predicate<T>) -> Self {
        let parts = |parts: &'a [Predicate<T>]| parts.iter().map(Self::new).collect();
        match predicate {
            Predicate::Property(property) => Self::Property(property, Tracked::new()),
            Predicate::All(all) => Self::All(parts(all)),
            Predicate::Any(any) => Self::Any(parts(any)),
            Predicate::Not(part) => Self::Not(Box::new(Self::new(part))),
            Predicate::Every(of) if has_not(of) => Self::EveryAfresh(of),
            Predicate::Every(of) => Self::Every(of, Tracked::new()),
            Predicate::AtLeast(nodes, of) => Self::AtLeast(*nodes as usize, of),
            Predicate::AtMost(nodes, of) => {
                Self::Not(Box::new(Self::AtLeast(*nodes as usize + 1, of)))
            }
            Predicate::Quiet => Self::Quiet,
        }
    }

    /// Does it hold after the event?
    fn update<P: Protocol<Property = T>>(
        &mut self,
        sight: &Sight<'_, P>,
        is_asked: &dyn Fn(NodeId) -> bool,
    ) -> bool {
        let world = sight.scene.world;
        let (now, nodes) = (world.now(), world.nodes().len());
        let mut asked = world.nodes().filter(|node| is_asked(*node));
        match self {
            Self::Property(property, tracked) => {
                tracked.update(now, sight.changed, nodes, |node| {
                    let Answer { is_of_world, violation } = sight.answer(property, node);
                    let is_asked = is_of_world || is_asked(node);
                    Found { is_of_world, holds: violation.is_none() || !is_asked }
                });
                tracked.holds()
            }
            Self::Every(of, tracked) => {
                tracked.update(now, sight.changed, nodes, |node| Found {
                    is_of_world: false,
                    holds: !is_asked(node) || sight.holds_of(of, node),
                });
                tracked.holds()
            }
            Self::EveryAfresh(of) => asked.all(|node| sight.holds_of(of, node)),
            Self::AtLeast(nodes, of) => {
                let up = asked.filter(|node| world.is_up(*node));
                let having = up.filter(|node| sight.holds_of(of, *node));
                having.take(*nodes).count() == *nodes
            }
            Self::Quiet => sight.scene.under_way == 0,
            Self::Not(part) => !part.update(sight, is_asked),
            Self::All(parts) => holding(parts, sight, is_asked) == parts.len(),
            Self::Any(parts) => holding(parts, sight, is_asked) > 0,
        }
    }
}

/// How many of the parts hold after the event, all of which are told of it.
fn holding<P: Protocol>(
    parts: &mut [Formula<'_, P::Property>],
    sight: &Sight<'_, P>,
    is_asked: &dyn Fn(NodeId) -> bool,
) -> usize {
    parts.iter_mut().map(|part| part.update(sight, is_asked)).filter(|holds| *holds).count()
}

impl<P: Protocol> Sight<'_, P> {
    fn answer(&self, property: &P::Property, node: NodeId) -> Answer {
        let Scene { world, memory, .. } = self.scene;
        P::holds(property, Question::new(world, memory, node, false))
    }

    fn holds_of(&self, predicate: &Predicate<P::Property>, node: NodeId) -> bool {
        match predicate {
            Predicate::Property(property) => self.answer(property, node).is_yes(),
            Predicate::All(parts) => parts.iter().all(|part| self.holds_of(part, node)),
            Predicate::Any(parts) => parts.iter().any(|part| self.holds_of(part, node)),
            Predicate::Not(part) => !self.holds_of(part, node),
            // The validator lets nothing about the world stand where a node is asked about.
            about_world => ask(about_world, &self.scene, |_| true).refutation.is_none(),
        }
    }
}

/// Is there a `Not` in what is said of a node?
fn has_not<T>(predicate: &Predicate<T>) -> bool {
    match predicate {
        Predicate::Not(_) => true,
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(has_not),
        _ => false,
    }
}
