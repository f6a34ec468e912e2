//! What a person is told about an error of the RON reader.

use ron::error::Error;

/// An error, told to a person.
pub(super) struct Account {
    pub(super) message: String,
    pub(super) expected: Option<String>,
    pub(super) help: Option<String>,
    pub(super) blame: Blame,
}

/// What in the file an error is about.
pub(super) enum Blame {
    /// A struct's field, or its name if that is what is wrong.
    Field(String),
    /// The name of an enum variant.
    Variant(String),
    /// The value at the error's path, of which nothing may have been read yet.
    Value,
    /// The value at the error's path, or a key of it: whichever was read last.
    Read,
    /// The text where reading stopped.
    Text,
    /// The end of what was read, where something is missing.
    Gap,
}

impl Account {
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::NoSuchStructField { expected, found, .. } => Self {
                help: did_you_mean(found, expected),
                ..Self::new(format!("unknown field `{found}`"), Blame::Field(found.clone()))
                    .expecting(one_of(expected).unwrap_or_else(|| "no fields".to_owned()))
            },
            Error::NoSuchEnumVariant { expected, found, .. } => Self {
                help: did_you_mean(found, expected),
                ..Self::new(format!("unknown variant `{found}`"), Blame::Variant(found.clone()))
                    .expecting(one_of(expected).unwrap_or_else(|| "no variants".to_owned()))
            },
            Error::DuplicateStructField { field, .. } => Self {
                help: Some("remove one of the two".to_owned()),
                ..Self::new(
                    format!("field `{field}` appears twice"),
                    Blame::Field((*field).to_owned()),
                )
            },
            Error::MissingStructField { field, .. } => {
                Self::new(format!("missing field `{field}`"), Blame::Value)
            }
            Error::InvalidValueForType { expected, found } => {
                Self::new(format!("unexpected value: {found}"), Blame::Read).expecting(expected)
            }
            Error::ExpectedDifferentLength { expected, found } => {
                let elements = if *found == 1 { "element" } else { "elements" };
                Self::new(format!("unexpected length: {found} {elements}"), Blame::Value)
                    .expecting(expected)
            }
            Error::IntegerOutOfBounds => Self::new("the number is out of range", Blame::Value),
            Error::Message(text) => Self::told_by_a_type(text),
            Error::SuggestRawIdentifier(text) => {
                Self::new(format!("`{text}` is not a name"), Blame::Text)
            }
            Error::TrailingCharacters => {
                Self::new("something follows after the end of the value", Blame::Text)
            }
            Error::ExpectedComma => Self::new("expected a comma", Blame::Gap),
            _ => match wanted(error) {
                Some(wanted) => Self::new("wrong type of value", Blame::Value).expecting(wanted),
                None => Self::new(uncapitalised(&error.to_string()), Blame::Text),
            },
        }
    }

    fn new(message: impl Into<String>, blame: Blame) -> Self {
        Self { message: message.into(), expected: None, help: None, blame }
    }

    fn expecting(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    /// The first line is the message; what follows it is help.
    fn told_by_a_type(text: &str) -> Self {
        let (message, help) = match text.split_once('\n') {
            Some((message, help)) => (message, Some(help.to_owned())),
            None => (text, None),
        };
        Self { help, ..Self::new(message, Blame::Read) }
    }
}

/// The value the reader wanted where it found another one, if that is what is wrong.
fn wanted(error: &Error) -> Option<String> {
    let wanted = match error {
        Error::ExpectedBoolean => "`true` or `false`",
        Error::ExpectedInteger => "an integer",
        Error::ExpectedFloat => "a number",
        Error::ExpectedChar => "a character in single quotes",
        Error::ExpectedString => "a string in double quotes",
        Error::ExpectedByteString => "a byte string",
        Error::ExpectedArray => "a list in `[` and `]`",
        Error::ExpectedMap => "a map in `{` and `}`",
        Error::ExpectedOption => "an optional value: `None` or `Some(...)`",
        Error::ExpectedUnit => "`()`",
        Error::ExpectedIdentifier => "a name, without quotes",
        Error::ExpectedStructLike => "a value in `(` and `)`",
        Error::ExpectedNamedStructLike(_) => "a struct in `(` and `)`",
        Error::ExpectedDifferentStructName { expected, .. } => {
            return Some(format!("a struct in `(` and `)`, or `{expected}(...)`"));
        }
        _ => return None,
    };
    Some(wanted.to_owned())
}

fn did_you_mean(found: &str, allowed: &[&str]) -> Option<String> {
    closest(found, allowed).map(|meant| format!("did you mean `{meant}`?"))
}

/// The allowed word that a misspelt one was likely meant to be, if any is close enough.
///
/// Close is an edit for every three characters, and at least one; a difference
/// of case alone is always close.
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

fn uncapitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}
