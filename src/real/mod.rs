//! Real clusters: which nodes there are, and what each runs.
//!
//! A scenario says what a protocol has to survive; a *roster* says where it
//! runs. Both configure it in the same words and are read by the same loader, so
//! that what was rehearsed is what runs. A scenario decides the network's delays;
//! a roster can only presume them, and the timing checks of its protocol are
//! worth no more than that presumption.
//!
//! All nodes of a cluster must run the same configuration. A digest covers
//! everything that has to agree, and nodes exchange it in the handshake. It does
//! not cover what may differ, such as addresses as seen from another network.
//!
//! Nothing here knows a protocol: one whose nodes can follow a script gives a
//! [`FollowScript`], and one with a notation of its own for rosters gives a
//! [`RosterFormat`].

mod kept;
mod node;
mod recorded;
mod roster;

pub use node::{Launch, OWN_FILES, folder_name, node_named};
pub use recorded::{Broken, Happened, Problem, Recorded, RecordedLife, Summary, Verdict};
pub use roster::{
    Cluster, FollowScript, Kept, Membership, RosterFormat, RosterText, Translate, Translated,
    digest_text, open, reopen,
};
