//! The protocols that come with Rehearsal, as the virtual world sees them.

pub mod chat;
pub mod election;
mod script;

pub(crate) use script::diagnostic;

pub use chat::Chat;
pub use election::Election;
pub use script::{Fact, LocalOrder, Script, Setting};
