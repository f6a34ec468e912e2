//! A collect: the reports of nodes, and the verdict on them.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::{Account, Config, Form};
use crate::deadlock::Verdict;
use crate::deadlock::graph::{Diagnosis, Roots, Rule, WaitForGraph};
use crate::deadlock::leader::PendingVictims;
use crate::deadlock::leader::{found, judge};
use crate::resource::{RequestId, View};
use rehearsal_machine::NodeId;

/// A collect that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Collect {
    /// Its number among all of this leader's.
    pub(super) number: u64,
    /// Who reported what, in the order in which it came.
    accounts: Vec<(NodeId, Account)>,
    reported: BTreeSet<NodeId>,
    /// What was reported in the first of two phases.
    pub(super) earlier: Option<Vec<(NodeId, Account)>>,
}

impl Collect {
    pub(super) fn new(number: u64, earlier: Option<Vec<(NodeId, Account)>>) -> Self {
        Self { number, accounts: Vec::new(), reported: BTreeSet::new(), earlier }
    }

    /// False if the node has reported before.
    pub(super) fn add(&mut self, from: NodeId, account: Account) -> bool {
        let is_first = self.reported.insert(from);
        if is_first {
            self.accounts.push((from, account));
        }
        is_first
    }

    pub(super) fn silent(&self, nodes: u32) -> impl Iterator<Item = NodeId> {
        NodeId::all(nodes).filter(|node| !self.reported.contains(node))
    }

    pub(super) fn into_accounts(self) -> Vec<(NodeId, Account)> {
        self.accounts
    }

    /// The verdict. `condemned` are the requests that are to be given up
    /// since an earlier collect; it is brought up to date.
    pub(super) fn verdict(&self, config: &Config, condemned: &mut PendingVictims) -> Verdict {
        let mut verdict = match config.form {
            Form::AsPrinted => self.searched(config, Rule::Printed),
            Form::AsMeant => self.searched(config, Rule::Meant),
            Form::TwoPhase => self.in_both(config),
            Form::Confirmed => self.confirmed(config, condemned),
        };
        verdict.blocked_on = self.blocked_on();
        verdict
    }

    fn searched(&self, config: &Config, rule: Rule) -> Verdict {
        let graph = listed(config.nodes, &self.accounts, |_, _| true);
        let cycle = graph.search(rule, Roots::All).unwrap_or_default();
        let mut deadlocked = cycle.to_vec();
        deadlocked.sort_unstable();
        let on_cycle = deadlocked.clone();
        let diagnosis = Diagnosis { deadlocked, on_cycle, cycle, ..Diagnosis::default() };
        Verdict::of(&graph, diagnosis)
    }

    fn in_both(&self, config: &Config) -> Verdict {
        let earlier: BTreeSet<_> = self
            .earlier
            .iter()
            .flatten()
            .flat_map(|(from, account)| targets(account).map(|to| (*from, to)))
            .collect();
        let graph = listed(config.nodes, &self.accounts, |from, to| earlier.contains(&(from, to)));
        found(&graph)
    }

    fn confirmed(&self, config: &Config, condemned: &mut PendingVictims) -> Verdict {
        let report = |(from, account)| Some((from, tables(account)?));
        let accounts = self.accounts.iter().map(|(from, account)| (*from, account));
        let reports: Vec<_> = accounts.filter_map(report).collect();
        judge(config.nodes, &reports, condemned, config.victims)
    }

    /// The nodes that wait for a node that has not reported.
    fn blocked_on(&self) -> Vec<(NodeId, NodeId)> {
        let mut pairs = Vec::new();
        for (from, account) in &self.accounts {
            let silent = targets(account).filter(|to| !self.reported.contains(to));
            pairs.extend(silent.map(|to| (*from, to)));
        }
        pairs
    }
}

fn tables(account: &Account) -> Option<&View> {
    match account {
        Account::Tables(view) => Some(view),
        Account::List(_) => None,
    }
}

/// The nodes for which the node waits, by its account.
pub(super) fn targets(account: &Account) -> impl Iterator<Item = NodeId> {
    let (list, view) = match account {
        Account::List(list) => (Some(list), None),
        Account::Tables(view) => (None, view.wait.as_ref()),
    };
    let open = view.into_iter().flat_map(|wait| wait.open.iter().map(|(to, _)| *to));
    list.into_iter().flatten().copied().chain(open)
}

/// The graph of such edges of lists, each node of which waits for all it names.
fn listed(
    nodes: u32,
    accounts: &[(NodeId, Account)],
    is_edge: impl Fn(NodeId, NodeId) -> bool,
) -> WaitForGraph {
    let mut graph = WaitForGraph::new(nodes);
    for (from, account) in accounts {
        let edges: Vec<_> = targets(account)
            .filter(|to| is_edge(*from, *to))
            .map(|to| (to, RequestId { by: *from, number: 0 }))
            .collect();
        let need = u32::try_from(edges.len()).unwrap_or(u32::MAX);
        let _ = graph.wait(*from, need, edges);
    }
    graph
}
