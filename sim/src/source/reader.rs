//! Walks over the tokens of a RON text, and knows the path to where it is.
//!
//! Nothing here depends on the type that is read, so all of it is compiled once.

use std::ops::Range;

use serde::de::Expected;

use super::diagnostic::Diagnostic;
use super::mistake::{Blame, Mistake};
use super::outline::{Kind, Outline, Token};
use super::path::{Path, Segment};
use super::scalar::{self, Flaw};

/// How many values may be nested in one another, so that no text overflows the stack.
const MOST_NESTED: usize = 128;

/// Walks over the tokens of a text.
///
/// The path to the value that is being read is a stack of steps. After a mistake
/// nothing is popped, so the stack then says where the mistake is.
pub(super) struct Reader<'de> {
    source: &'de str,
    outline: Outline,
    /// The token that comes next.
    at: usize,
    /// From the whole file to the value that is being read. Never empty.
    steps: Vec<Step>,
    ignored: Option<Ignored>,
}

/// One step from a value to a value in it.
struct Step {
    place: Place,
    /// The value's first token; none while a key is being read.
    value: Option<usize>,
}

/// Where a step leads.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// `Some`, or the parentheses of a newtype: no part of a path.
    Wrapped,
    /// To the entry of a map or a struct with this token for a key.
    Key { token: usize, fields: Fields },
    /// Into a list or a tuple.
    Index(usize),
    /// Into an enum variant, whose name is this token.
    Variant(usize),
}

/// The first value that a type did not look at.
struct Ignored {
    path: Path,
    span: Range<usize>,
    fields: Fields,
}

/// The fields that a struct has, where they are known.
pub(super) type Fields = Option<&'static [&'static str]>;

pub(super) type Result<T, E = Mistake> = std::result::Result<T, E>;

impl<'de> Reader<'de> {
    pub(super) fn new(source: &'de str) -> Self {
        let outline = Outline::of(source);
        let first = Step { place: Place::Wrapped, value: Some(outline.start) };
        Self { source, at: outline.start, outline, steps: vec![first], ignored: None }
    }

    /// Refuses a text that cannot be read at all.
    pub(super) fn begin(&self) -> Result<()> {
        if let Some(comment) = self.outline.unclosed_comment {
            let span = comment..comment + "/*".len();
            return Err(Mistake::new("unclosed block comment", Blame::Bytes(span)));
        }
        let attributes = &self.outline.tokens[..self.outline.start];
        let text: String = attributes.iter().map(|token| self.text(token)).collect();
        match attributes {
            [first, .., last] if !text.replace("#![enable(implicit_some)]", "").is_empty() => {
                let span = first.range.start..last.range.end;
                Err(Mistake::new("this attribute is not known", Blame::Bytes(span))
                    .expecting("`#![enable(implicit_some)]`, which has no effect, or nothing"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses anything after the value.
    pub(super) fn end(&mut self) -> Result<()> {
        self.steps.truncate(1);
        match self.outline.tokens.get(self.at) {
            Some(token) => Err(Mistake::new(
                "something follows after the end of the value",
                Blame::Bytes(token.range.clone()),
            )),
            None => Ok(()),
        }
    }

    /// The first value that no type looked at, as a mistake.
    pub(super) fn ignored(&self, file: &str) -> Option<Diagnostic> {
        let Ignored { path, span, fields } = self.ignored.as_ref()?;
        let mistake = match path.segments().last() {
            Some(Segment::Field(name)) => Mistake::unknown_field(name, *fields),
            _ => Mistake::new("a value that means nothing here", Blame::Value),
        };
        Some(self.diagnostic(file, mistake, span.clone(), path))
    }

    /// Adds the place and the path to a mistake: reading has stopped where it is.
    pub(super) fn explain(&self, file: &str, mistake: Mistake) -> Diagnostic {
        let mut path = self.path();
        let span = match mistake.blame() {
            Blame::Bytes(span) => span.clone(),
            Blame::Value => self.value(),
            Blame::Name => match self.outline.tokens.get(self.value_start()) {
                Some(name) => name.range.clone(),
                None => self.value(),
            },
            Blame::Struct => match self.ignored(file) {
                // A misspelt field is missing under its right name.
                Some(ignored) => return ignored,
                None => self.value(),
            },
            Blame::Field(name) => {
                let is_read_last = path.segments().last() == Some(&Segment::Field(name.clone()));
                let key = self.key().filter(|_| is_read_last);
                if key.is_none() {
                    path = path.field(name.as_str());
                }
                key.unwrap_or_else(|| self.value())
            }
        };
        self.diagnostic(file, mistake, span, &path)
    }

    fn diagnostic(
        &self,
        file: &str,
        mistake: Mistake,
        span: Range<usize>,
        path: &Path,
    ) -> Diagnostic {
        let account = mistake.into_account();
        let mut diagnostic =
            Diagnostic::new(file, self.source, span, account.message).with_path(path);
        if let Some(expected) = account.expected {
            diagnostic = diagnostic.with_expected(expected);
        }
        if let Some(help) = account.help {
            diagnostic = diagnostic.with_help(help);
        }
        diagnostic
    }

    // The path.

    /// How deep the value is that is being read.
    pub(super) fn depth(&self) -> usize {
        self.steps.len()
    }

    /// Steps into the next value, or into its key.
    pub(super) fn enter(&mut self, place: Place) -> Result<()> {
        if self.steps.len() == MOST_NESTED {
            let here = self.outline.value_from(self.at);
            let message = "this is nested too deeply";
            return Err(Mistake::new(message, Blame::Bytes(here.start..here.start))
                .expecting(format!("at most {MOST_NESTED} values in one another")));
        }
        let value = match place {
            Place::Key { .. } => None,
            Place::Variant(token) => Some(token),
            Place::Index(_) | Place::Wrapped => Some(self.at),
        };
        self.steps.push(Step { place, value });
        Ok(())
    }

    /// Says that the value of the last step begins with the next token.
    pub(super) fn start_value(&mut self) {
        let at = self.at;
        if let Some(step) = self.steps.last_mut() {
            step.value = Some(at);
        }
    }

    /// Steps back out, to a value that was this deep.
    pub(super) fn leave(&mut self, depth: usize) {
        self.steps.truncate(depth);
    }

    /// Notes that no type looks at the next value.
    pub(super) fn ignore(&mut self) {
        if self.ignored.is_none() {
            let fields = match self.steps.last() {
                Some(Step { place: Place::Key { fields, .. }, .. }) => *fields,
                _ => None,
            };
            let span = self.key().unwrap_or_else(|| self.value());
            self.ignored = Some(Ignored { path: self.path(), span, fields });
        }
    }

    /// Ends before the first key that is not one word or string.
    fn path(&self) -> Path {
        let name = |token: usize| {
            let token = self.outline.tokens.get(token)?;
            let text = self.text(token);
            match token.kind {
                Kind::Word => Some(text.strip_prefix("r#").unwrap_or(text).to_owned()),
                Kind::Quoted => scalar::key(text),
                _ => None,
            }
        };
        let mut path = Path::root();
        for step in &self.steps {
            path = match step.place {
                Place::Wrapped => path,
                Place::Index(index) => path.index(index),
                Place::Key { token, .. } | Place::Variant(token) => match name(token) {
                    Some(name) => path.field(name),
                    None => return path,
                },
            };
        }
        path
    }

    /// The bytes of the key that was read last, if that was a key.
    fn key(&self) -> Option<Range<usize>> {
        match self.steps.last()?.place {
            Place::Key { token, .. } => Some(self.outline.value_from(token)),
            _ => None,
        }
    }

    /// The bytes of the value that is being read, or of its key while that is being read.
    fn value(&self) -> Range<usize> {
        self.outline.value_from(self.value_start())
    }

    fn value_start(&self) -> usize {
        let last = self.steps.last();
        last.map_or(0, |step| match (step.value, step.place) {
            (Some(value), _) => value,
            (None, Place::Key { token, .. }) => token,
            (None, _) => 0,
        })
    }

    // What comes next.

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The kind of a token, counted from the one that comes next.
    pub(super) fn peek(&self, ahead: usize) -> Option<Kind> {
        self.outline.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    /// The text of the token that comes next; nothing after the last one.
    pub(super) fn peek_text(&self) -> &'de str {
        self.outline.tokens.get(self.at).map_or("", |token| self.text(token))
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn is_next(&self, text: &str) -> bool {
        self.peek_text() == text
    }

    /// Whether `()` comes next, with nothing between the two.
    pub(super) fn is_unit(&self) -> bool {
        match self.outline.tokens.get(self.at..self.at + 2) {
            Some([open, close]) => {
                self.text(open) == "(" && self.text(close) == ")" && {
                    open.range.end == close.range.start
                }
            }
            _ => false,
        }
    }

    /// Whether the parentheses that come next hold exactly one value.
    pub(super) fn holds_one(&self) -> bool {
        let Some(first) = self.outline.tokens.get(self.at + 1) else { return false };
        let end = self.outline.value_from(self.at + 1).end;
        let after = self.outline.tokens[self.at + 1..]
            .iter()
            .position(|token| token.range.start >= end)
            .map_or(usize::MAX, |found| self.at + 1 + found);
        let closing = self.outline.tokens[self.at].closed_by;
        let is_comma =
            self.outline.tokens.get(after).is_some_and(|token| token.kind == Kind::Comma);
        first.kind != Kind::Close && (after == closing || (is_comma && after + 1 == closing))
    }

    /// A name, which may be written `r#name`.
    pub(super) fn name(&mut self) -> Result<&'de str> {
        let text = self.peek_text();
        match self.peek(0) {
            Some(Kind::Word) => {}
            Some(_) => {
                let here = Blame::Bytes(self.outline.value_from(self.at));
                return Err(self.refuse("a name, without quotes").blaming(here));
            }
            None => return Err(self.too_short()),
        }
        let name = scalar::name(text).ok_or_else(|| {
            let token = self.outline.tokens[self.at].range.clone();
            Mistake::new(format!("`{text}` is not a name"), Blame::Bytes(token))
        })?;
        self.at += 1;
        Ok(name)
    }

    /// The name of a struct, which may be left out. Whether it was there.
    pub(super) fn struct_name(&mut self, name: &str) -> Result<bool> {
        if self.peek(0) != Some(Kind::Word) {
            return Ok(false);
        }
        match scalar::name(self.peek_text()) {
            Some(found) if found == name => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if !name.is_empty() => {
                Err(self.refuse(&format!("a struct in `(` and `)`, or `{name}(...)`")))
            }
            _ => Err(self.refuse("a struct in `(` and `)`")),
        }
    }

    pub(super) fn open(&mut self, bracket: char, expected: &str) -> Result<()> {
        if self.peek(0) != Some(Kind::Open(bracket)) {
            return Err(self.refuse(expected));
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn colon(&mut self) -> Result<()> {
        self.punctuation(":", "expected a colon")
    }

    pub(super) fn close(&mut self, bracket: char) -> Result<()> {
        let mut buffer = [0; 4];
        self.punctuation(bracket.encode_utf8(&mut buffer), &format!("expected closing `{bracket}`"))
    }

    fn punctuation(&mut self, text: &str, message: &str) -> Result<()> {
        if self.is_next(text) {
            self.at += 1;
            return Ok(());
        }
        Err(match self.outline.tokens.get(self.at) {
            Some(token) => Mistake::new(message, Blame::Bytes(token.range.clone())),
            None => self.too_short(),
        })
    }

    /// Whether another entry follows in brackets. `entries` counts those that have been read.
    pub(super) fn has_entry(&mut self, entries: usize, close: char) -> Result<bool> {
        let mut buffer = [0; 4];
        let close = &*close.encode_utf8(&mut buffer);
        if entries > 0 && !self.is_next(close) {
            match self.peek(0) {
                Some(Kind::Comma) => self.at += 1,
                Some(_) => {
                    let end = self.outline.end_of(self.at);
                    return Err(Mistake::new("expected a comma", Blame::Bytes(end..end)));
                }
                None => return Err(self.too_short()),
            }
        }
        Ok(!self.is_next(close))
    }

    /// Reads the end of brackets, which a comma may precede if there were entries.
    pub(super) fn end_entries(&mut self, entries: usize, close: char) -> Result<()> {
        if entries > 0 && self.peek(0) == Some(Kind::Comma) {
            self.at += 1;
        }
        self.close(close)
    }

    // Literals, and how they are refused.

    /// Reads a value that is one token.
    pub(super) fn literal<T>(
        &mut self,
        expected: &str,
        parse: impl FnOnce(&'de str) -> Result<T, Flaw>,
    ) -> Result<T> {
        let value = parse(self.peek_text()).map_err(|flaw| self.flawed(&flaw, expected))?;
        self.at += 1;
        Ok(value)
    }

    fn flawed(&self, flaw: &Flaw, expected: &str) -> Mistake {
        let start = self.outline.tokens.get(self.at).map_or(0, |token| token.range.start);
        match flaw {
            Flaw::WrongType => self.refuse(expected),
            Flaw::OutOfRange => Mistake::new("the number is out of range", Blame::Value),
            Flaw::WrongSuffix => {
                self.refuse(expected).with_help("leave the suffix of another type out")
            }
            Flaw::Unclosed => Mistake::new("this string is not closed", Blame::Value),
            Flaw::Escape(range, message) => {
                let span = start + range.start..start + range.end;
                Mistake::new(*message, Blame::Bytes(span))
            }
        }
    }

    /// The mistake of another value than the expected one. The name of the value may have been read.
    pub(super) fn refuse(&self, expected: &str) -> Mistake {
        match self.outline.tokens.get(self.at) {
            _ if self.at != self.value_start() => Mistake::wrong_type(expected),
            None => self.too_short(),
            Some(Token { kind: Kind::Comma | Kind::Colon | Kind::Close, range, .. }) => {
                Mistake::new("a value is missing", Blame::Bytes(range.clone())).expecting(expected)
            }
            Some(_) => Mistake::wrong_type(expected),
        }
    }

    /// The same, for a type that takes several kinds of values.
    pub(super) fn refuse_any(&self, expected: &dyn Expected) -> Mistake {
        let expected = expected.to_string();
        match self.peek(0) {
            Some(Kind::Word) => {
                let message = format!("`{}` is not a value", self.peek_text());
                let refused = Mistake::new(message, Blame::Value);
                // What serde says of a value that nothing looks at.
                let is_ignored = expected == "anything at all";
                if is_ignored { refused } else { refused.expecting(expected) }
            }
            _ => self.refuse(&expected),
        }
    }

    fn too_short(&self) -> Mistake {
        let end = self.outline.end_of(self.at);
        let mistake = Mistake::new("the text ends too early", Blame::Bytes(end..end));
        let is_open = |token: &&Token| {
            matches!(token.kind, Kind::Open(_)) && token.closed_by == self.outline.tokens.len()
        };
        match self.outline.tokens.iter().rfind(is_open) {
            Some(open) => {
                let line = self.source[..open.range.start].matches('\n').count() + 1;
                let bracket = self.text(open);
                mistake.with_help(format!("the `{bracket}` in line {line} is never closed"))
            }
            None => mistake,
        }
    }

    /// The parentheses that come next, and what is in them.
    pub(super) fn bracketed(&self) -> Range<usize> {
        self.outline.value_from(self.at)
    }

    fn text(&self, token: &Token) -> &'de str {
        &self.source[token.range.clone()]
    }
}
