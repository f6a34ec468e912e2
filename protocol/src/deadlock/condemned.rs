//! Who has been told to give up, or will be, and may not have done so yet.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Victims;
use super::graph::WaitForGraph;
use super::reports::Report;
use crate::resource::{RequestId, View};
use rehearsal_machine::{NodeId, mutant};

/// Requests that were found are to be given up, and that were open when we last
/// heard of them: of each node one, as it has no two at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Condemned {
    numbers: BTreeMap<NodeId, u64>,
}

impl Condemned {
    /// Of one node the newest counts.
    pub(super) fn add(&mut self, request: RequestId) {
        let number = self.numbers.entry(request.by).or_insert(request.number);
        *number = request.number.max(*number);
    }

    pub(super) fn clear(&mut self) {
        self.numbers.clear();
    }

    /// Forgets what is not open any more, as its node reports.
    pub(super) fn keep_open(&mut self, reports: &[Report<&View>]) {
        let views = by_node(reports);
        self.numbers.retain(|&by, &mut number| {
            let is_open = |view: &&View| view.waits_for(RequestId { by, number });
            views.get(&by).is_none_or(is_open) && !mutant!(ForgetsVictims)
        });
    }

    /// Is anybody still to give up, as its node reports?
    pub(super) fn are_awaited(&self, reports: &[Report<&View>]) -> bool {
        reports.iter().any(|(node, view)| self.has(*node, view))
    }

    /// Those that are not to give up: whoever is will, and is as good as free.
    pub(super) fn others<'a>(&self, reports: &[Report<&'a View>]) -> Vec<Report<&'a View>> {
        reports.iter().copied().filter(|(node, view)| !self.has(*node, view)).collect()
    }

    fn has(&self, by: NodeId, view: &View) -> bool {
        let number = self.numbers.get(&by);
        number.is_some_and(|&number| view.waits_for(RequestId { by, number }))
    }

    /// Chooses who gives up so that nobody in this graph of these reports is
    /// deadlocked. Only where nobody else is still to give up: what one who is
    /// chosen now gives might set an earlier one free that has not heard of it yet.
    pub(super) fn choose(
        &mut self,
        graph: &WaitForGraph,
        reports: &[Report<&View>],
        policy: Victims,
    ) {
        let views = by_node(reports);
        let wait = |node: &NodeId| views.get(node).and_then(|view| view.wait.as_ref());
        // A lock cannot give up, which is why it has no age.
        let rank = |node: NodeId| {
            let since = wait(&node).and_then(|wait| wait.since);
            let age = since.filter(|_| policy == Victims::Youngest);
            (since.is_some(), age, node)
        };
        let chosen = graph.victims(rank);
        let needed = if mutant!(NeedlessVictims) { chosen } else { graph.needed(&chosen) };
        for node in needed {
            if let Some((_, request)) = wait(&node).and_then(|wait| wait.open.first()) {
                self.add(*request);
            }
        }
    }

    /// Those of them whose nodes have reported.
    pub(super) fn reported(&self, reports: &[Report<&View>]) -> Vec<RequestId> {
        let views = by_node(reports);
        let reported = self.numbers.iter().filter(|(by, _)| views.contains_key(by));
        reported.map(|(&by, &number)| RequestId { by, number }).collect()
    }
}

fn by_node<'a>(reports: &[Report<&'a View>]) -> BTreeMap<NodeId, &'a View> {
    reports.iter().copied().collect()
}
