//! What a node saves: its durable cells, kept in a log in the node's folder.
//!
//! A machine is promised that what it saved is durable once anything it did
//! afterwards can be seen. All saves that stand between two such effects are
//! one record of the log, written at once and brought to the disk before the
//! later effect; so a crash loses or tears the last one at most, of which
//! nobody has heard.
//!
//! A disk that has failed once is not believed again: after an error the system
//! may have dropped what it could not write, and a second attempt would succeed
//! without it (Rebello et al., "Can applications recover from fsync failures?",
//! 2020). The node stops, and starts from what is really there.

pub(crate) mod cells;
mod error;
mod log;
pub(crate) mod records;
pub(crate) mod syscalls;
#[cfg(test)]
mod tests;

pub use cells::Cells;
pub use error::DiskError;
pub use log::Identity;
pub use records::{Damage, Flaw};
