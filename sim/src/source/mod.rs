//! Reading a RON file, and pointing at what is wrong in it.
//!
//! Whatever is wrong in a file, a person is shown the line, the word and what
//! was meant. Mistakes are found in three places: in the grammar, by a type that
//! refuses its value, and by a check made after the file has been read.
//!
//! The first two are found while the file is read. An `Outline` cuts the text into
//! tokens and matches the brackets; a `Reader` walks over the tokens and keeps the
//! path to where it is; serde asks it for values (`deserializer`), and a `Mistake`
//! that arises there is told with the reader's place ([`read`]). A check that comes
//! later names its value by a [`Path`] such as `faults[0].do`, and [`locate`] turns
//! the path back into a range of the text. The result is always a [`Diagnostic`].
//!
//! [`TimeSpan`], [`Ratio`] and [`Spread`] are how a file writes a span of time, a
//! probability and how widely spans are spread. This module does not know what the
//! files are about.

mod access;
mod deserializer;
mod diagnostic;
mod input;
mod locate;
mod mistake;
mod outline;
mod path;
mod ratio;
mod read;
mod reader;
mod reason;
mod scalar;
mod spread;
mod time_span;
mod unit;

#[cfg(test)]
mod tests;

pub(crate) use deserializer::TEXT_OR_VARIANT;
pub use diagnostic::Diagnostic;
pub use input::{MOST_BYTES, bytes_of, bytes_within, text_from, text_of};
pub use locate::{attributes, locate};
pub use mistake::{closest, one_of};
pub use outline::words;
pub use path::{Path, Segment};
pub use ratio::Ratio;
pub(crate) use read::read_part;
pub use read::{read, read_line, unique_map};
pub use reason::Reason;
pub use spread::Spread;
pub use time_span::TimeSpan;
pub use unit::UnitError;
