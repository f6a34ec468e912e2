//! Protocols for real: who the nodes of a cluster are, and what each runs.
//!
//! A scenario says what a protocol is put through; a *roster* says where it
//! runs. Both configure it in the same words, and are read by the same loader
//! with the same complaints, so that what was rehearsed is what runs. What a
//! scenario decides of the network, a roster can only presume: its spans are
//! checked against delays that nobody can promise, and are worth as much.
//!
//! All nodes of a cluster must run the same thing. What has to agree is in a
//! digest, which nodes show each other before they talk; what may differ, such
//! as addresses seen from elsewhere, is not.

mod kept;
mod node;
mod recorded;
mod roster;

pub use node::{folder_name, whom};
pub use recorded::{Broken, Happened, Lived, Problem, Recorded, Summary, Verdict};
pub use roster::{Kept, Opened, Written, digest_text, open, reopen};
