use std::fmt::Write as _;

use rehearsal_machine::printable;

use super::columns::{cut, padded, width};
use super::{KEYS_AT, LANES_AT, WIDTH};
use crate::plan::DecisionKey;

/// What is told in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// What may be cut where the line is too long: who did what, what a message says.
    pub(super) words: String,
    /// What may not, with what separates it from the words: what became of a message,
    /// what a cell held before.
    pub(super) fate: String,
    /// Could the fate have been another one without anything unusual, so that it makes a step no
    /// other one?
    pub(super) is_ordinary: bool,
    /// The number of the event that is told; 0 of what is none.
    pub(super) number: u64,
    /// The key of what is told, as a plan lists it.
    pub(super) key: Option<DecisionKey>,
}

impl Line {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), ..Self::default() }
    }

    /// With what became of it, if there is something to be said.
    pub(super) fn with_fate(mut self, fate: &str) -> Self {
        if !fate.is_empty() {
            self.fate = format!("  {fate}");
        }
        self
    }

    /// Writes the line so that it fits, after what stands before it, with lanes and the
    /// key where they are asked for.
    pub(super) fn write(&self, text: &mut String, before: &str, lanes: &str, has_key: bool) {
        let room = WIDTH.saturating_sub(if lanes.is_empty() { 0 } else { width(lanes) + 1 });
        let words = format!("{before}{}", self.words);
        let (words, fate) = (printable(words.trim_end()), printable(&self.fate));
        // A fate that leaves no room for words is cut, too.
        let mut told = match room.checked_sub(width(&fate)) {
            Some(for_words) if for_words >= width(before) + 2 => cut(&words, for_words) + &*fate,
            _ => cut(&format!("{words}{fate}"), room),
        };
        if !lanes.is_empty() {
            told = format!("{} {lanes}", padded(&told, LANES_AT));
        }
        match self.key.as_ref().filter(|_| has_key) {
            Some(key) => {
                let key = key.to_string();
                _ = writeln!(text, "{}  {}", padded(&told, KEYS_AT), printable(&key));
            }
            None => _ = writeln!(text, "{told}"),
        }
    }
}
