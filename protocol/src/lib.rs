//! The protocols that come with Rehearsal, as pure state machines: message
//! [`ordering`], bully [`election`], [`deadlock`] detection, and the [`chat`]
//! that composes them.
//!
//! Each is a [`Machine`](rehearsal_machine::Machine) of the kernel. This crate
//! is `no_std` (with `alloc`), like the kernel.

#![no_std]

extern crate alloc;

pub mod chat;
pub mod deadlock;
pub mod election;
pub mod half_duplex;
pub mod link;
pub mod ordering;
pub mod resource;
pub mod script;
