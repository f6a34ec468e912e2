//! What happened in a run, as data.
//!
//! The trace is a vector of typed [`Event`]s; the text a person reads
//! ([`story`](crate::story)), JSON lines and logs are views of it. The digest is computed
//! from the events' bytes as they happen, so that it costs no trace.

mod digest;
mod encode;
mod event;
mod log;
mod raw_event;
mod recorder;

pub use digest::{CHECKPOINT_EVERY, Digest, FORMAT};
pub use event::{Envelope, Event, EventKind};
pub use log::clock as log_clock;
pub(crate) use raw_event::RawEvent;
pub use raw_event::{Damage, name_of};
pub use recorder::Keep;
pub(crate) use recorder::{Recorded, Recorder};
