//! Protocols as pure state machines.
//!
//! A [`Machine`] is a function of its state and one [`Input`] at a time. It
//! puts what should happen, in order, into its [`Context`] as [`Effect`]s. It
//! has no clock, no socket, no thread and no randomness of its own: a driver
//! owns those. The simulator and the socket adapter are two drivers of the same
//! [`Node`], so the machine that was rehearsed is the machine that runs.
//!
//! - A machine names a *range* of spans or numbers; the driver draws. Draws are
//!   thereby part of a run's plan, like its messages.
//! - A crash may fall between any two effects. Save before you promise.
//! - A larger machine holds smaller ones as [`Nested`] and wraps what they
//!   send, arm and save; their outputs come back to it as values.
//!
//! This crate is `no_std` (with `alloc`) so that the compiler checks purity.

#![no_std]

extern crate alloc;

mod bag;
mod compose;
pub mod conformance;
mod context;
mod deadlines;
mod id;
mod machine;
pub mod mutant;
mod nested;
mod node;
mod nothing;
mod time;

pub use bag::{Bag, Event, Pending};
pub use context::Context;
pub use deadlines::{Expiry, Wakeup};
pub use id::NodeId;
pub use machine::{Draw, Effect, Input, Machine, Message, Storage};
pub use nested::{Embeds, Nested};
pub use node::Node;
pub use nothing::Nothing;
pub use time::{Time, nanos};
