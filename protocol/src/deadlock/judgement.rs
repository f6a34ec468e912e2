//! What comes of reports, whoever has collected them.

use super::condemned::Condemned;
use super::graph::WaitForGraph;
use super::reports::{Report, confirmed};
use super::{Verdict, Victims};
use crate::resource::View;
use rehearsal_machine::mutant;

/// What both ends of every edge know of, and with a policy who gives up.
/// `condemned` is brought up to date.
pub(super) fn judge(
    nodes: u32,
    reports: &[Report<&View>],
    condemned: &mut Condemned,
    policy: Option<Victims>,
) -> Verdict {
    condemned.keep_open(reports);
    let graph = confirmed(nodes, condemned.others(reports));
    let mut verdict = found(&graph);
    if let Some(policy) = policy {
        if !condemned.are_awaited(reports) || mutant!(ChoosesMeanwhile) {
            condemned.choose(&graph, reports, policy);
        }
        verdict.victims = condemned.reported(reports);
    }
    verdict
}

/// What a graph says.
pub(super) fn found(graph: &WaitForGraph) -> Verdict {
    Verdict::of(graph, graph.diagnosis())
}
