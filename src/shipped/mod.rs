//! The protocols that come with Rehearsal, as the virtual world sees them.

pub mod chat;
pub mod deadlock;
pub mod election;
mod network;
mod script;

use std::fmt;

use crate::Cli;

pub(crate) use script::diagnostic;

pub use chat::Chat;
pub use deadlock::Deadlock;
pub use election::Election;
pub use script::{Fact, LocalOrder, Script, Setting};

/// The command line of the `rehearsal` binary: every protocol of this module.
/// Register yours on top of them, and one program runs them all.
#[must_use]
pub fn cli() -> Cli {
    // Not generic: what a protocol's commands come to is compiled once, here, and not again in
    // every program and test that uses one of these.
    crate::cli()
        .protocol::<Script>()
        .protocol::<Election>()
        .protocol::<Deadlock>()
        .protocol::<Chat>()
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
