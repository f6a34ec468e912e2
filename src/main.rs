//! The command line, with the protocols that come with Rehearsal.

use rehearsal::shipped::{Chat, Election, Script};

fn main() -> std::process::ExitCode {
    rehearsal::cli().protocol::<Script>().protocol::<Election>().protocol::<Chat>().main()
}
