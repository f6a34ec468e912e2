use std::ops::Range;

use ron::error::{Error, Position, SpannedError};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Deserializer, Track};

use super::diagnostic::Diagnostic;
use super::locate::Map;
use super::outline::Kind;
use super::path::{Path, Segment};
use super::wording::{Account, Blame, closest};

/// Reads a value from a RON text; `file` is the name to show in a diagnostic.
///
/// `Some(x)` may be written `x`. Everything in the text has to mean something:
/// a field that the type ignores is refused, whether or not it denies unknown
/// fields, and so is anything after the value.
///
/// A type that refuses its value with [`serde::de::Error::custom`] may tell
/// two things: the first line of the text is the message, the rest is help.
pub fn read<T: DeserializeOwned>(file: &str, source: &str) -> Result<T, Diagnostic> {
    let text = Text { file, map: Map::of(source), source };
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let mut reader = ron::Deserializer::from_str_with_options(source, &options)
        .map_err(|error| text.explain(&Path::root(), true, &error))?;
    let mut track = Track::new();
    let mut ignored = None;
    // Of one type whatever is read, so that what reads a part of a file is compiled once.
    let mut note: &mut dyn FnMut(serde_ignored::Path<'_>) = &mut |path| {
        ignored.get_or_insert_with(|| Path::from(&path));
    };
    let value = T::deserialize(serde_ignored::Deserializer::new(
        Deserializer::new(&mut reader, &mut track),
        &mut note,
    ));
    let value = value.map_err(|code| {
        // Of a misspelt field the reader says only that the right one is missing.
        if let (Error::MissingStructField { field, .. }, Some(path)) = (&code, &ignored) {
            return text.unknown_field(path, Some(field));
        }
        let tracked = track.path();
        let path = Path::from(&tracked);
        let is_whole = path.segments().len() == tracked.iter().len();
        text.explain(&path, is_whole, &reader.span_error(code))
    })?;
    reader.end().map_err(|code| text.explain(&Path::root(), false, &reader.span_error(code)))?;
    match ignored {
        Some(path) => Err(text.unknown_field(&path, None)),
        None => Ok(value),
    }
}

struct Text<'text> {
    file: &'text str,
    source: &'text str,
    map: Map<'text>,
}

impl Text<'_> {
    /// `is_whole` unless the error arose at a place that has no path, such as before a key.
    fn explain(&self, path: &Path, is_whole: bool, error: &SpannedError) -> Diagnostic {
        let account = Account::of(&error.code);
        let read = self.byte(&error.span.start)..self.byte(&error.span.end);
        let value = || self.map.value_at(path).filter(|_| is_whole);
        let mut path = path.clone();
        let mut help = account.help;
        let span = match account.blame {
            Blame::Field(name) => {
                if path.segments().last() != Some(&Segment::Field(name.clone())) {
                    path = path.field(name.as_str());
                }
                self.spelt(&read, &name).or_else(|| self.map.key_at(&path))
            }
            Blame::Variant(name) => self.spelt(&read, &name).or_else(value),
            Blame::Value => value(),
            Blame::Read => self.last_read(&read, value()),
            Blame::Text => Some(self.text_at(&read, &error.code)),
            Blame::Gap => {
                help = help.or_else(|| self.needless_parenthesis(read.end));
                Some(self.gap(read.end))
            }
        };
        let span = span.unwrap_or_else(|| self.text_at(&read, &error.code));
        let mut diagnostic =
            Diagnostic::new(self.file, self.source, span, account.message).with_path(&path);
        if let Some(expected) = account.expected {
            diagnostic = diagnostic.with_expected(expected);
        }
        if let Some(help) = help {
            diagnostic = diagnostic.with_help(help);
        }
        diagnostic
    }

    /// `missing` is a field that should be there, and may be the one that was meant.
    fn unknown_field(&self, path: &Path, missing: Option<&str>) -> Diagnostic {
        let span = self.map.key_at(path).or_else(|| self.map.value_at(path)).unwrap_or(0..0);
        let told =
            |message: &str| Diagnostic::new(self.file, self.source, span, message).with_path(path);
        let Some(Segment::Field(name)) = path.segments().last() else {
            return told("a value that means nothing here");
        };
        let unknown = told(&format!("unknown field `{name}`"));
        match missing.and_then(|missing| closest(name, &[missing])) {
            Some(meant) => unknown.with_help(format!("did you mean `{meant}`?")),
            None => unknown,
        }
    }

    /// What the reader took in last, if it is this name.
    fn spelt(&self, read: &Range<usize>, name: &str) -> Option<Range<usize>> {
        let text = self.source.get(read.clone())?;
        (text.strip_prefix("r#").unwrap_or(text) == name).then(|| read.clone())
    }

    /// The value at the path; but the token read last if that is not in the
    /// value, as when a map's key is refused that another value already has.
    fn last_read(&self, read: &Range<usize>, value: Option<Range<usize>>) -> Option<Range<usize>> {
        let token = self.map.outline.token_before(read.end).map(|token| token.range.clone());
        match (value, token) {
            (Some(value), Some(token)) => {
                let within = value.start <= token.start && token.end <= value.end;
                Some(if within { value } else { token })
            }
            (value, token) => value.or(token),
        }
    }

    /// The token where the reader stopped.
    fn text_at(&self, read: &Range<usize>, error: &Error) -> Range<usize> {
        if matches!(error, Error::InvalidEscape(_)) {
            return read.clone();
        }
        if matches!(error, Error::UnclosedBlockComment) {
            let gap = self.gap(read.end).end;
            let comment = self.source.len() - self.source[gap..].trim_start().len();
            return comment..comment + "/*".len();
        }
        match self.map.outline.token_at(read.end) {
            Some(token) => token.range.clone(),
            None => self.gap(read.end),
        }
    }

    /// Right after the last token before a byte, on whatever line that is.
    fn gap(&self, byte: usize) -> Range<usize> {
        let end = self.map.outline.token_before(byte).map_or(0, |token| token.range.end);
        end..end
    }

    /// Advice for `Lose(1)` where `Lose` would do.
    fn needless_parenthesis(&self, byte: usize) -> Option<String> {
        let outline = &self.map.outline;
        let name = outline.token_before(byte).filter(|token| token.kind == Kind::Word)?;
        outline.token_at(byte).filter(|token| token.kind == Kind::Open('('))?;
        Some(format!("`{}` takes nothing in parentheses", &self.source[name.range.clone()]))
    }

    /// The byte offset of a line and a column, both counted from 1.
    fn byte(&self, position: &Position) -> usize {
        let lines_before = self.source.split_inclusive('\n').take(position.line.saturating_sub(1));
        let line_start: usize = lines_before.map(str::len).sum();
        let line = &self.source[line_start..];
        let column = position.col.saturating_sub(1);
        line.char_indices().nth(column).map_or(self.source.len(), |(byte, _)| line_start + byte)
    }
}
