//! Protocols that decide in which order a node delivers messages.
//!
//! - [`scripted`]: users follow a common script of messages, blocking on each.
//!
//! The others need no script. Each is a pure structure: a node stamps a message, holds
//! back what has arrived too early, and releases what is next. [`Discipline`] lists them,
//! and [`Algorithm`] is any of them.
//!
//! [`Multicast`] is the machine that runs an algorithm over a
//! [link](crate::link::sliding_window) and through crashes, and [`group`] adds an election
//! for those that need a leader.

mod actions;
mod algorithm;
mod causal_broadcast;
mod clock;
mod content;
mod discipline;
mod fifo;
mod finished;
pub mod group;
mod hold_back;
pub mod lamport_clocks;
pub mod majority;
mod message;
pub mod multicast;
mod overhead;
mod packet;
pub mod pc_broadcast;
pub mod raynal_schiper_toueg;
pub mod relay;
pub mod schiper_eggli_sandoz;
pub mod scripted;
pub mod sequencer;
pub mod skeen;
mod submissions;

pub use actions::{Actions, Submission};
pub use algorithm::Algorithm;
pub use causal_broadcast::CausalBroadcast;
pub use clock::{MatrixClock, VectorClock};
pub use content::Content;
pub(crate) use content::MAX_INTEGER_BYTES;
pub use discipline::{Discipline, Refusal};
pub use fifo::Fifo;
pub use hold_back::{DeliveryOrder, HoldBack};
pub use lamport_clocks::LamportClocks;
pub use majority::MajoritySequencer;
pub use message::{Destinations, MessageId};
pub use multicast::Multicast;
pub use overhead::max_overhead;
pub use packet::{Packet, Stamp};
pub use pc_broadcast::PcBroadcast;
pub use raynal_schiper_toueg::RaynalSchiperToueg;
pub use relay::Relay;
pub use schiper_eggli_sandoz::SchiperEggliSandoz;
pub use sequencer::Sequencer;
pub use skeen::Skeen;
