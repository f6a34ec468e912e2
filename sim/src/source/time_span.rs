use std::fmt;
use std::ops::Add;
use std::str::FromStr;
use std::time::Duration;

use rehearsal_machine::Time;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::unit::{self, Unit, UnitError, digits};

/// A span of time as files write it: `10ms`, `1.5s`.
///
/// Whole nanoseconds, up to 2⁶⁴ − 1 of them, some 584 years. Written as digits,
/// at most one decimal point between them, and a unit: `ns`, `us`, `ms`, `s`,
/// `min` or `h`. Printed without a decimal point, in the largest unit that
/// allows it; what is printed reads back as the same span.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(u64);

impl TimeSpan {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The span of this many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The span of this many milliseconds; 584 years at most.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// The span of this many seconds; 584 years at most.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Its length in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Its length as the standard library has it.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

/// Of a longer span than 584 years, these.
impl From<Duration> for TimeSpan {
    fn from(span: Duration) -> Self {
        Self(rehearsal_machine::nanos(span))
    }
}

/// Saturates at the end of time.
impl Add<TimeSpan> for Time {
    type Output = Self;

    #[inline]
    fn add(self, span: TimeSpan) -> Self {
        Self::from_nanos(self.as_nanos().saturating_add(span.0))
    }
}

/// Largest first, in nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

const HELP: &str = "write it with a unit, ns, us, ms, s, min or h: \"10ms\"";

/// No fraction of any unit has more decimals and is still whole nanoseconds: an hour is
/// 2¹³ · 3² · 5¹¹ of them.
const MAX_DECIMALS: usize = 13;

impl FromStr for TimeSpan {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let refuse = |message: &str| UnitError::new(message, HELP);
        if text.starts_with('-') {
            return Err(refuse(NEGATIVE));
        }
        let number_length = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (number, unit) = text.split_at(number_length);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
            return Err(refuse(&format!("`{text}` is not a span of time")));
        }
        if unit.is_empty() {
            return Err(refuse(WITHOUT_UNIT));
        }
        let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(refuse(&format!("`{unit}` is not a unit of time")));
        };
        let too_long = || refuse("a span of time cannot be longer than 584 years");
        let whole: u64 = digits(whole).ok_or_else(too_long)?;
        let fraction = fraction_of(*nanos, fraction)
            .ok_or_else(|| refuse("a span of time cannot be finer than a nanosecond"))?;
        let whole = whole.checked_mul(*nanos).ok_or_else(too_long)?;
        whole.checked_add(fraction).map(Self).ok_or_else(too_long)
    }
}

const NEGATIVE: &str = "a span of time cannot be negative";
const WITHOUT_UNIT: &str = "a span of time needs a unit";

/// The decimals' part of a unit, if that is whole nanoseconds.
fn fraction_of(unit: u64, decimals: &str) -> Option<u64> {
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        return Some(0);
    }
    if decimals.len() > MAX_DECIMALS {
        return None;
    }
    let parts: u128 = digits(decimals)?;
    let scale = 10_u128.pow(u32::try_from(decimals.len()).ok()?);
    let product = parts * u128::from(unit);
    product.is_multiple_of(scale).then(|| u64::try_from(product / scale).ok())?
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0ms");
        }
        for (name, nanos) in UNITS {
            if self.0.is_multiple_of(nanos) {
                return write!(f, "{}{name}", self.0 / nanos);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TimeSpan {
    /// Why a number without quotes is no span of time.
    pub(crate) fn refuse_number(is_negative: bool) -> UnitError {
        UnitError::new(if is_negative { NEGATIVE } else { WITHOUT_UNIT }, HELP)
    }
}

impl Unit for TimeSpan {
    const EXPECTED: &'static str = "a span of time, such as \"10ms\"";

    fn refuse_number(is_negative: bool) -> UnitError {
        Self::refuse_number(is_negative)
    }
}

impl Serialize for TimeSpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeSpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unit::deserialize(deserializer)
    }
}
