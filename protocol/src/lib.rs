//! The protocols that come with Rehearsal, as pure state machines: message
//! [`ordering`], bully [`election`], [`deadlock`] detection, and the [`chat`]
//! that composes them.
//!
//! Some of them are wrong on purpose: the algorithms of the paper that they come
//! from, to the letter. Its depth-first search, for one, moves only to nodes that
//! it has not visited yet, and so never finds the cycle that it looks for:
//!
//! ```
//! use rehearsal_machine::NodeId;
//! use rehearsal_protocol::deadlock::graph::{Roots, Rule, WaitForGraph};
//! use rehearsal_protocol::resource::RequestId;
//!
//! let [one, two] = [1, 2].map(|number| NodeId::new(number).unwrap());
//! let mut graph = WaitForGraph::new(2);
//! graph.wait(one, 1, [(two, RequestId { by: one, number: 1 })])?;
//! graph.wait(two, 1, [(one, RequestId { by: two, number: 1 })])?;
//!
//! assert!(graph.search(Rule::Printed, Roots::All).is_none());
//! assert!(graph.search(Rule::Meant, Roots::All).is_some());
//! # Ok::<(), rehearsal_protocol::deadlock::graph::Problem>(())
//! ```
//!
//! Each protocol is a [`Machine`](rehearsal_machine::Machine). This crate is
//! `no_std` with `alloc`, like the kernel.

#![no_std]

extern crate alloc;

pub mod chat;
pub mod deadlock;
pub mod election;
pub mod half_duplex;
pub mod link;
mod number_set;
pub mod ordering;
pub mod resource;
pub mod script;
mod two_slot;
