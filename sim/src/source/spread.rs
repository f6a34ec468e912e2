use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::unit::{self, Unit, UnitError, digits};

/// How widely a log-normal law spreads, as files write it: `1/2`. It is the
/// standard deviation of the logarithm: about two spans in three lie within a
/// factor of e to this power, `1/2` a factor of 1.65, `1/1` one of 2.72.
///
/// Above 0 and at most 4, where one span in a hundred is already 10,000 times
/// the median. Never reduced, so that it prints as it was written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spread {
    numerator: u32,
    denominator: u32,
    octaves: u64,
}

impl Spread {
    /// The greatest there is.
    const MOST: u64 = 4;

    /// The spread of this fraction; refused if that is out of zero, zero, or more than 4.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, UnitError> {
        if denominator == 0 {
            return Err(UnitError::new("a spread cannot be out of zero", HELP));
        }
        if numerator == 0 {
            return Err(UnitError::new("a spread of zero spreads nothing", FIXED));
        }
        if u64::from(numerator) > Self::MOST * u64::from(denominator) {
            let message = format!("`{numerator}/{denominator}` is more than {}", Self::MOST);
            return Err(UnitError::new(message, HELP));
        }
        let octaves = u128::from(numerator) * u128::from(LOG2_E) / u128::from(denominator);
        Ok(Self { numerator, denominator, octaves: octaves as u64 })
    }

    /// The standard deviation of the logarithm to base 2, in units of 2⁻⁴⁸:
    /// what a sampler needs, divided once and not for every span.
    pub(crate) const fn in_octaves(self) -> u64 {
        self.octaves
    }
}

/// The logarithm of e to base 2, in units of 2⁻⁴⁸.
const LOG2_E: u64 = 406_082_553_034_800;

const HELP: &str = "write it as a fraction above \"0/1\", up to \"4/1\": \"1/2\"";
const FIXED: &str = "for a span that is always the same write `Fixed`, or a spread up to \"4/1\"";

impl FromStr for Spread {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let not_a_spread = || UnitError::new(format!("`{text}` is not a spread"), HELP);
        let (numerator, denominator) = text.split_once('/').ok_or_else(not_a_spread)?;
        let part = |text: &str| digits(text).ok_or_else(not_a_spread);
        Self::new(part(numerator)?, part(denominator)?)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl fmt::Debug for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Unit for Spread {
    const EXPECTED: &'static str = "a spread, such as \"1/2\"";

    fn refuse_number(is_negative: bool) -> UnitError {
        let message =
            if is_negative { "a spread cannot be negative" } else { "a spread is a string" };
        UnitError::new(message, HELP)
    }
}

impl Serialize for Spread {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Spread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unit::deserialize(deserializer)
    }
}
