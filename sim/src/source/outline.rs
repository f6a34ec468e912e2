//! The shape of a RON text: its tokens, and which bracket closes which.
//!
//! It never refuses anything: the reader decides what is a mistake, and a
//! mistake in one place does not hide the tokens of another.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a number, or anything else without structure.
    Word,
    /// A string, byte string or character, with its quotes.
    Quoted,
    Open(char),
    Close,
    Comma,
    Colon,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Bytes of the source.
    pub(super) range: Range<usize>,
    /// Of an opening bracket, the index of the token that closes it, or one past the last token.
    pub(super) closed_by: usize,
}

#[derive(Debug)]
pub(super) struct Outline {
    pub(super) tokens: Vec<Token>,
    /// The index of the first token that belongs to no `#![...]` attribute.
    pub(super) start: usize,
    /// Where a block comment begins that is not closed.
    pub(super) unclosed_comment: Option<usize>,
}

impl Outline {
    pub(super) fn of(source: &str) -> Self {
        let mut tokens = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut at = 0;
        while let Some((kind, range)) = next_token(source, at) {
            at = range.end;
            match kind {
                Kind::Open(_) => open.push(tokens.len()),
                Kind::Close => {
                    if let Some(opening) = open.pop() {
                        let closing = tokens.len();
                        let opening: &mut Token = &mut tokens[opening];
                        opening.closed_by = closing;
                    }
                }
                _ => {}
            }
            tokens.push(Token { kind, range, closed_by: usize::MAX });
        }
        let count = tokens.len();
        for token in &mut tokens {
            token.closed_by = token.closed_by.min(count);
        }
        let start = after_attributes(source, &tokens);
        let unclosed_comment = unclosed_comment(source, at);
        Self { tokens, start, unclosed_comment }
    }

    /// The bytes of the value that begins with this token: the token alone, or with what is in
    /// its brackets. Empty after the last token.
    pub(super) fn value_from(&self, first: usize) -> Range<usize> {
        let Some(token) = self.tokens.get(first) else {
            let end = self.end_of(first);
            return end..end;
        };
        let has_parentheses = token.kind == Kind::Word
            && self.tokens.get(first + 1).is_some_and(|next| next.kind == Kind::Open('('));
        let last = match token.kind {
            _ if has_parentheses => self.tokens[first + 1].closed_by,
            Kind::Open(_) => token.closed_by,
            _ => first,
        };
        token.range.start..self.end_of(last + 1)
    }

    /// The byte after the last token before this one.
    pub(super) fn end_of(&self, token: usize) -> usize {
        let before = self.tokens[..token.min(self.tokens.len())].last();
        before.map_or(0, |token| token.range.end)
    }
}

/// The words and signs of a RON text, without comments and white space.
#[must_use]
pub fn words(source: &str) -> Vec<&str> {
    Outline::of(source).tokens.into_iter().map(|token| &source[token.range]).collect()
}

fn next_token(source: &str, from: usize) -> Option<(Kind, Range<usize>)> {
    let start = skip_blank(source, from);
    let rest = &source[start..];
    let first = rest.chars().next()?;
    let (kind, length) = match first {
        '(' | '[' | '{' => (Kind::Open(first), 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        ',' => (Kind::Comma, 1),
        ':' => (Kind::Colon, 1),
        _ => match quoted_length(rest) {
            Some(length) => (Kind::Quoted, length),
            None => (Kind::Word, word_length(rest)),
        },
    };
    Some((kind, start..start + length))
}

/// Past whitespace and comments.
fn skip_blank(source: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let start = skip_white_space(source, at);
        at = start + comment_length(&source[start..]);
        if at == start {
            return at;
        }
    }
}

/// The block comment without an end that the text ends with, if it does.
fn unclosed_comment(source: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let start = skip_white_space(source, at);
        let rest = &source[start..];
        if rest.starts_with("/*") && block_comment_length(rest).is_none() {
            return Some(start);
        }
        at = start + comment_length(rest);
        if at == start {
            return None;
        }
    }
}

fn skip_white_space(source: &str, from: usize) -> usize {
    source.len() - source[from..].trim_start_matches(is_white_space).len()
}

/// What RON calls white space: less than Unicode does.
fn is_white_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

/// Zero where no comment begins; to the end of the text where one is not closed.
fn comment_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if !rest.starts_with("/*") {
        return 0;
    }
    block_comment_length(rest).unwrap_or(rest.len())
}

/// `None` where it is not closed. Block comments nest.
fn block_comment_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The length of the string or character that begins here, with its prefix and quotes.
fn quoted_length(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('b').unwrap_or(rest);
    let prefix = rest.len() - body.len();
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let content = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", &raw[..hashes]);
        let content_length = content.find(&end).map_or(content.len(), |found| found + end.len());
        return Some(prefix + 1 + hashes + 1 + content_length);
    }
    if body.starts_with("'''") {
        return Some(prefix + "'''".len());
    }
    let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    for (at, c) in body.char_indices().skip(1) {
        if !escaped && c == quote {
            return Some(prefix + at + 1);
        }
        escaped = !escaped && c == '\\';
    }
    Some(rest.len())
}

/// At least one character, up to one that belongs to another kind of token.
fn word_length(rest: &str) -> usize {
    let ends = |(at, c): (usize, char)| {
        is_white_space(c)
            || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | ',' | ':' | '"' | '\'')
            || rest[at..].starts_with("//")
            || rest[at..].starts_with("/*")
    };
    rest.char_indices().skip(1).find(|found| ends(*found)).map_or(rest.len(), |(at, _)| at)
}

fn after_attributes(source: &str, tokens: &[Token]) -> usize {
    let mut start = 0;
    while tokens.get(start).is_some_and(|token| source[token.range.clone()].starts_with('#')) {
        let bracket = tokens[start..].iter().position(|token| matches!(token.kind, Kind::Open(_)));
        start = bracket.map_or(tokens.len(), |skipped| tokens[start + skipped].closed_by + 1);
    }
    start.min(tokens.len())
}
