//! The virtual world: a seeded, deterministic discrete-event simulator for
//! pure state machines.
//!
//! A [`Protocol`] says how to build a machine and what can be claimed of it. A
//! [`Scenario`] puts such a claim to the test. [`run`] plays it from a seed:
//! the same seed gives the same bytes, on every machine, thread and build. What
//! decided the run can be written out as a [`Plan`] and replayed; what happened
//! is the [`trace`].
//!
//! Inside, one loop takes what is due next from one queue with a total order;
//! every random choice comes from one module, [`chance`].

mod calm;
mod case;
pub mod chance;
pub mod check;
mod clock;
pub mod conformance;
mod coverage;
mod engine;
pub mod fault;
mod files;
pub mod network;
mod nodes;
mod observer;
mod panics;
pub mod plan;
mod property;
mod protocol;
mod queue;
pub mod scenario;
pub mod source;
pub mod story;
#[cfg(feature = "proptest")]
pub mod strategy;
pub mod trace;
mod world;

pub use case::{Case, CaseRunner};
pub use check::{Check, Expect, Failure, Fingerprint};
pub use coverage::{Coverage, ENOUGH_RUNS};
pub use engine::{Options, Outcome, Report, Runner, Stuck, StuckNode, Tally, run};
pub use fault::Fault;
pub use files::Files;
pub use nodes::Nodes;
pub use observer::Observer;
pub use plan::Plan;
pub use property::{Answer, NodeEvent, Observed, Question, View, Violation};
pub use protocol::{CommandOf, Lane, Look, MessageOf, OutputOf, Owner, Plain, Protocol};
pub use scenario::{Expected, Scenario, Synopsis};
pub use source::{Diagnostic, Reason};
pub use trace::Keep;
pub use world::World;
