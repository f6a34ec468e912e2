//! Protocols as pure state machines.
//!
//! A [`Machine`] is a function of its state and one [`Input`] at a time; what
//! it wants done goes, in order, into its [`Context`] as [`Effect`]s. It has no
//! clock, no socket, no thread and no randomness of its own: a driver owns
//! those. The simulator and the socket adapter are two drivers of the same
//! [`Node`], so what was rehearsed is what runs.
//!
//! - A machine names a *range* of spans or numbers; the driver draws. Draws
//!   are thereby part of a run's plan, like its messages.
//! - A crash may fall between any two effects. Save before you promise.
//! - A bigger machine holds smaller ones as [`Nested`] and wraps what they
//!   send, arm and save; their outputs come back to it as values.
//!
//! This crate is `no_std` (with `alloc`) so that purity is checked by the
//! compiler, not by discipline.

#![no_std]

extern crate alloc;

#[macro_use]
mod wrap;

pub mod chat;
pub mod conformance;
mod context;
mod deadlines;
pub mod deadlock;
pub mod election;
pub mod half_duplex;
mod id;
pub mod link;
mod machine;
pub mod mutant;
mod nested;
mod node;
mod nothing;
pub mod ordering;
pub mod resource;
pub mod script;
mod time;

pub use context::Context;
pub use deadlines::{Alarm, Ring};
pub use id::NodeId;
pub use machine::{Draw, Effect, Input, Machine, Message, Storage};
pub use nested::{Foreign, Holds, Nested};
pub use node::Node;
pub use nothing::Nothing;
pub use time::{Time, nanos};
