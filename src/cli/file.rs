use std::path::{Path, PathBuf};

use rehearsal_sim::scenario::{FileKind, Heading, heading};
use rehearsal_sim::source::text_from;
use rehearsal_sim::{Case, Diagnostic, Files};
use rehearsal_tcp::recording::Recording;

use super::CliError;
use super::subject::is_trace;
use crate::real::RosterFormat;

/// A file that was read, and what its text says it is.
#[derive(Clone)]
pub(super) struct FileText {
    /// Its name, as it is shown.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) source: String,
    pub(super) heading: Heading,
}

impl FileText {
    /// The file at this path with these bytes. A recording, a trace, and a roster in one
    /// of these notations, are refused with the command that takes them.
    pub(super) fn of_bytes(
        path: &Path,
        bytes: Vec<u8>,
        formats: &[RosterFormat],
    ) -> Result<Self, CliError> {
        let name = path.display().to_string();
        let other = |source: &str, what: &str, command: &str| {
            Diagnostic::new(&name, source, 0..0, format!("this is {what}"))
                .with_help(format!("use `rehearsal {command} {name}`"))
        };
        if Recording::is_recording(&bytes) {
            return Err(other("", "a recording of a real node", "replay").into());
        }
        if is_trace(&bytes) {
            return Err(other("", "the trace of a run", "view").into());
        }
        let source = text_from(path, bytes)?;
        if let Some(format) = formats.iter().find(|format| (format.recognizes)(&source)) {
            return Err(other(&source, format.name, "cluster").into());
        }
        let heading = heading(&name, &source)?;
        Ok(Self { name, path: path.to_owned(), source, heading })
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

    /// This file and those that its scenario has read.
    pub(super) fn with_files_of(&self, case: &Case) -> Vec<PathBuf> {
        let beside = case.file_names().map(|name| self.path.with_file_name(name));
        std::iter::once(self.path.clone()).chain(beside).collect()
    }

    /// The files that it can name.
    pub(super) fn files_beside(&self) -> Files {
        Files::beside(&self.path)
    }
}
