//! The protocols that come with Rehearsal, as the virtual world sees them.

mod script;

pub(crate) use script::diagnostic;

pub use script::{Fact, LocalOrder, Script, Setting};
