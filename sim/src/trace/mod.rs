//! What happened in a run, as data.
//!
//! A [`Trace`] is a sequence of typed [`Event`]s, each with its number and the
//! number of the event that led to it. The text a person reads
//! ([`story`](crate::story)), [JSON lines](lines) and logs are views of it. The
//! digest is computed from the events' bytes as they happen, so that it costs no
//! trace.
//!
//! A message is named by its [`MessageKey`](crate::plan::MessageKey) and a timer by
//! its [`TimerKey`](crate::plan::TimerKey), as plans list them: what is seen in a
//! trace can be decided in a plan.

mod digest;
mod encode;
mod event;
mod json;
mod kept;
mod keys;
pub mod lines;
mod linker;
mod log;
mod past;
mod raw_event;
mod recorder;
mod saved;
mod session_causes;
mod timer_name;
mod waits;

pub use digest::{CHECKPOINT_EVERY, Digest, FORMAT};
pub use event::{Event, EventKind};
pub use json::Json;
pub use kept::Trace;
pub use keys::TimerKeys;
pub use linker::Linker;
pub use log::clock as log_clock;
pub(crate) use past::is_met_by_its_node;
pub use past::{Chain, Origin, Past};
pub(crate) use raw_event::RawEvent;
pub use raw_event::{Damage, Ended};
pub use recorder::Keep;
pub(crate) use recorder::{Recorded, Recorder};
pub(crate) use saved::beginning;
pub use saved::saved_text;
pub use timer_name::name_of;
pub(crate) use timer_name::{write_name, write_without_numbers};
pub use waits::Waiting;
