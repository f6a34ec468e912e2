//! Rehearsal: write a protocol once, as a pure state machine; rehearse it in a
//! seeded virtual world; run the identical machine for real.
//!
//! This crate is the facade: [`machine`] (the kernel), [`sim`] (the virtual
//! world), `protocol` (machines that come along), `real` (real nodes), and
//! `cli`, which gives the whole command line to protocols of one's own:
//!
//! ```no_run
//! # use rehearsal::shipped::Script as MyProtocol;
//! fn main() -> std::process::ExitCode {
//!     rehearsal::cli().protocol::<MyProtocol>().main()
//! }
//! ```
//!
//! Features, all on by default: `cli`, `real` (which `cli` needs) and `shipped`
//! (the protocols that come along). Without them only the kernel and the
//! simulator are built: all that a property test of a machine needs.

#[cfg(feature = "cli")]
pub mod cli;
pub mod prelude;
#[cfg(feature = "real")]
pub mod real;
#[cfg(feature = "shipped")]
pub mod shipped;

#[cfg(feature = "cli")]
pub use cli::{Cli, Exit, cli};
pub use rehearsal_machine as machine;
#[cfg(feature = "shipped")]
pub use rehearsal_protocol as protocol;
pub use rehearsal_sim as sim;
#[cfg(feature = "real")]
pub use rehearsal_tcp as tcp;
