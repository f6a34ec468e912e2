//! The command line, with the protocols that come with Rehearsal.

fn main() -> std::process::ExitCode {
    rehearsal::shipped::cli().main()
}
