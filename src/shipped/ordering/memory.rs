use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::MessageId;
use rehearsal_protocol::ordering::group::{Member, Output};
use rehearsal_protocol::ordering::multicast::{self, Event};
use rehearsal_sim::Observed;
use rehearsal_sim::order::Oracle;

use super::costs::Costs;

/// What is known of a run's past: which messages were sent and delivered, and what they cost.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) oracle: Oracle<MessageId>,
    pub(super) costs: Costs,
}

impl Memory {
    pub(super) fn observe(&mut self, observed: &Observed<'_, Member>) {
        self.costs.observe(observed);
        self.oracle.observe(observed, read);
    }
}

/// Tells the oracle what an output says.
fn read(oracle: &mut Oracle<MessageId>, node: NodeId, output: &Output) {
    let Output::Multicast(output) = output else { return };
    match output {
        multicast::Output::Happened(Event::Sent { message, to }) => {
            oracle.sent(node, message, to.iter());
        }
        multicast::Output::Happened(Event::Delivered { message, .. }) => {
            oracle.delivered(node, message);
        }
        multicast::Output::Recalled(Event::Sent { message, to }) => {
            oracle.recalled_sent(node, message, to.iter());
        }
        multicast::Output::Recalled(Event::Delivered { message, .. }) => {
            oracle.recalled_delivered(node, message);
        }
        _ => {}
    }
}
