use alloc::collections::BTreeMap;

use super::Record;
use crate::resource::{Message, RequestId, View};
use rehearsal_machine::{NodeId, mutant};

/// The views of all nodes as if all messages in flight had arrived, and no node had
/// reacted.
pub(super) fn settled(records: &BTreeMap<NodeId, Record>) -> BTreeMap<NodeId, View> {
    let views = records.iter().map(|(node, record)| (*node, record.view.clone()));
    let mut views: BTreeMap<NodeId, View> = views.collect();
    if mutant!(ForgetsChannels) {
        return views;
    }
    for (to, view) in &mut views {
        let channels = records.get(to).map(|record| record.channels.as_slice());
        for (from, message) in channels.into_iter().flatten() {
            let is_lent =
                |request| records.get(from).is_some_and(|record| record.view.awaits(*to, request));
            arrive(view, *from, *to, *message, is_lent);
        }
    }
    views
}

fn arrive(
    view: &mut View,
    from: NodeId,
    to: NodeId,
    message: Message,
    is_lent: impl Fn(RequestId) -> bool,
) {
    match message {
        Message::Request { number } => owe(view, from, RequestId { by: from, number }),
        Message::Grant { number } => {
            let request = RequestId { by: to, number };
            // A node that does not want it any more gives it back.
            if view.awaits(from, request) {
                end(view, from, request);
                if is_lent(request) {
                    owe(view, from, request);
                }
            }
        }
        // The sender has already removed its own end of the edge.
        Message::Cancel { .. } | Message::Release { .. } => {}
    }
}

fn owe(view: &mut View, to: NodeId, request: RequestId) {
    if !view.owes(to, request) {
        view.pending.push((to, request));
    }
}

/// What was waited for is here.
fn end(view: &mut View, holder: NodeId, request: RequestId) {
    let Some(wait) = &mut view.wait else { return };
    let before = wait.open.len();
    wait.open.retain(|open| *open != (holder, request));
    if wait.open.len() < before {
        wait.need = wait.need.saturating_sub(1);
    }
}
