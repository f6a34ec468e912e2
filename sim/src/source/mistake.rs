//! The reader's error: what a person is told, and what in the text it is about.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Expected, Unexpected};

/// Why a value is refused, by the reader or by the value's type.
///
/// A type knows nothing of the text: what its mistake points at, and the path,
/// the reader knows from where it stands.
#[derive(Debug)]
pub(super) struct Mistake(Box<Account>);

#[derive(Debug)]
pub(super) struct Account {
    pub(super) message: String,
    pub(super) expected: Option<String>,
    pub(super) help: Option<String>,
    pub(super) blame: Blame,
}

/// What in the file a mistake is about.
#[derive(Debug)]
pub(super) enum Blame {
    /// The value or the key that is being read.
    Value,
    /// The name that the value begins with.
    Name,
    /// The struct's field of this name.
    Field(String),
    /// The struct that is being read, which lacks a field.
    Struct,
    /// These bytes.
    Bytes(Range<usize>),
}

impl Mistake {
    pub(super) fn new(message: impl Into<String>, blame: Blame) -> Self {
        Self(Box::new(Account { message: message.into(), expected: None, help: None, blame }))
    }

    pub(super) fn wrong_type(expected: impl Into<String>) -> Self {
        Self::new("wrong type of value", Blame::Value).expecting(expected)
    }

    pub(super) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(super) fn blaming(mut self, blame: Blame) -> Self {
        self.0.blame = blame;
        self
    }

    pub(super) fn blame(&self) -> &Blame {
        &self.0.blame
    }

    pub(super) fn into_account(self) -> Account {
        *self.0
    }

    fn did_you_mean(mut self, found: &str, allowed: &[&str]) -> Self {
        self.0.help = closest(found, allowed).map(|meant| format!("did you mean `{meant}`?"));
        self
    }

    /// A field that is not among the allowed ones, where those are known.
    pub(super) fn unknown_field(found: &str, allowed: Option<&[&str]>) -> Self {
        let blame = Blame::Field(found.to_owned());
        let unknown = Self::new(format!("unknown field `{found}`"), blame);
        match allowed {
            Some(allowed) => unknown
                .expecting(one_of(allowed).unwrap_or_else(|| "no fields".to_owned()))
                .did_you_mean(found, allowed),
            None => unknown,
        }
    }
}

impl de::Error for Mistake {
    /// The first line is the message; what follows it is help.
    fn custom<T: fmt::Display>(text: T) -> Self {
        let text = text.to_string();
        match text.split_once('\n') {
            Some((message, help)) => Self::new(message, Blame::Value).with_help(help),
            None => Self::new(text, Blame::Value),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("unexpected value: {}", Found(found)), Blame::Value)
            .expecting(expected.to_string())
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        let elements = if found == 1 { "element" } else { "elements" };
        Self::new(format!("unexpected length: {found} {elements}"), Blame::Value)
            .expecting(expected.to_string())
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::new(format!("unknown variant `{found}`"), Blame::Name)
            .expecting(one_of(allowed).unwrap_or_else(|| "no variants".to_owned()))
            .did_you_mean(found, allowed)
    }

    fn unknown_field(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::unknown_field(found, Some(allowed))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`"), Blame::Struct)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("field `{field}` appears twice"), Blame::Field(field.to_owned()))
            .with_help("remove one of the two")
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Mistake {}

/// The value that a type did not want.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Unsigned(number) => write!(f, "the number `{number}`"),
            Unexpected::Signed(number) => write!(f, "the number `{number}`"),
            Unexpected::Float(number) => write!(f, "the number `{number}`"),
            Unexpected::Char(c) => write!(f, "the character {c:?}"),
            Unexpected::Str(text) => write!(f, "the string {text:?}"),
            Unexpected::Bool(value) => write!(f, "`{value}`"),
            Unexpected::Unit => f.write_str("a name or `()`"),
            Unexpected::Seq => f.write_str("a list or a tuple"),
            ref other => other.fmt(f),
        }
    }
}

/// The allowed word that a misspelt one was likely meant to be, if any is close enough.
///
/// Close is an edit for every three characters, and at least one; a difference
/// of case alone is always close. An edit inserts, deletes or replaces a
/// character, or swaps two neighbours (Damerau 1964).
#[must_use]
pub fn closest<'word>(found: &str, allowed: &[&'word str]) -> Option<&'word str> {
    let lowercase = found.to_lowercase();
    let edits = (found.chars().count() / 3).max(1);
    allowed
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&lowercase, &word.to_lowercase()), *word))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= edits)
        .map(|(_, word)| word)
}

/// The words in quotes, as a person lists alternatives: `` `a`, `b` or `c` ``. `None` of no words.
#[must_use]
pub fn one_of(words: &[&str]) -> Option<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let (last, rest) = quoted.split_last()?;
    Some(if rest.is_empty() { last.clone() } else { format!("{} or {last}", rest.join(", ")) })
}
