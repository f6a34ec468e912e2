use std::io::{self, BufWriter, Write};
use std::time::Duration;

use rehearsal_machine::printable;

use super::CliError;

/// Where a command prints: its results, and everything else.
pub struct Console<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) err: &'a mut dyn Write,
    /// The program's name, as a shell reads it, for the commands that are printed.
    pub(super) program: String,
}

impl Console<'_> {
    /// Prints a line of results.
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        line(self.out, text)
    }

    /// Prints results.
    pub fn print(&mut self, text: &str) -> Result<(), CliError> {
        print(self.out, text)
    }

    /// Complains if results could not be printed. A command whose verdict is known goes on: the
    /// verdict decides its exit code.
    pub(super) fn complain_of(&mut self, printed: Result<(), CliError>) {
        if let Err(error) = printed {
            self.complain(&error.message);
        }
    }

    /// Prints a line that is no result.
    pub fn complain(&mut self, message: &str) {
        complain(self.err, message);
    }
}

/// A span before what happened then, in seconds with three decimals, wide enough for hours.
pub(super) fn stamp(span: Duration) -> String {
    let millis = span.as_millis();
    format!("{:>4}.{:03}s  ", millis / 1_000, millis % 1_000)
}

pub(super) fn line(out: &mut dyn Write, text: &str) -> Result<(), CliError> {
    print(out, &format!("{text}\n"))
}

pub(super) fn print(out: &mut dyn Write, text: &str) -> Result<(), CliError> {
    print_with(out, |out| out.write_all(text.as_bytes()))
}

/// Prints what `write` writes, piece by piece.
pub(super) fn print_with(
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    let mut out = BufWriter::new(out);
    match write(&mut out).and_then(|()| out.flush()) {
        // The reader has read enough: `rehearsal run .. | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(CliError::unwritable("results", &error)),
        Ok(()) => Ok(()),
    }
}

/// What it repeats of a file or an argument may have ends of lines, and nothing else that a
/// terminal obeys. Standard error is the last resort: if it is closed, nobody is left to tell.
pub(super) fn complain(err: &mut dyn Write, message: &str) {
    for line in message.split('\n') {
        let _ = writeln!(err, "{}", printable(line));
    }
}
