//! A run in the forms that other programs read, each made of the one trace. Those that tell events
//! have the part of them that a view's `only` and `hidden` leave.
//!
//! | form | read by |
//! |---|---|
//! | [`shiviz`] | ShiViz, which draws happened-before from vector clocks |
//! | [`perfetto`] | Perfetto and `chrome://tracing` |
//! | [`mermaid`] | Mermaid, in a page of Markdown |
//! | [`dot`] | Graphviz: the wait-for graph at an instant |
//!
//! JSON lines are the trace's own form: [`lines`](crate::trace::lines).

mod dot;
mod mermaid;
mod perfetto;
mod shiviz;
mod shown;

pub use dot::dot;
pub use mermaid::{MOST_LINES as MOST_LINES_OF_MERMAID, MOST_TEXT as MOST_MERMAID, mermaid};
pub use perfetto::perfetto;
pub use shiviz::{MOST_COUNTS as MOST_SHIVIZ, shiviz, size as size_of_shiviz};
