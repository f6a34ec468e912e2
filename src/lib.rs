//! Rehearsal: write a protocol once, as a pure state machine; rehearse it in a
//! seeded virtual world; run the identical machine for real.
//!
//! This crate is the facade: [`protocol`] (machines), [`sim`] (the virtual
//! world), [`real`] (what runs for real), and [`cli`], which gives the whole command line to protocols of
//! one's own:
//!
//! ```no_run
//! # use rehearsal::shipped::Script as MyProtocol;
//! fn main() -> std::process::ExitCode {
//!     rehearsal::cli().protocol::<MyProtocol>().main()
//! }
//! ```

mod cli;
pub mod prelude;
pub mod real;
pub mod shipped;

pub use cli::{Cli, Exit, cli};
pub use rehearsal_machine as machine;
pub use rehearsal_protocol as protocol;
pub use rehearsal_sim as sim;
pub use rehearsal_tcp as tcp;
