//! Reading a RON file, and pointing at what is wrong in it.
//!
//! A person who misspells a field should be shown the line, the word and the
//! word that was meant, whoever noticed the mistake: the RON grammar, a type
//! that refused its value, or a check made long after the file was read. All
//! three therefore speak in [`Path`]s (`faults[0].do`), and [`locate`] turns a
//! path back into a range of the text. A [`Diagnostic`] is that range with a
//! message; [`read`] makes one of every error, and code that checks what was
//! read makes its own with [`Diagnostic::at`].
//!
//! [`TimeSpan`], [`Ratio`] and [`Spread`] are how a file writes a span of time, a
//! probability and how widely spans are spread. Nothing here knows what the files are about.

mod diagnostic;
mod line;
mod locate;
mod outline;
mod path;
mod ratio;
mod read;
mod reason;
mod spread;
mod text;
mod time_span;
mod unique;
mod unit;
mod wording;

#[cfg(test)]
mod tests;

pub use diagnostic::Diagnostic;
pub use line::read_line;
pub use locate::{attributes, locate};
pub use outline::words;
pub use path::{Path, Segment};
pub use ratio::Ratio;
pub use read::read;
pub use reason::Reason;
pub use spread::Spread;
pub use text::text_of;
pub use time_span::TimeSpan;
pub use unique::unique_map;
pub use unit::UnitError;
pub use wording::{closest, one_of};
