//! The virtual world: a seeded, deterministic discrete-event simulator for pure state machines.
//!
//! A [`Protocol`] says how to build a machine and which properties it has. A [`Scenario`] claims that some of
//! them hold under stated faults, and [`run`] puts the claim to the test. This claim is false, because a network may
//! duplicate messages:
//!
//! ```
//! use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
//! use rehearsal_sim::{
//!     Answer, Diagnostic, Files, Nodes, Options, Plain, Protocol, Question, Reason, Scenario, run,
//! };
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! struct Add;
//!
//! impl Message for Add {
//!     fn kind(&self) -> &'static str {
//!         "add"
//!     }
//! }
//!
//! /// Node 1 sends node 2 one `Add`; node 2 counts what arrives.
//! struct Counter {
//!     to: Option<NodeId>,
//!     count: u32,
//! }
//!
//! impl Machine for Counter {
//!     type Message = Add;
//!     type Command = Nothing;
//!     type Output = Nothing;
//!     type Timer = Nothing;
//!     type Cell = Nothing;
//!     type Saved = Nothing;
//!
//!     fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
//!         match (input, self.to) {
//!             (Input::Start(_), Some(to)) => cx.send(to, Add),
//!             (Input::Message { .. }, _) => self.count += 1,
//!             _ => {}
//!         }
//!     }
//! }
//!
//! struct Counting;
//!
//! #[derive(Debug, Deserialize)]
//! enum Property {
//!     AtMostOne,
//! }
//!
//! impl Protocol for Counting {
//!     const NAME: &'static str = "Counting";
//!     type Config = ();
//!     type Machine = Counter;
//!     type Property = Property;
//!     type Memory = ();
//!     type Look = Plain;
//!     type Owner = Plain;
//!
//!     fn build(_: &(), me: NodeId, nodes: &Nodes) -> Result<Counter, Reason> {
//!         Ok(Counter { to: nodes.iter().find(|node| me < *node), count: 0 })
//!     }
//!
//!     fn holds(_: &Property, question: Question<'_, Counter>) -> Answer {
//!         question.of_every_node(|view, node| match view.machine(node) {
//!             Some(counter) if counter.count > 1 => Err("a node counted twice"),
//!             _ => Ok(()),
//!         })
//!     }
//! }
//!
//! let scenario = r#"(
//!     claim: "No node counts twice.",
//!     protocol: Counting(()),
//!     nodes: 2,
//!     network: (delay: Uniform("1ms", "9ms"), duplicate: "1/2"),
//!     until: "1s",
//!     expect: [Always(AtMostOne)],
//! )"#;
//! let scenario = Scenario::<Counting>::parse("counting.ron", scenario, Files::none())?;
//!
//! // In some runs the network duplicates the message, in others it does not.
//! let reports: Vec<_> = (0..10).map(|seed| run(&scenario, Options::seed(seed))).collect();
//! let failures: Vec<_> = reports.iter().filter_map(|report| report.failure.as_ref()).collect();
//! assert!(!failures.is_empty() && failures.len() < 10);
//! assert_eq!(failures[0].reason, "a node counted twice");
//! # Ok::<(), Diagnostic>(())
//! ```
//!
//! The same seed gives the same bytes on every machine, thread and build. Everything that decided a run can be written as a
//! [`Plan`] and replayed; what happened is its [`trace`], and a [`story`] for people.
//!
//! Inside, one loop takes the next event from one queue with a total order, and all random choices come from one
//! module, [`chance`].

mod case;
pub mod cause;
pub mod chance;
pub mod check;
mod clock;
pub mod conformance;
mod coverage;
mod desk;
pub mod diff;
mod engine;
pub mod export;
pub mod fault;
mod files;
pub mod history;
pub mod network;
mod nodes;
mod observer;
pub mod order;
pub mod page;
mod panics;
mod parallel;
pub mod plan;
mod predicate;
mod property;
mod protocol;
mod queue;
pub mod scenario;
pub mod shrink;
pub mod singles;
pub mod source;
pub mod story;
#[cfg(feature = "proptest")]
pub mod strategy;
pub mod swarm;
pub mod sweep;
pub mod trace;
mod vocabulary;
mod world;

pub use case::{Case, CaseRunner, RunCase};
pub use check::{Check, Expect, Failure, Fingerprint, Untested};
pub use coverage::{Coverage, ENOUGH_RUNS, EffectKind, InputKind, Seen, StepShape};
pub use desk::{Desk, Offer, Said, SaidFate};
pub use engine::{
    KEEP_EVENTS, Options, Outcome, Pulse, Report, Runner, States, StepInput, StepState,
    StepUnderWay, Stuck, StuckMessage, StuckNode, StuckSession, StuckUntil, Tally, Waits, run,
};
pub use fault::Fault;
pub use files::Files;
pub use nodes::Nodes;
pub use observer::Observer;
pub use plan::Plan;
pub use predicate::{Predicate, Refutation};
pub use property::{Answer, NodeEvent, Observed, Question, View, Violation};
pub use protocol::{
    CellOf, CommandOf, IsAboutPeer, Lane, Look, MessageOf, OutputOf, Owner, Plain, Protocol,
    SavedOf,
};
pub use scenario::{Expected, Scenario, Synopsis};
pub use source::{Diagnostic, Reason};
pub use trace::{Keep, Trace};
pub use vocabulary::Vocabulary;
pub use world::World;
