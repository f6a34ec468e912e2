//! The durable cells of a node, in a log in the node's folder.
//!
//! A machine's save is durable before any later effect of the machine can be observed. All saves
//! of one commit are one record of the log, written and synced together. So a crash can lose or
//! tear only the last record, whose later effects nobody has observed.
//!
//! After an error the node stops, and does not try again: when a sync fails, the system may have
//! dropped the data, so that a second sync succeeds without it (Rebello et al., "Can applications
//! recover from fsync failures?", 2020). The next start reads what is really on the disk.

pub(crate) mod cells;
mod error;
pub(crate) mod life;
mod log;
pub(crate) mod records;
mod store;
pub(crate) mod syscalls;
#[cfg(test)]
pub(crate) mod tests;

pub use cells::Cells;
pub use error::DiskError;
pub use life::StoreId;
pub use log::Identity;
use log::Unread;
pub use records::{Damage, Flaw};
pub use store::Store;
