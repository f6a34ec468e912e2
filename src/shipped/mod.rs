//! The protocols that come with Rehearsal, as the virtual world sees them.

pub mod chat;
pub mod deadlock;
pub mod election;
mod names;
mod network;
pub mod ordering;
mod script;
#[cfg(any(feature = "cli", feature = "real"))]
mod script_files;

use std::fmt;

#[cfg(feature = "cli")]
use crate::Cli;
pub use chat::Chat;
pub use deadlock::Deadlock;
pub use election::Election;
pub use ordering::Ordering;
pub use script::{Fact, LocalOrder, Script, Setting, follow_script};
#[cfg(feature = "real")]
pub use script_files::ROSTER_FORMAT;
#[cfg(feature = "cli")]
pub use script_files::ScriptCommand;

/// The command line of the `rehearsal` binary: every protocol of this module.
/// Register yours on top of them, and one program runs them all.
#[cfg(feature = "cli")]
#[must_use]
pub fn cli() -> Cli {
    // Not generic: what a protocol's commands come to is compiled once, here, and not again in
    // every program and test that uses one of these.
    crate::cli()
        .protocol_with_script::<Script>(script::follow_script)
        .protocol::<Election>()
        .protocol::<Deadlock>()
        .protocol::<Ordering>()
        .protocol_with_script::<Chat>(chat::follow_script)
        .command::<ScriptCommand>()
        .roster_format(ROSTER_FORMAT)
}

/// How often something is tried, for the head of a trace.
struct Tries(u32);

/// In words: `1 try`, `5 tries`.
impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tries = if self.0 == 1 { "try" } else { "tries" };
        write!(f, "{} {tries}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_try_is_not_told_as_several() {
        assert_eq!([1, 2].map(|tries| Tries(tries).to_string()), ["1 try", "2 tries"]);
    }
}
