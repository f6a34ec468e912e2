//! Rehearsal tests distributed protocols: write a protocol once, as a pure state machine; run it in a seeded virtual
//! world with faults; then run the identical machine over TCP.
//!
//! A scenario is a claim about a protocol. This claim is false, because a network may duplicate messages:
//!
//! ```
//! use rehearsal::prelude::*;
//! use rehearsal::sim::{Diagnostic, Options, Scenario, run};
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
//! This crate is the facade over its parts: [`machine`] (the kernel), [`sim`] (the virtual world), `tcp` (the real one),
//! `protocol` (the shipped protocols) and `real` (clusters and recordings of real nodes). `cli` gives the whole command
//! line to your own protocols:
//!
//! ```no_run
//! # use rehearsal::shipped::Script as MyProtocol;
//! fn main() -> std::process::ExitCode {
//!     rehearsal::cli().protocol::<MyProtocol>().main()
//! }
//! ```
//!
//! Features, all on by default: `cli`, `real` (which `cli` needs) and `shipped` (the shipped protocols). Without them only
//! the kernel and the simulator are built, which is all that a property test of a machine needs.

#[cfg(feature = "cli")]
pub mod cli;
pub mod prelude;
#[cfg(feature = "real")]
pub mod real;
#[cfg(feature = "shipped")]
pub mod shipped;

#[cfg(feature = "cli")]
pub use cli::{Cli, Exit, cli};
pub use rehearsal_machine as machine;
#[cfg(feature = "shipped")]
pub use rehearsal_protocol as protocol;
pub use rehearsal_sim as sim;
#[cfg(feature = "real")]
pub use rehearsal_tcp as tcp;
