use std::process::ExitCode;

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
    /// The harness itself panicked.
    Internal = 70,
    /// A plan no longer applies: it failed another way, or met none of its decisions.
    NoLongerApplies = 125,
    /// It was interrupted, and did not wait for an orderly end.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Stop {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: format!("error: {}", message.into()) }
    }

    /// A file or the terminal could not be written.
    pub(crate) fn unwritable(what: &str, error: &std::io::Error) -> Self {
        Self { exit: Exit::Usage, message: format!("error: cannot write {what}: {error}") }
    }
}

impl From<rehearsal_sim::Diagnostic> for Stop {
    fn from(diagnostic: rehearsal_sim::Diagnostic) -> Self {
        Self { exit: Exit::BadInput, message: diagnostic.render() }
    }
}
