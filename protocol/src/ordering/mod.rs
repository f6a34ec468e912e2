//! Protocols that decide in which order a node delivers messages.
//!
//! - [`scripted`]: users follow a common script of messages, blocking on each.

pub mod scripted;
