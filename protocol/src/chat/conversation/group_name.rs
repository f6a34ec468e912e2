use alloc::sync::Arc;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::ordering::Content;
use rehearsal_machine::is_hidden;

/// How many bytes the name of a group may have.
const MOST_BYTES: usize = 64;

/// The name of a group of users, as `lunch`: one word without `#` and without hidden
/// characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Arc<str>", into = "Arc<str>")]
pub struct GroupName(Arc<str>);

impl GroupName {
    /// The name without `#`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Content for GroupName {
    fn max_bytes(&self) -> u64 {
        self.0.max_bytes()
    }
}

impl TryFrom<Arc<str>> for GroupName {
    type Error = BadGroupName;

    fn try_from(name: Arc<str>) -> Result<Self, BadGroupName> {
        let is_wrong =
            |letter: &char| *letter == '#' || letter.is_whitespace() || is_hidden(*letter);
        if name.is_empty() {
            Err(BadGroupName::Empty)
        } else if name.len() > MOST_BYTES {
            Err(BadGroupName::TooLong(name.len()))
        } else if let Some(letter) = name.chars().find(is_wrong) {
            Err(BadGroupName::Letter(letter))
        } else {
            Ok(Self(name))
        }
    }
}

impl From<GroupName> for Arc<str> {
    fn from(name: GroupName) -> Self {
        name.0
    }
}

/// As `#lunch`.
impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// As `#lunch`, also where it names a durable cell.
impl fmt::Debug for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not the name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadGroupName {
    /// It has no letter.
    Empty,
    /// It has so many bytes.
    TooLong(usize),
    /// It has this letter.
    Letter(char),
}

impl fmt::Display for BadGroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a group needs a name: write one word, such as `lunch`"),
            Self::TooLong(bytes) => {
                write!(f, "the name of a group has at most {MOST_BYTES} bytes, and this {bytes}")
            }
            Self::Letter(letter) => {
                write!(f, "the name of a group has no {letter:?}: write one word, such as `lunch`")
            }
        }
    }
}

impl core::error::Error for BadGroupName {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn a_group_has_one_visible_word_for_a_name() {
        let name = |text: &str| GroupName::try_from(Arc::from(text));
        assert_eq!(name("déjeuner-2").expect("a word").to_string(), "#déjeuner-2");
        assert_eq!(name(""), Err(BadGroupName::Empty));
        assert_eq!(name(&"x".repeat(65)), Err(BadGroupName::TooLong(65)));
        for letter in ['#', ' ', '\n', '\u{a0}', '\u{202e}', '\u{1b}'] {
            let text = alloc::format!("a{letter}b");
            assert_eq!(name(&text), Err(BadGroupName::Letter(letter)));
        }
    }
}
