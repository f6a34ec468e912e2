use alloc::string::{String, ToString};
use core::fmt;
use core::ops::Range;

use super::Problem;

/// Why a text is no script, and where.
///
/// It prints as `line 3, column 11: what is wrong; what to do`; the parts are
/// there one by one for a renderer that shows the line and underlines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    problem: Problem,
    line: usize,
    column: usize,
    length: usize,
}

impl Error {
    /// What is wrong, as a value.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column where the offending part starts, in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// How many characters offend; 0 where something is missing.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// What is wrong, in one phrase without place or advice.
    #[must_use]
    pub fn message(&self) -> String {
        self.problem.to_string()
    }

    /// What was expected instead, in one phrase.
    #[must_use]
    pub fn help(&self) -> String {
        self.problem.help()
    }

    /// The problem with these bytes of the source.
    pub(super) fn at(source: &str, place: Range<usize>, problem: Problem) -> Self {
        let before = source.get(..place.start).unwrap_or(source);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before[line_start..].chars().count() + 1;
        let length = source.get(place).unwrap_or_default().chars().count();
        Self { problem, line, column, length }
    }

    /// The byte after this text is no UTF-8. A renderer shows what offends as
    /// one replacement character.
    pub(super) fn not_utf8(valid: &str) -> Self {
        let end = valid.len();
        Self { length: 1, ..Self::at(valid, end..end, Problem::NotUtf8) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, line, column, .. } = self;
        write!(f, "line {line}, column {column}: {problem}; {}", self.help())
    }
}

impl core::error::Error for Error {}
