use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

/// Why a text is not a span of time or a ratio.
///
/// Displayed as two lines, what is wrong and what to write instead, as
/// [`read`](super::read) takes them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError {
    message: String,
    help: &'static str,
}

impl UnitError {
    pub(super) fn new(message: impl Into<String>, help: &'static str) -> Self {
        Self { message: message.into(), help }
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.message, self.help)
    }
}

impl std::error::Error for UnitError {}

/// A type that files write as a string, and that a bare number is mistaken for.
pub(super) trait Unit: FromStr<Err = UnitError> {
    /// What belongs in the file: `a span of time, such as "10ms"`.
    const EXPECTED: &'static str;

    /// Why a number without quotes will not do.
    fn refuse_number(is_negative: bool) -> UnitError;
}

pub(super) fn deserialize<'de, T: Unit, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let visitor = UnitVisitor(PhantomData);
    // Only a format for people says what it holds, and only a person forgets the quotes.
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(visitor)
    } else {
        deserializer.deserialize_str(visitor)
    }
}

struct UnitVisitor<T>(PhantomData<T>);

impl<T: Unit> Visitor<'_> for UnitVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<T, E> {
        Err(E::custom(T::refuse_number(false)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Err(E::custom(T::refuse_number(number < 0)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Err(E::custom(T::refuse_number(number < 0.0)))
    }
}

/// The whole text as a number; `None` if it is empty, has anything but digits, or overflows.
pub(super) fn digits<N: FromStr>(text: &str) -> Option<N> {
    let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if only_digits { text.parse().ok() } else { None }
}
