//! Protocols as pure state machines.
//!
//! A [`Machine`] takes one [`Input`] at a time, changes its state, and puts
//! [`Effect`]s into its [`Context`], in order. It has no clock, socket, thread or
//! random numbers of its own: a driver has them. The simulator and the socket
//! adapter drive the same [`Node`], so the machine that was rehearsed is the
//! machine that runs.
//!
//! - A machine names a *range* of spans or numbers, and the driver draws from it.
//!   So the draws of a run are recorded and replayed like its messages; [`draws`]
//!   has the sources of numbers that drivers, explorers and tests share.
//! - A node may crash between any two effects. Save before you promise.
//! - A larger machine consists of smaller ones: it holds them as [`Nested`], and
//!   [`compose!`] writes how their messages, deadlines and cells become its own.
//! - [`conformance`] checks that a machine keeps the promises that every driver
//!   relies on.
//!
//! This crate is `no_std` (with `alloc`) so that the compiler checks purity.

#![no_std]

extern crate alloc;

mod bag;
mod compose;
pub mod conformance;
mod context;
mod deadlines;
pub mod draws;
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
