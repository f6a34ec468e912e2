//! Nodes that ask each other for resources, and wait until they have them.
//!
//! There are two kinds of resources (Holt, "Some deadlock properties of computer
//! systems", 1972). A *process* has something to give that it makes itself, and
//! gives it to everybody who waits when its work is done. A *lock* is there to
//! be lent, to one at a time, in the order of the requests.
//!
//! A process that needs others waits until as many as it needs have given: all
//! of them, any one, so many of them. Meanwhile it gives nothing, and keeps the
//! locks that it holds. That is how a deadlock comes about; to notice one is the
//! business of [`deadlock`](crate::deadlock).
//!
//! Every request has a number of its own, which its grant, release and
//! cancellation name. So no copy, no late word and no restart makes one request
//! look like another. A lock that is lent waits for its holder under the same
//! number: whoever waits for whom is told by [`View`] alike for both kinds.

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
