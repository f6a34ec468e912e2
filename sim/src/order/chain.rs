use rehearsal_machine::NodeId;

use super::node::{Event, MessageIndex};
use super::oracle::Oracle;

/// A message that should have been delivered, and why.
pub(super) struct Chain {
    pub(super) missing: MessageIndex,
    /// From the send of `missing` to the send of the message that overtook it.
    pub(super) events: Vec<(NodeId, Event)>,
}

/// How the search came to know a prefix of a node's events: by this message of the
/// node, which was delivered at a node that the search had reached before.
struct Hop {
    sender: usize,
    message: MessageIndex,
    receiver: usize,
    /// How the search came to know the receiver's events.
    next: Option<usize>,
}

/// Some of a node's events that the search has reached.
struct Reached {
    node: usize,
    events: std::ops::Range<usize>,
    by: Option<usize>,
}

/// The chain with the fewest deliveries from a message that `receiver` has not
/// delivered to the send of `overtaking`. The search is breadth-first, from the send of
/// `overtaking` backwards; each event of a node is visited once.
///
/// `None` if no message is missing.
pub(super) fn shortest<M>(
    oracle: &Oracle<M>,
    receiver: NodeId,
    overtaking: MessageIndex,
) -> Option<Chain> {
    let last = oracle.message(overtaking);
    let mut known = vec![0; oracle.node_count()];
    let mut hops: Vec<Hop> = Vec::new();
    known[last.from.index()] = last.at();
    let mut frontier = vec![Reached { node: last.from.index(), events: 0..last.at(), by: None }];
    while !frontier.is_empty() {
        let found = frontier.iter().find_map(|reached| {
            let missing = oracle.latest_pending(receiver, reached.node, reached.events.end)?;
            Some((missing, reached.by))
        });
        if let Some((missing, by)) = found {
            return Some(Chain { missing, events: events(oracle, &hops, missing, by, overtaking) });
        }
        // How far each node is known by one more delivery.
        let mut next: Vec<Option<Reached>> = known.iter().map(|_| None).collect();
        for reached in &frontier {
            for event in &oracle.events(reached.node)[reached.events.clone()] {
                let Event::Delivered(message) = *event else { continue };
                let sent = oracle.message(message);
                let (sender, end) = (sent.from.index(), sent.at() + 1);
                if end > known[sender] {
                    let events =
                        next[sender].as_ref().map_or(known[sender], |next| next.events.start);
                    known[sender] = end;
                    let by = hops.len();
                    hops.push(Hop { sender, message, receiver: reached.node, next: reached.by });
                    next[sender] =
                        Some(Reached { node: sender, events: events..end, by: Some(by) });
                }
            }
        }
        frontier = next.into_iter().flatten().collect();
    }
    None
}

fn events<M>(
    oracle: &Oracle<M>,
    hops: &[Hop],
    missing: MessageIndex,
    mut by: Option<usize>,
    overtaking: MessageIndex,
) -> Vec<(NodeId, Event)> {
    let mut events = vec![(oracle.message(missing).from, Event::Sent(missing))];
    while let Some(hop) = by.map(|by| &hops[by]) {
        if hop.message != missing {
            events.push((NodeId::from_index(hop.sender), Event::Sent(hop.message)));
        }
        events.push((NodeId::from_index(hop.receiver), Event::Delivered(hop.message)));
        by = hop.next;
    }
    events.push((oracle.message(overtaking).from, Event::Sent(overtaking)));
    events
}
