use std::ops::Range;

use super::outline::{Kind, Outline};
use super::path::{Path, Segment};
use super::scalar;

/// The byte range of the value at a path in a RON text.
///
/// If nothing is at the path, the range of the deepest value on the way to it. A path that ends with an enum variant's name is the one value in
/// the variant's parentheses, or else the whole variant. `None` only for a
/// text without a value. Never fails on a text that is not valid RON; what it
/// then finds is a guess.
#[must_use]
pub fn locate(source: &str, path: &Path) -> Option<Range<usize>> {
    Map::of(source).value_at(path)
}

/// The attributes at the top of a RON text (`#![enable(..)]`), if it has any.
#[must_use]
pub fn attributes(source: &str) -> Option<Range<usize>> {
    let outline = Outline::of(source);
    let first = outline.tokens[..outline.start].first()?.range.start;
    Some(first..outline.tokens[outline.start - 1].range.end)
}

/// A text and its outline, to look up paths in.
struct Map<'source> {
    source: &'source str,
    outline: Outline,
}

impl<'source> Map<'source> {
    fn of(source: &'source str) -> Self {
        Self { source, outline: Outline::of(source) }
    }

    /// See [`locate`].
    fn value_at(&self, path: &Path) -> Option<Range<usize>> {
        let mut spot = self.root();
        for segment in path.segments() {
            match self.step(&spot, segment) {
                Some(next) => spot = next,
                None => break,
            }
        }
        self.bytes(&spot.whole)
    }

    fn root(&self) -> Spot {
        Spot::value(self.outline.start..self.outline.tokens.len())
    }

    /// One step into a value. Every turn of the loop goes one bracket deeper.
    fn step(&self, spot: &Spot, segment: &Segment) -> Option<Spot> {
        let mut spot = spot.clone();
        loop {
            let shape = self.shape(&spot.inner);
            let sole = match shape.entries.as_slice() {
                [only] if only.key.is_empty() && shape.bracket == Some('(') => Some(only.clone()),
                _ => None,
            };
            spot = match segment {
                Segment::Field(name) if shape.name == Some(name) => {
                    let variant = Spot { inner: shape.body, ..spot };
                    return Some(sole.unwrap_or(variant));
                }
                Segment::Field(name) => {
                    match shape.entries.iter().find(|entry| self.is_named(entry, name)) {
                        Some(entry) => return Some(entry.clone()),
                        None => sole?,
                    }
                }
                Segment::Index(index) => match sole {
                    Some(wrapped) if *index > 0 || self.can_be_indexed(&wrapped) => wrapped,
                    _ if shape.bracket == Some('{') => return None,
                    _ => {
                        let entry = shape.entries.into_iter().nth(*index)?;
                        return Some(entry).filter(|entry| entry.key.is_empty());
                    }
                },
            };
        }
    }

    /// Whether a value in parentheses of its own is what an index means, and not the parentheses:
    /// in `([1, 2])` the parentheses are a newtype's.
    fn can_be_indexed(&self, spot: &Spot) -> bool {
        matches!(self.shape(&spot.inner).bracket, Some('[' | '('))
    }

    fn is_named(&self, entry: &Spot, name: &str) -> bool {
        let Some(range) = self.bytes(&entry.key) else { return false };
        let text = &self.source[range];
        match self.outline.tokens[entry.key.start].kind {
            Kind::Quoted => scalar::key(text).is_some_and(|key| key == name),
            _ => text.strip_prefix("r#").unwrap_or(text) == name,
        }
    }

    fn shape(&self, value: &Range<usize>) -> Shape<'source> {
        let tokens = &self.outline.tokens;
        let name = value.clone().next().filter(|&first| tokens[first].kind == Kind::Word);
        let body = value.start + usize::from(name.is_some())..value.end;
        let bracket = body.clone().next().and_then(|first| match tokens[first].kind {
            Kind::Open(bracket) => Some(bracket),
            _ => None,
        });
        Shape {
            name: name.map(|first| {
                let text = &self.source[tokens[first].range.clone()];
                text.strip_prefix("r#").unwrap_or(text)
            }),
            bracket,
            entries: if bracket.is_some() { self.entries(body.start) } else { Vec::new() },
            body,
        }
    }

    /// What stands between the commas of a bracket.
    fn entries(&self, opening: usize) -> Vec<Spot> {
        let tokens = &self.outline.tokens;
        let end = tokens[opening].closed_by;
        let mut entries = Vec::new();
        let mut entry = Spot::value(opening + 1..opening + 1);
        let mut at = opening + 1;
        while at < end {
            match tokens[at].kind {
                Kind::Comma => {
                    entries.push(entry.until(at));
                    entry = Spot::value(at + 1..at + 1);
                }
                Kind::Colon if entry.key.is_empty() => {
                    entry = Spot { key: entry.whole.start..at, ..Spot::value(at + 1..at + 1) };
                }
                Kind::Open(_) => at = tokens[at].closed_by,
                _ => {}
            }
            at += 1;
        }
        let last = entry.until(end);
        if !(last.key.is_empty() && last.whole.is_empty()) {
            entries.push(last);
        }
        entries
    }

    fn bytes(&self, tokens: &Range<usize>) -> Option<Range<usize>> {
        let tokens = self.outline.tokens.get(tokens.clone())?;
        Some(tokens.first()?.range.start..tokens.last()?.range.end)
    }
}

/// A value, in ranges of tokens.
#[derive(Clone, Debug)]
struct Spot {
    /// What names it in its struct or map; empty where nothing does.
    key: Range<usize>,
    whole: Range<usize>,
    /// The part the next step looks into: all of it, or a variant without its name.
    inner: Range<usize>,
}

impl Spot {
    fn value(tokens: Range<usize>) -> Self {
        Self { key: 0..0, whole: tokens.clone(), inner: tokens }
    }

    fn until(self, end: usize) -> Self {
        Self { key: self.key, ..Self::value(self.whole.start..end) }
    }
}

/// How a value is built: `name(entries)`.
struct Shape<'source> {
    name: Option<&'source str>,
    bracket: Option<char>,
    entries: Vec<Spot>,
    body: Range<usize>,
}
