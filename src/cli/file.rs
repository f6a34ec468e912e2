use std::path::{Path, PathBuf};

use rehearsal_sim::scenario::{FileKind, Heading, heading};
use rehearsal_sim::source::text_of;
use rehearsal_sim::{Diagnostic, Files};

use super::CliError;

/// A file that was read, and what its text says it is.
pub(super) struct FileText {
    /// Its name, as it is shown.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) source: String,
    pub(super) heading: Heading,
}

impl FileText {
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let (name, source) = (path.display().to_string(), text_of(path)?);
        let heading = heading(&name, &source)?;
        Ok(Self { name, path: path.to_owned(), source, heading })
    }

    /// Reads a file that has to be of this kind.
    pub(super) fn read_as(wanted: FileKind, path: &Path) -> Result<Self, CliError> {
        let text = Self::read(path)?;
        text.expect_kind(wanted)?;
        Ok(text)
    }

    pub(super) fn kind(&self) -> FileKind {
        self.heading.kind
    }

    /// Refuses another kind of file, with the command that takes it.
    pub(super) fn expect_kind(&self, wanted: FileKind) -> Result<(), CliError> {
        let (kind, command) = match self.kind() {
            found if found == wanted => return Ok(()),
            FileKind::Plan => ("a plan", "replay"),
            FileKind::Scenario => ("a scenario", "run"),
            FileKind::Roster => ("a roster", "cluster"),
        };
        Err(Diagnostic::new(&self.name, &self.source, 0..0, format!("this is {kind}"))
            .with_help(format!("use `rehearsal {command} {}`", self.name))
            .into())
    }

    /// The files that it can name.
    pub(super) fn files_beside(&self) -> Files {
        Files::beside(&self.path)
    }
}
