use std::fmt;

use super::{Diagnostic, Path};

/// Why a value from a file cannot be used: what is wrong, where, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    path: Path,
    message: String,
    help: Option<String>,
    elsewhere: Option<Box<Diagnostic>>,
}

impl Reason {
    /// A reason with this message, about the whole file.
    pub fn new(message: impl Into<String>) -> Self {
        Self { path: Path::root(), message: message.into(), help: None, elsewhere: None }
    }

    /// The same reason, about the value at this path.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// The same reason, about this field of the value.
    #[must_use]
    pub fn field(self, name: &str) -> Self {
        let path = self.path.field(name);
        self.at(path)
    }

    /// The same reason, about a value whose path begins with this one.
    #[must_use]
    pub fn within(self, path: &Path) -> Self {
        let path = path.join(&self.path);
        self.at(path)
    }

    /// The same reason, with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A mistake in another file, which the scenario names.
    #[must_use]
    pub fn elsewhere(diagnostic: Diagnostic) -> Self {
        let mut reason = Self::new(diagnostic.message());
        reason.elsewhere = Some(Box::new(diagnostic));
        reason
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Points at the mistake, in a file whose value at `within` was refused.
    #[must_use]
    pub fn locate(self, file: &str, source: &str, within: &Path) -> Diagnostic {
        if let Some(diagnostic) = self.elsewhere {
            return *diagnostic;
        }
        let path = within.join(&self.path);
        let diagnostic = Diagnostic::at(file, source, &path, self.message);
        match self.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_string();
        let colon = if path.is_empty() { "" } else { ": " };
        write!(f, "{path}{colon}{}", self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

impl std::error::Error for Reason {}
