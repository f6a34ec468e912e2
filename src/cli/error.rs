use std::process::ExitCode;
use std::time::Duration;

use rehearsal_sim::Diagnostic;

/// How a command ended, for the shell. A panic of the harness itself ends with
/// 70.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// Everything held.
    Held = 0,
    /// A check was violated, a machine's panic included.
    Violated = 1,
    /// The command line was wrong.
    Usage = 2,
    /// An input file was wrong; nothing was run or written.
    BadInput = 3,
    /// Two runs of one seed were not alike.
    Nondeterministic = 4,
    /// The harness itself panicked, or a function of the protocol does not return while a file is read.
    Internal = 70,
    /// A plan no longer applies: it failed in another way, or none of its decisions came up.
    NoLongerApplies = 125,
    /// It was interrupted, and did not wait for an orderly end.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work, and the exit code that says so.
#[derive(Debug)]
pub struct CliError {
    pub(super) exit: Exit,
    pub(super) message: String,
}

impl CliError {
    /// The command line asks for something that cannot be done. The message says
    /// what, and the remedy: `error: ` is put before it.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: format!("error: {}", message.into()) }
    }

    /// A file was read and cannot be used. The message says why, and the remedy.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self { exit: Exit::BadInput, message: format!("error: {}", message.into()) }
    }

    /// Two results that must be alike are not.
    pub(super) fn contradiction(message: &str) -> Self {
        Self { exit: Exit::Nondeterministic, message: format!("error: {message}") }
    }

    /// A function of the protocol does not return while a file is read.
    pub(super) fn hanging(file: &str, limit: Duration) -> Self {
        let message = format!(
            "error: {file} was not read within {limit:?}: `prepare` or `build` of its protocol does \
             not return: mend it, or raise `--step-limit` of `run` or `replay` if it may take longer"
        );
        Self { exit: Exit::Internal, message }
    }

    /// A file or the terminal could not be written.
    pub(super) fn unwritable(name: &str, error: &std::io::Error) -> Self {
        Self::usage(format!("cannot write {name}: {error}"))
    }
}

/// A wrong input file.
impl From<Diagnostic> for CliError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { exit: Exit::BadInput, message: diagnostic.render() }
    }
}
