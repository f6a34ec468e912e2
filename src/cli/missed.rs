use std::collections::BTreeSet;

use rehearsal_machine::{NodeId, Time, printable};
use rehearsal_sim::page::Verdict;
use serde::Serialize;

use super::subject::Subject;

/// A check that failed because something did not happen in time.
#[derive(Serialize)]
pub(super) struct Missed {
    check: String,
    reason: String,
    #[serde(rename = "at_ns")]
    at: Time,
    detail: String,
    /// The nodes that its reason names, if it names any that something happened to.
    nodes: Vec<NodeId>,
    /// The last event of these nodes, or of any node.
    #[serde(skip)]
    pub(super) last_event: Option<u64>,
}

impl Missed {
    /// What this run missed; `None` if it held, or if an event broke a check.
    pub(super) fn of(run: &Subject) -> Option<Self> {
        let Verdict::Violated { check, reason, at, detail, is_of_step: false, .. } =
            run.judgement()
        else {
            return None;
        };
        let named = nodes_in(&format!("{reason} {detail}"));
        let mut last = None;
        let mut last_of_named = None;
        let mut nodes = BTreeSet::new();
        for event in run.events.iter() {
            let Some(node) = event.what.node() else { continue };
            last = Some(event.number);
            if named.contains(&node) {
                last_of_named = Some(event.number);
                nodes.insert(node);
            }
        }
        let nodes = nodes.into_iter().collect();
        Some(Self { check, reason, at, detail, nodes, last_event: last_of_named.or(last) })
    }

    /// What is missing, and which event is explained instead.
    pub(super) fn told(&self) -> String {
        let Self { check, reason, at, detail, nodes, .. } = self;
        let mut text = printable(&format!("FAIL  {check}: {reason}, at {at}ms")).into_owned();
        text.push('\n');
        for line in detail.lines().filter(|line| line != reason) {
            text += &format!("      {}\n", printable(line));
        }
        let whose = match nodes.as_slice() {
            [] => "in the run".to_owned(),
            [node] => format!("of {node}"),
            _ => "of the nodes that it names".to_owned(),
        };
        text += &format!("no event broke it, something did not happen; the last event {whose}:\n");
        text
    }
}

/// The nodes that a text names, such as `n3`.
fn nodes_in(text: &str) -> BTreeSet<NodeId> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let node = |word: &str| NodeId::new(word.strip_prefix('n')?.parse().ok()?);
    words.filter_map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_by_their_names_alone() {
        let found: Vec<_> =
            nodes_in("n3 leads; (n12), not n, none, n0, 4 or n3's").into_iter().collect();
        assert_eq!(found.iter().map(|node| node.number()).collect::<Vec<_>>(), [3, 12]);
    }
}
