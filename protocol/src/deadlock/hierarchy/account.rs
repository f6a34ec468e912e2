//! What a controller makes of what is below it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use super::{Account, Tree};
use crate::deadlock::Verdict;
use crate::deadlock::graph::WaitForGraph;
use crate::deadlock::leader::found;
use crate::deadlock::reports::{Report, is_known, supposing};
use crate::resource::{RequestId, View, Wait};
use rehearsal_machine::{NodeId, mutant};

/// The accounts of a round, as they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Collect {
    pub(super) round: u64,
    pub(super) accounts: BTreeMap<NodeId, Account>,
}

/// A node and all below it.
#[derive(Clone, Copy)]
pub(super) struct Subtree<'a> {
    pub(super) tree: &'a Tree,
    pub(super) top: NodeId,
    pub(super) collect: &'a Collect,
}

impl<'a> Subtree<'a> {
    /// What all have reported, and what the top knows itself.
    pub(super) fn reports(&self, of_top: &'a View) -> Vec<Report<&'a View>> {
        let accounts = self.collect.accounts.values();
        let below = accounts.flat_map(|account| &account.undecided);
        let below = below.map(|(node, view)| (*node, view));
        [(self.top, of_top)].into_iter().chain(below).collect()
    }

    /// Who is dead whatever happens outside is so in this graph.
    pub(super) fn graph(&self, reports: &[Report<&View>]) -> WaitForGraph {
        let takes_for_stuck = |node| mutant!(SilenceWaits) && self.is_silent(node);
        supposing(self.tree.nodes(), reports.iter().copied(), takes_for_stuck)
    }

    /// What this graph says that nobody below has said.
    pub(super) fn verdict(&self, graph: &WaitForGraph, reports: &[Report<&View>]) -> Verdict {
        let mut verdict = found(graph);
        let known: BTreeSet<_> =
            reports.iter().filter(|(_, view)| is_dead(view)).map(|(node, _)| *node).collect();
        verdict.diagnosis.deadlocked.retain(|node| !known.contains(node));
        verdict.diagnosis.behind.retain(|node| !known.contains(node));
        for (waiter, view) in reports {
            let open = view.wait.iter().flat_map(|wait| &wait.open);
            let silent = open.map(|(to, _)| *to).filter(|to| self.is_silent(*to));
            verdict.blocked_on.extend(silent.map(|to| (*waiter, to)));
        }
        verdict
    }

    /// What is left to those above: see the module's documentation. Nodes with one of these
    /// requests must not give up.
    pub(super) fn undecided(
        &self,
        reports: &[Report<&View>],
        spared: &BTreeSet<RequestId>,
    ) -> Vec<Report<View>> {
        let dead = set(&self.graph(reports));
        let is_outside = |node| !self.tree.has(self.top, node) && !mutant!(OutsideIsFree);
        let graph = supposing(self.tree.nodes(), reports.iter().copied(), is_outside);
        let stuck = set(&graph);
        let mut undecided = Vec::new();
        for (node, view) in reports.iter().filter(|(node, _)| stuck.contains(node)) {
            let mut view = View { wait: view.wait.clone(), pending: view.pending.clone() };
            if dead.contains(node) {
                view.pending.retain(|(waiter, _)| is_outside(*waiter));
                if view.pending.is_empty() || mutant!(DeadUntold) {
                    continue;
                }
                view.wait = Some(Wait { need: 1, open: vec![], since: None });
            } else if let Some(wait) = &mut view.wait {
                if wait.open.iter().any(|(_, request)| spared.contains(request)) {
                    wait.since = None;
                }
                let edges: Vec<_> = graph.edges_of(*node).collect();
                let granted = edges.iter().filter(|edge| !stuck.contains(&edge.to)).count();
                wait.need = graph.need(*node).saturating_sub(granted as u32);
                let matters = |to| stuck.contains(&to) && !dead.contains(&to);
                let open = edges.iter().filter(|edge| matters(edge.to));
                wait.open = open.map(|edge| (edge.to, edge.request)).collect();
                view.pending.retain(|(waiter, _)| matters(*waiter));
            }
            undecided.push((*node, view));
        }
        undecided.sort_unstable_by_key(|(node, _)| *node);
        undecided
    }

    /// Is the node below one that has not answered?
    pub(super) fn is_silent(&self, node: NodeId) -> bool {
        let below = self.tree.below(self.top).iter();
        let mut silent = below.filter(|below| !self.collect.accounts.contains_key(below));
        silent.any(|below| self.tree.has(*below, node))
    }
}

/// Can the account have come from `from`: does it tell only of nodes below
/// `from`, of each once, and name only nodes of the tree?
pub(super) fn is_from(account: &Account, from: NodeId, tree: &Tree) -> bool {
    let undecided = &account.undecided;
    let is_right =
        |(node, view): &Report<View>| tree.has(from, *node) && is_known(view, tree.nodes());
    undecided.iter().all(is_right) && undecided.is_sorted_by(|one, next| one.0 < next.0)
}

/// Somebody below has found so, and put it like this.
fn is_dead(view: &View) -> bool {
    view.wait.as_ref().is_some_and(|wait| wait.need > 0 && wait.open.is_empty())
}

fn set(graph: &WaitForGraph) -> BTreeSet<NodeId> {
    graph.deadlocked().into_iter().collect()
}
