//! What leaders of the central detectors have in common, whatever they ask: their
//! term, the victims that have not given up yet, the judgement of reports, and the
//! verdicts of others.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;

use super::graph::WaitForGraph;
use super::reports::{Report, confirmed};
use super::victims::{Candidate, announce};
use super::{DetectorInput, Output, Unexpected, Verdict, Victims};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Machine, NodeId, mutant};

/// A node's part in looking for deadlocks as the leader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Leading {
    is_leader: bool,
    /// Whether it has come to no verdict yet. It does not know the victims of the last
    /// leader. They give up meanwhile, so it chooses none in its first verdict.
    is_new: bool,
    /// Requests that it has found are to be given up, and that were open when it
    /// last heard of them.
    pub(super) condemned: PendingVictims,
}

/// What has become of the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    Taken,
    Lost,
    AsBefore,
}

impl Leading {
    pub(super) fn is_leader(&self) -> bool {
        self.is_leader
    }

    /// This one leads from now on, as far as we know.
    pub(super) fn follow(&mut self, leader: Option<NodeId>, me: NodeId) -> Lead {
        let is_leader = leader == Some(me);
        if mem::replace(&mut self.is_leader, is_leader) == is_leader {
            return Lead::AsBefore;
        }
        self.is_new = is_leader;
        self.condemned.clear();
        if is_leader { Lead::Taken } else { Lead::Lost }
    }

    /// Who gives up by the verdict that it comes to now.
    pub(super) fn victims(&mut self, policy: Option<Victims>) -> Option<Victims> {
        let is_new = mem::take(&mut self.is_new);
        policy.filter(|_| !is_new)
    }
}

/// Requests that were found are to be given up, and that were open when we last
/// heard of them: of each node one, as it has no two at a time.
///
/// A node that gives up may set an earlier victim free, which then gives up in vain if
/// it learns late that it is a victim. So nobody is chosen while a victim that reports is
/// still to give up. A victim that is silent may be down for good, and does not stop the
/// choice: only the nodes for which it waits, directly or not, are not chosen, because
/// nothing that the others do sets it free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PendingVictims {
    victims: BTreeMap<NodeId, Victim>,
}

/// What a node is to give up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Victim {
    number: u64,
    /// The requests of the nodes for which it waits, directly or not, even after all other
    /// victims have given up. A node that makes another request is not among these nodes
    /// any more.
    holders: BTreeSet<RequestId>,
}

impl PendingVictims {
    /// `request` is one of those that `victims` give up, as was found in this graph. Of
    /// one node the newest counts.
    pub(super) fn add(&mut self, request: RequestId, graph: &WaitForGraph, victims: &[NodeId]) {
        let victim = self.victims.entry(request.by).or_default();
        if request.number > victim.number {
            let holders = graph.holders(request.by, victims).into_iter();
            let requests = holders.filter_map(|node| graph.edges_of(node).next());
            victim.number = request.number;
            victim.holders = requests.map(|edge| edge.request).collect();
        }
    }

    pub(super) fn clear(&mut self) {
        self.victims.clear();
    }

    /// Forgets what is not open any more, as its node reports.
    pub(super) fn keep_open(&mut self, reports: &[Report<&View>]) {
        let views = by_node(reports);
        self.victims.retain(|&by, victim| {
            let is_open = |view: &&View| view.waits_for(RequestId { by, number: victim.number });
            views.get(&by).is_none_or(is_open) && !mutant!(ForgetsVictims)
        });
    }

    /// Whether a victim still has to give up, by the report of its node.
    pub(super) fn are_awaited(&self, reports: &[Report<&View>]) -> bool {
        reports.iter().any(|(node, view)| self.has(*node, view))
    }

    /// The reports of nodes that are not victims. A victim will give up, so it counts
    /// as free.
    pub(super) fn others<'a>(&self, reports: &[Report<&'a View>]) -> Vec<Report<&'a View>> {
        reports.iter().copied().filter(|(node, view)| !self.has(*node, view)).collect()
    }

    fn has(&self, by: NodeId, view: &View) -> bool {
        let victim = self.victims.get(&by);
        victim.is_some_and(|victim| view.waits_for(RequestId { by, number: victim.number }))
    }

    /// The requests of the nodes for which silent victims wait.
    pub(super) fn holders(&self, is_silent: impl Fn(NodeId) -> bool) -> BTreeSet<RequestId> {
        let silent = self.victims.iter().filter(|(by, _)| is_silent(**by));
        let holders = silent.flat_map(|(_, victim)| &victim.holders).copied();
        holders.filter(|_| !mutant!(ChoosesMeanwhile)).collect()
    }

    /// Chooses who gives up so that nobody in this graph of these reports is deadlocked,
    /// as far as this is possible without these holders.
    pub(super) fn choose(
        &mut self,
        graph: &WaitForGraph,
        reports: &[Report<&View>],
        policy: Victims,
        holders: &BTreeSet<RequestId>,
    ) {
        let views = by_node(reports);
        let candidate = |node: &NodeId| {
            let candidate = views.get(node).and_then(|view| Candidate::from_view(view));
            candidate.filter(|candidate| !holders.contains(&candidate.request))
        };
        let rank = |node: NodeId| {
            let since = candidate(&node).map(|candidate| candidate.since);
            let age = since.filter(|_| policy == Victims::Youngest);
            (since.is_some(), age, node)
        };
        let chosen = graph.victims(rank);
        let needed = if mutant!(NeedlessVictims) { chosen } else { graph.needed(&chosen) };
        for candidate in needed.iter().filter_map(candidate) {
            self.add(candidate.request, graph, &needed);
        }
    }

    /// Those of them whose nodes have reported.
    pub(super) fn reported(&self, reports: &[Report<&View>]) -> Vec<RequestId> {
        let views = by_node(reports);
        let reported = self.victims.iter().filter(|(by, _)| views.contains_key(by));
        reported.map(|(&by, victim)| RequestId { by, number: victim.number }).collect()
    }
}

fn by_node<'a>(reports: &[Report<&'a View>]) -> BTreeMap<NodeId, &'a View> {
    reports.iter().copied().collect()
}

/// What both ends of every edge know of, and with a policy who gives up.
/// `condemned` is brought up to date.
pub(super) fn judge(
    nodes: u32,
    reports: &[Report<&View>],
    condemned: &mut PendingVictims,
    policy: Option<Victims>,
) -> Verdict {
    condemned.keep_open(reports);
    let graph = confirmed(nodes, condemned.others(reports));
    let mut verdict = found(&graph);
    if let Some(policy) = policy {
        if !condemned.are_awaited(reports) || mutant!(ChoosesMeanwhile) {
            // Every victim that is left is silent.
            let holders = condemned.holders(|_| true);
            condemned.choose(&graph, reports, policy, &holders);
        }
        verdict.victims = condemned.reported(reports);
    }
    verdict
}

/// What a graph says.
pub(super) fn found(graph: &WaitForGraph) -> Verdict {
    Verdict::of(graph, graph.diagnosis())
}

/// The latest verdict that came from a leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    latest: Option<(NodeId, u64)>,
}

impl Heard {
    /// Takes the verdict of this number of a leader's, unless a later one of
    /// that leader has come before it.
    pub(super) fn take<M>(
        &mut self,
        from: NodeId,
        number: u64,
        verdict: Verdict,
        nodes: u32,
        cx: &mut Context<'_, M>,
    ) -> Result<(), Unexpected>
    where
        M: Machine<Command = DetectorInput, Output = Output>,
    {
        let is_later = |(leader, latest): (NodeId, u64)| leader == from && latest > number;
        if !verdict.is_known(nodes) {
            return Err(Unexpected::StrangeName);
        }
        if self.latest.is_some_and(is_later) {
            return Err(Unexpected::StaleVerdict);
        }
        self.latest = Some((from, number));
        announce(verdict, |verdict| Output::Hears { from, verdict }, cx);
        Ok(())
    }
}
