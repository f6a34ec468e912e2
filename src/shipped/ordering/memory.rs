use std::collections::BTreeSet;

use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::MessageId;
use rehearsal_protocol::ordering::group::{Member, Output};
use rehearsal_protocol::ordering::multicast::{self, Event};
use rehearsal_sim::Observed;
use rehearsal_sim::order::Oracle;

/// What the properties of a group know of the past: sends and deliveries.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) oracle: Oracle<MessageId>,
    /// Deliveries that owners have heard of: after a restart they hear of the last ones once
    /// more.
    heard: BTreeSet<(NodeId, MessageId)>,
}

impl Memory {
    pub(super) fn observe(&mut self, observed: &Observed<'_, Member>) {
        let Self { oracle, heard } = self;
        oracle.observe(observed, |oracle, node, output| {
            let Output::Multicast(output) = output else { return };
            match output {
                multicast::Output::Sent { message, to }
                | multicast::Output::Recalled(Event::Sent { message, to }) => {
                    oracle.sent(node, message, to.iter());
                }
                multicast::Output::Delivered { message, .. } => {
                    heard.insert((node, *message));
                    oracle.delivered(node, message);
                }
                multicast::Output::Recalled(Event::Delivered { message, .. }) => {
                    let is_news = heard.insert((node, *message));
                    if is_news {
                        oracle.delivered(node, message);
                    }
                }
                _ => {}
            }
        });
    }
}
