//! The kernel: protocols as pure state machines.
//!
//! A [`Machine`] is a function of its state and one [`Input`] at a time. It puts
//! what should happen, in order, into its [`Context`] as [`Effect`]s. It has no
//! clock, socket, thread or randomness. A *driver* has those: it gives inputs to
//! a [`Node`] and carries out its effects one at a time, and a crash may fall
//! between any two of them. This machine claims that it sells no ticket twice,
//! and a crash after its first effect refutes it:
//!
//! ```
//! use rehearsal_machine::draws::Lowest;
//! use rehearsal_machine::{
//!     Context, Effect, Input, Machine, Message, Node, NodeId, Nothing, Storage, Time,
//! };
//!
//! #[derive(Default)]
//! struct Office {
//!     sold: u32,
//! }
//!
//! #[derive(Clone)]
//! enum Say {
//!     Buy,
//!     Ticket(u32),
//! }
//!
//! impl Message for Say {
//!     fn kind(&self) -> &'static str {
//!         match self {
//!             Self::Buy => "buy",
//!             Self::Ticket(_) => "ticket",
//!         }
//!     }
//! }
//!
//! impl Machine for Office {
//!     type Message = Say;
//!     type Command = Nothing;
//!     type Output = Nothing;
//!     type Timer = Nothing;
//!     type Cell = &'static str;
//!     type Saved = u32;
//!
//!     fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
//!         match input {
//!             Input::Start(saved) => self.sold = saved.get("sold").copied().unwrap_or(0),
//!             Input::Message { from, message: Say::Buy } => {
//!                 self.sold += 1;
//!                 cx.send(from, Say::Ticket(self.sold));
//!                 cx.save("sold", self.sold); // the wrong order
//!             }
//!             _ => {}
//!         }
//!     }
//! }
//!
//! // A driver: an incarnation of the office starts with this storage and sells one ticket.
//! let [office, customer] = [1, 2].map(|number| NodeId::new(number).unwrap());
//! let sell = |incarnation, storage: Storage<Office>| {
//!     let mut node = Node::new(office, incarnation, Office::default());
//!     let mut effects = Vec::new();
//!     let buy = Input::Message { from: customer, message: Say::Buy };
//!     for input in [Input::Start(storage), buy] {
//!         node.handle(input, Time::ZERO, &mut Lowest, &mut effects);
//!     }
//!     effects
//! };
//!
//! // The first ticket is on its way when the office crashes, before its `Save`.
//! let before = sell(1, Storage::<Office>::new());
//! assert!(matches!(before[0], Effect::Send { message: Say::Ticket(1), .. }));
//! let after = sell(2, Storage::<Office>::new());
//! assert!(matches!(after[0], Effect::Send { message: Say::Ticket(1), .. }));
//! ```
//!
//! - A machine names a *range* of durations or numbers, and the driver draws from it. So the draws of a run are
//!   recorded and replayed like its messages; [`draws`] has the sources that drivers, explorers and tests share.
//! - A machine may [mark](Context::mark) places in its code, so that tests can tell whether they came there.
//! - Save before you promise: a save is durable once a later effect of its node has happened.
//! - A larger machine consists of smaller ones: it holds them as [`Nested`], and [`compose!`] writes how their
//!   messages, deadlines and cells become its own.
//! - [`conformance`] checks that a machine keeps the promises that every driver relies on.
//!
//! This crate is `no_std` with `alloc`, so that the compiler checks purity.

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
mod printable;
mod time;

pub use bag::{Bag, Event, Pending};
pub use context::Context;
pub use deadlines::{Expiry, Wakeup};
pub use id::NodeId;
pub use machine::{Draw, Effect, Input, Machine, Message, Storage};
pub use nested::{Embeds, Nested};
pub use node::Node;
pub use nothing::Nothing;
pub use printable::{is_hidden, printable};
pub use time::{Time, nanos};
