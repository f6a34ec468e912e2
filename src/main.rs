//! The command line, with the protocols that come with Rehearsal.

use rehearsal::shipped::{Chat, Deadlock, Election, Script};

fn main() -> std::process::ExitCode {
    rehearsal::cli()
        .protocol::<Script>()
        .protocol::<Election>()
        .protocol::<Deadlock>()
        .protocol::<Chat>()
        .main()
}
