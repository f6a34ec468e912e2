//! The real world of a pure state machine: sockets, a clock, a disk.
//!
//! A node runs here as it was rehearsed: the same [`Node`](rehearsal_machine::Node) takes the same
//! inputs and leaves the same effects, one at a time and in order. What a peer
//! may never hear because the network lost it, it may never hear because a link
//! is down or a queue full: nothing is kept for later behind the machine's
//! back. What it saves is on the disk before anything it does afterwards can be
//! seen. All that happened to it can be recorded, and the recording fed to the
//! pure machine again, which must then do the same to the byte.

mod clock;
mod codec;
pub mod disk;
mod driver;
pub mod keys;
mod limits;
mod link;
mod lost;
mod machine;
mod metrics;
mod random;
pub mod recording;
mod refusals;
mod roster;
mod tls;
mod wire;

pub use clock::{Clock, now};
pub use disk::Cells;
pub use driver::{NodeError, Owner, Setup, run};
pub use keys::{Key, PublicKey};
pub use limits::Limits;
pub use lost::Lost;
pub use machine::RealMachine;
pub use metrics::{Metrics, Traffic};
pub use refusals::HandshakeError;
pub use roster::{Member, Roster, RosterError, Security};
pub use wire::hello::{Digest, MAX_COMPATIBLE, Refusal};
