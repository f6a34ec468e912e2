use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use rehearsal_machine::{is_hidden, printable};

use super::locate::locate;
use super::path::Path;

/// One thing that is wrong in a file, and where.
///
/// Displayed as [`render`](Self::render) does.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnostic(Box<Parts>);

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    file: String,
    source: Arc<str>,
    span: Range<usize>,
    path: String,
    message: String,
    expected: Option<String>,
    help: Option<String>,
}

impl Diagnostic {
    /// A mistake in a range of bytes of the file's text.
    ///
    /// `file` is the name to show. A range that leaves the text or cuts a
    /// character is widened or clamped to one that does not.
    #[must_use]
    pub fn new(file: &str, source: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let start = boundary_before(source, span.start);
        let end = boundary_after(source, span.end.max(start));
        Self(Box::new(Parts {
            file: file.to_owned(),
            source: source.into(),
            span: start..end,
            path: String::new(),
            message: shortened(&message.into()),
            expected: None,
            help: None,
        }))
    }

    /// A mistake in so many characters from a line and column on, both counted from 1.
    #[must_use]
    pub fn at_line(
        file: &str,
        source: &str,
        (line, column): (usize, usize),
        characters: usize,
        message: impl Into<String>,
    ) -> Self {
        let line_start: usize =
            source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = &source[line_start..];
        let byte = |character| rest.char_indices().nth(character).map_or(rest.len(), |(at, _)| at);
        let start = column.saturating_sub(1);
        let span = line_start + byte(start)..line_start + byte(start.saturating_add(characters));
        Self::new(file, source, span, message)
    }

    /// A mistake in the value at a path, as [`locate`] finds it.
    #[must_use]
    pub fn at(file: &str, source: &str, path: &Path, message: impl Into<String>) -> Self {
        let span = locate(source, path).unwrap_or(0..0);
        Self::new(file, source, span, message).with_path(path)
    }

    /// The same, naming the path of the value that is wrong.
    #[must_use]
    pub fn with_path(mut self, path: &Path) -> Self {
        self.0.path = path.to_string();
        self
    }

    /// The same, saying what would have been right.
    #[must_use]
    pub fn with_expected(mut self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    /// The same, saying what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// The file's name, as it is shown.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// The file's text.
    #[must_use]
    pub fn source(&self) -> &Arc<str> {
        &self.0.source
    }

    /// The mistake, in bytes of the text; always within it and between characters.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone()
    }

    /// The path of the value that is wrong, such as `faults[0].do`; empty if it has none.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong, in a few words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What would have been right.
    #[must_use]
    pub fn expected(&self) -> Option<&str> {
        self.0.expected.as_deref()
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Where the mistake begins: line and column, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.0.source[..self.0.span.start];
        let line = before.matches('\n').count() + 1;
        let column = before[self.line_start()..].chars().count() + 1;
        (line, column)
    }

    /// Several lines for a person: `file:line:column`, the line with the
    /// mistake underlined, then the path, what was expected, and help.
    ///
    /// Only the first line of a longer mistake is shown, and of characters that
    /// no reader could see only that they are there.
    #[must_use]
    pub fn render(&self) -> String {
        self.render_with(&Renderer::plain())
    }

    /// [`render`](Self::render), with terminal colours.
    #[must_use]
    pub fn render_coloured(&self) -> String {
        self.render_with(&Renderer::styled())
    }

    fn render_with(&self, renderer: &Renderer) -> String {
        let parts = &*self.0;
        let line_start = self.line_start();
        let rest = &parts.source[line_start..];
        let line = match rest.split_once('\n') {
            Some((line, _)) => line.strip_suffix('\r').unwrap_or(line),
            None => rest,
        };
        // A byte of the line, as a byte of what is shown of it.
        let within = |byte: usize| {
            let before = &line[..(byte - line_start).min(line.len())];
            before.chars().map(in_line).map(char::len_utf8).sum()
        };
        let message = printable(&parts.message);
        let file = printable(&parts.file);
        let annotation = AnnotationKind::Primary
            .span(within(parts.span.start)..within(parts.span.end))
            .label(&*message);
        // The renderer is shown one line only, and finds the column by itself: the same one.
        let snippet = Snippet::source(line.chars().map(in_line).collect::<String>())
            .path(&*file)
            .line_start(self.line_column().0)
            .annotation(annotation);
        let mut group = Group::with_level(Level::ERROR).element(snippet);
        let path = shortened_path(&parts.path);
        let path = Some(path.as_str()).filter(|path| !path.is_empty());
        for (name, text) in [("path", path), ("expected", self.expected()), ("help", self.help())] {
            if let Some(text) = text {
                let text = printable(text).into_owned();
                group = group.element(Level::NOTE.with_name(name).message(text));
            }
        }
        renderer.render(&[group])
    }

    fn line_start(&self) -> usize {
        self.0.source[..self.0.span.start].rfind('\n').map_or(0, |newline| newline + 1)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render())
    }
}

/// What [`Display`](fmt::Display) shows: a failed test should show the mistake, not the file.
impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Diagnostic {}

/// A character of a source line as it is shown there: one for one, so that
/// columns stay as they are. The renderer has pictures of its own for those of ASCII.
fn in_line(character: char) -> char {
    if is_hidden(character) && !character.is_ascii() {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

/// A message whose quoted words have been cut where they are long: what stands in
/// a file can have any length.
fn shortened(message: &str) -> String {
    let parts = message.split('`').enumerate().map(|(nth, part)| {
        let letters = part.chars().count();
        if nth % 2 == 0 || letters <= MOST_QUOTED {
            return part.to_owned();
        }
        let first: String = part.chars().take(MOST_QUOTED / 2).collect();
        format!("{first}.. ({letters} characters)")
    });
    parts.collect::<Vec<_>>().join("`")
}

/// A path without its middle if it is long: a key in it can have any length.
fn shortened_path(path: &str) -> String {
    let letters: Vec<_> = path.chars().collect();
    if letters.len() <= 2 * MOST_QUOTED {
        return path.to_owned();
    }
    let [first, last] = [&letters[..MOST_QUOTED / 2], &letters[letters.len() - MOST_QUOTED / 2..]];
    let [first, last] = [first, last].map(|part| part.iter().collect::<String>());
    format!("{first}.. ({} characters) ..{last}", letters.len())
}

/// A quoted word of more characters is cut.
const MOST_QUOTED: usize = 80;

/// The last boundary at or before this byte: between characters, and not within
/// the two of a line's end.
fn boundary_before(source: &str, byte: usize) -> usize {
    let mut byte = byte.min(source.len());
    while !source.is_char_boundary(byte) {
        byte -= 1;
    }
    let splits_line_end = source[..byte].ends_with('\r') && source[byte..].starts_with('\n');
    byte - usize::from(splits_line_end)
}

/// The first boundary between characters at or after this byte.
fn boundary_after(source: &str, byte: usize) -> usize {
    let mut byte = byte.min(source.len());
    while !source.is_char_boundary(byte) {
        byte += 1;
    }
    byte
}
