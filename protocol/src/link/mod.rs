//! Reliable links between nodes, over a network that loses, repeats and reorders
//! messages.
//!
//! - [`stop_and_wait`]: one message is in flight to each peer at a time. It is
//!   delivered in the order of sending, or reported as not delivered;
//! - [`sliding_window`]: several messages are in flight. Each is delivered when it
//!   arrives, and sent again until it is acknowledged.

pub mod sliding_window;
pub mod stop_and_wait;

use rehearsal_machine::NodeId;

/// A command to a link: send this content to this node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Say<T> {
    /// The receiver.
    pub to: NodeId,
    /// The content.
    pub content: T,
}
