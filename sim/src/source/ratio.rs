use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::unit::{self, Unit, UnitError, digits};

/// A probability as files write it: `3/100`, three times in a hundred.
///
/// Never reduced, so that it prints as it was written; `1/2` and `2/4` are
/// therefore not equal. The default is [`NEVER`](Self::NEVER).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

impl Ratio {
    /// `0/1`.
    pub const NEVER: Self = Self { numerator: 0, denominator: 1 };
    /// `1/1`.
    pub const ALWAYS: Self = Self { numerator: 1, denominator: 1 };

    /// So many times out of so many; refused if that is more than always, or out of none.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, UnitError> {
        if denominator == 0 {
            return Err(UnitError::new("a ratio cannot be out of zero", HELP));
        }
        if numerator > denominator {
            let message = format!("`{numerator}/{denominator}` is more than certain");
            return Err(UnitError::new(message, HELP));
        }
        Ok(Self { numerator, denominator })
    }

    /// How many times; at most the denominator.
    #[must_use]
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// Out of how many; at least 1.
    #[must_use]
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// Whether it is zero, however written.
    #[must_use]
    pub const fn is_never(self) -> bool {
        self.numerator == 0
    }

    /// Whether it is one, however written.
    #[must_use]
    pub const fn is_always(self) -> bool {
        self.numerator == self.denominator
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self::NEVER
    }
}

const HELP: &str = "write it as a fraction from \"0/1\" to \"1/1\": \"3/100\"";

impl FromStr for Ratio {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let not_a_ratio = || UnitError::new(format!("`{text}` is not a ratio"), HELP);
        let (numerator, denominator) = text.split_once('/').ok_or_else(not_a_ratio)?;
        let part = |text: &str| digits(text).ok_or_else(not_a_ratio);
        Self::new(part(numerator)?, part(denominator)?)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Unit for Ratio {
    const EXPECTED: &'static str = "a ratio, such as \"3/100\"";

    fn refuse_number(is_negative: bool) -> UnitError {
        let message =
            if is_negative { "a ratio cannot be negative" } else { "a ratio is a string" };
        UnitError::new(message, HELP)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unit::deserialize(deserializer)
    }
}
