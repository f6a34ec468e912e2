use std::ops::Range;

use rehearsal_sim::Diagnostic;

/// A notation other than RON in which rosters can be written.
///
/// A roster in it is translated into the RON text of the same roster, and read
/// as such.
#[derive(Clone, Copy, Debug)]
pub struct RosterFormat {
    /// What a text in the notation is: `a chat script`.
    pub name: &'static str,
    /// Is this text in the notation? No RON roster may be.
    pub recognizes: fn(source: &str) -> bool,
    /// Makes the roster in RON of it.
    pub translate: Translate,
}

/// Translates a text into RON; `file` is the name to show. A notation that has
/// no keys has to refuse a text unless `insecure` says that the nodes may run
/// without.
pub type Translate = fn(file: &str, source: &str, insecure: bool) -> Result<Translated, Diagnostic>;

/// A roster that was translated into RON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    /// The roster in RON.
    pub ron: String,
    /// For each node in order, the bytes of the original that introduce it, so
    /// that what is wrong with a node is shown there.
    pub nodes: Vec<Range<usize>>,
}
