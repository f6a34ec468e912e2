use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rehearsal_machine::{NodeId, Time};
use rehearsal_protocol::deadlock::{Site, Verdict};
use rehearsal_sim::World;

use super::sites::{HasSite, site_of};
use super::truth::graph;

/// Verdicts that have outlived what they say.
///
/// A node ceases to be deadlocked only when a wait ends or a node goes down. So the true graph is
/// made only then, and only if a verdict names a node at all.
#[derive(Debug, Default)]
pub(super) struct Stale {
    /// The nodes whose own latest verdict is that there is a deadlock.
    finders: BTreeSet<NodeId>,
    /// Since when a verdict, by its finder and a node that it names, has not been true.
    since: BTreeMap<(NodeId, NodeId), Time>,
    /// A node has gone down or has come up since the last step.
    has_changed: bool,
}

impl Stale {
    /// A finder, and a node that it still names longer than this after that was true.
    pub(super) fn longer_than(&self, now: Time, within: Duration) -> Option<(NodeId, NodeId)> {
        let is_longer = |since: &Time| now > *since + within;
        self.since.iter().find(|(_, since)| is_longer(since)).map(|(names, _)| *names)
    }

    /// The node has lost its verdicts, and its wait.
    pub(super) fn start_or_crash(&mut self, node: NodeId) {
        self.has_changed = true;
        self.finders.remove(&node);
        self.since.retain(|(finder, _), _| *finder != node);
    }

    /// A step of this node is over, after which it may wait for something else.
    pub(super) fn step<M: HasSite>(
        &mut self,
        world: &World<M>,
        node: NodeId,
        has_other_wait: bool,
        now: Time,
    ) {
        let site = site_of(world, node);
        let was_finder = self.finders.contains(&node);
        let is_finder = own_latest(world, node).is_some_and(Verdict::is_deadlock);
        if is_finder {
            self.finders.insert(node);
        } else {
            self.finders.remove(&node);
        }
        let has_news = was_finder != is_finder || site.is_some_and(|site| !site.found().is_empty());
        let has_changed = std::mem::take(&mut self.has_changed) || has_other_wait || has_news;
        if !has_changed {
            return;
        }
        if self.finders.is_empty() {
            return self.since.clear();
        }
        let truth = graph(world, None).deadlocked();
        let named = |finder: &NodeId| {
            let named =
                own_latest(world, *finder).map(|verdict| verdict.diagnosis.deadlocked.clone());
            let finder = *finder;
            named.unwrap_or_default().into_iter().map(move |named| (finder, named))
        };
        let pairs = self.finders.iter().flat_map(named);
        let untrue = pairs.filter(|(_, named)| !truth.contains(named));
        self.since = untrue.map(|pair| (pair, *self.since.get(&pair).unwrap_or(&now))).collect();
    }
}

/// The latest verdict that the node knows of, if the node found it itself.
fn own_latest<M: HasSite>(world: &World<M>, node: NodeId) -> Option<&Verdict> {
    let (by, verdict) = site_of(world, node).and_then(Site::latest)?;
    (by == node).then_some(verdict)
}
