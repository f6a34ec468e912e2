//! Chat scripts outside scenarios: the command that writes and checks them, and
//! their headers as rosters.

#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "real")]
mod roster;

#[cfg(feature = "cli")]
pub use command::ScriptCommand;
#[cfg(feature = "real")]
pub use roster::ROSTER_FORMAT;
