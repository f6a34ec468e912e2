//! What protocols ask of the network that a scenario gives them.

use std::time::Duration;

use rehearsal_sim::network::{Fifo, Network};

/// The longest that a message of an undisturbed network is on its way. What a
/// narrow link adds depends on what it carries, and is not counted.
pub(crate) fn slowest(network: &Network) -> Duration {
    let rows = network.latency.iter().flat_map(|latency| &latency.0);
    let latency = rows.flatten().max().copied().unwrap_or_default();
    Duration::from_nanos(network.delay.most()).saturating_add(latency.as_duration())
}

/// What keeps the network from being one that loses nothing and on which no
/// message overtakes another, and the remedy.
pub(crate) fn unfit(network: &Network) -> Option<(&'static str, &'static str)> {
    let Network { delay, latency: _, loss, corrupt, duplicate, fifo, .. } = network;
    let overtakes = delay.least() != delay.most() && *fifo != Fifo::All;
    let holds_back = network.reorder.is_some_and(|reorder| !reorder.share.is_never());
    let is_full = network.bandwidth.is_some_and(|bandwidth| bandwidth.queue.is_some());
    let has_sessions = network.sessions.is_some();
    [
        (has_sessions, "loses what is sent before a session begins", "leave out `sessions`"),
        (!loss.is_never(), "loses messages", "leave out `loss`"),
        (!corrupt.is_never(), "damages messages", "leave out `corrupt`"),
        (!duplicate.is_never(), "doubles messages", "leave out `duplicate`"),
        (holds_back, "holds messages back", "leave out `reorder`"),
        (is_full, "loses what finds no room", "leave out the `queue` of `bandwidth`"),
        (overtakes, "lets messages overtake each other", "say `fifo: All`, or a `Fixed` delay"),
    ]
    .into_iter()
    .find_map(|(is_so, what, remedy)| is_so.then_some((what, remedy)))
}
