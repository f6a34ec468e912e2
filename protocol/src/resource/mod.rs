//! Nodes that request resources of each other, and wait until they have them.
//!
//! There are two kinds of resources (Holt, "Some deadlock properties of computer
//! systems", 1972). A *process* produces something, and grants it to all waiting
//! nodes when its work is done. A *lock* is lent to one node at a time, in the order
//! of the requests.
//!
//! A process that has made requests waits until enough of them are granted: all, any
//! one, or a number of them. While it waits, it grants nothing and keeps the locks
//! that it holds. This is how deadlocks arise. To find them is the task of
//! [`deadlock`](crate::deadlock).
//!
//! Every request has its own number, and its grant, release and cancellation carry
//! that number. So neither a copy, a late message nor a restart can make one request
//! look like another. A lock that is lent waits for its holder under the same number,
//! so a [`View`] describes waiting in the same way for both kinds.

mod config;
mod lock;
mod messages;
mod participant;
mod process;
mod request_table;
mod view;

pub use config::{Config, Model, Need, NoSuchNeed};
pub use messages::{Cell, Command, Message, Output, Refusal, RequestId, Saved, Timer, Unexpected};
pub use participant::Participant;
pub use view::{View, Wait};
