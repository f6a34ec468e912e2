//! Cutting a source into lines and fields that remember where they were.

use core::ops::Range;

use super::{Field, Problem, Span};

/// What is wrong, and with which bytes. Only an error pays for line and column.
pub(super) type Fault = (Range<usize>, Problem);

/// A part of the source and where it starts, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl Piece<'_> {
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The source's size was checked, so 32 bits hold every place in it.
    pub(super) fn span(self) -> Span {
        Span { start: self.start as u32, end: self.end() as u32 }
    }

    pub(super) fn fault(self, problem: Problem) -> Fault {
        (self.start..self.end(), problem)
    }

    pub(super) fn not_blank(self) -> Result<Self, Fault> {
        if self.text.is_empty() { Err(self.fault(Problem::BlankLine)) } else { Ok(self) }
    }

    /// What is before the first comma and what is after it.
    pub(super) fn split(self) -> Option<(Self, Self)> {
        let (before, after) = self.text.split_once(',')?;
        let after = Self { start: self.end() - after.len(), text: after };
        Some((Self { start: self.start, text: before }, after))
    }

    /// As [`split`](Self::split), where `next` must follow.
    pub(super) fn cut(self, next: Field) -> Result<(Self, Self), Fault> {
        let end = self.end();
        self.split().ok_or((end..end, Problem::MissingField { field: next }))
    }
}

/// The lines of a source without their ends, and without blank ones after the last.
pub(super) struct Lines<'a> {
    rest: Option<Piece<'a>>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        let mut text = source;
        while let Some(shorter) = text.strip_suffix('\n') {
            text = shorter.strip_suffix('\r').unwrap_or(shorter);
        }
        Self { rest: Some(Piece { start: 0, text }).filter(|piece| !piece.text.is_empty()) }
    }

    /// Where the last line ends.
    pub(super) fn end(&self) -> usize {
        self.rest.map_or(0, Piece::end)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest.take()?;
        let Some((line, after)) = rest.text.split_once('\n') else {
            return Some(rest);
        };
        self.rest = Some(Piece { start: rest.end() - after.len(), text: after });
        Some(Piece { start: rest.start, text: line.strip_suffix('\r').unwrap_or(line) })
    }
}
