//! Runs a pure state machine as a real node: sockets, a clock and a disk.
//!
//! A node here runs the same [`Node`](rehearsal_machine::Node) as in a simulation: it takes the
//! same inputs and produces the same effects, one at a time and in order.
//!
//! - **Messages** travel over one TCP connection per pair of nodes, with TLS 1.3 and raw public
//!   keys. If the connection is down or the peer's queue is full, a message is lost, as it may be
//!   on any network. Nothing is buffered beyond the stated [`Limits`].
//! - **Saves** are on the disk before any later effect of the node can be observed.
//! - **Recordings** ([`recording`]) hold every input and every random draw of a node. A replay
//!   feeds them to the pure machine, which must produce the same effects, byte for byte.
//!
//! # Example
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
//! use rehearsal_tcp::disk::{Cells, Identity};
//! use rehearsal_tcp::{Amnesia, Limits, Member, Metrics, Owner, Roster, Security, Setup, run};
//! use serde::{Deserialize, Serialize};
//!
//! /// Greets a peer on command, and reports every greeting to its owner.
//! struct Greeter;
//!
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! struct Hello;
//!
//! impl Message for Hello {
//!     fn kind(&self) -> &'static str {
//!         "hello"
//!     }
//! }
//!
//! impl Machine for Greeter {
//!     type Message = Hello;
//!     type Command = NodeId;
//!     type Output = NodeId;
//!     type Timer = Nothing;
//!     type Cell = Nothing;
//!     type Saved = Nothing;
//!
//!     fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
//!         match input {
//!             Input::Command(peer) => cx.send(peer, Hello),
//!             Input::Message { from, .. } => cx.emit(from),
//!             _ => {}
//!         }
//!     }
//! }
//!
//! struct Print;
//!
//! impl Owner<Greeter> for Print {
//!     fn output(&mut self, from: NodeId) {
//!         println!("hello from {from}");
//!     }
//! }
//!
//! // The first of two nodes on this computer, without keys.
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let member = |name: &str, port| Member {
//!     name: name.to_owned(),
//!     address: ([127, 0, 0, 1], port).into(),
//!     key: None,
//! };
//! let members = vec![member("ann", 2881), member("ben", 2882)];
//! let me = NodeId::from_index(0);
//! let identity =
//!     Identity { cluster: "friends".to_owned(), node: me, protocol: "greeter".to_owned() };
//! let setup = Setup {
//!     me,
//!     roster: Roster::new("friends", members, Security::Insecure)?,
//!     key: None,
//!     digest: [0; 32],
//!     compatible: Vec::new(),
//!     amnesia: Amnesia::Refuse,
//!     limits: Limits::default(),
//!     cells: Cells::open(Path::new("ann"), &identity)?,
//!     recorder: None,
//!     machine: Greeter,
//!     listener: None,
//!     metrics: Arc::new(Metrics::new(2)),
//! };
//! let (commands, receiver) = tokio::sync::mpsc::channel(1);
//! commands.send(NodeId::from_index(1)).await?;
//! run(setup, Print, receiver, std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod clock;
mod codec;
pub mod disk;
mod driver;
pub mod keys;
mod limits;
mod link;
mod machine;
mod metrics;
pub mod proxy;
mod random;
pub mod recording;
mod roster;
mod tls;
mod wire;

pub use clock::{Clock, now};
pub use disk::Cells;
pub use driver::{NodeError, Owner, Setup, listen, run};
pub use keys::{Key, PublicKey};
pub use limits::Limits;
pub use link::known_peers::Amnesia;
pub use machine::RealMachine;
pub use metrics::{Lost, Metrics, Traffic};
pub use roster::{Member, Roster, RosterError, Security};
pub use wire::hello::{Digest, MAX_COMPATIBLE};
pub use wire::refusal::{HandshakeError, Refusal};
