//! Protocols that decide in which order messages are delivered.
//!
//! - [`scripted`]: everybody knows the whole script in advance and blocks on
//!   each step of it. The paper's way.

pub mod scripted;
