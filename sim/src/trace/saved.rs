use std::fmt::{self, Write};

use serde::Serialize;

use crate::protocol::{CellOf, Look as _, Protocol, SavedOf};

/// What a cell holds, as its protocol's [`Look`](crate::Look) tells it, if that is anything.
#[must_use]
pub fn saved_text<P: Protocol>(cell: &CellOf<P>, value: Option<&SavedOf<P>>) -> Option<String> {
    let text = P::Look::saved_text(cell, value?);
    (!text.is_empty()).then_some(text)
}

/// So many bytes of a value are shown at most, and the rest of a character.
const MOST_SHOWN: usize = 60;

/// The beginning of a value as RON, whatever its size; nothing of one that cannot be
/// written, or is `()`.
pub(crate) fn beginning(value: &impl Serialize) -> String {
    let mut shown = Beginning(String::new());
    let written = ron::Options::default().to_writer(&mut shown, value);
    match (written, shown.0) {
        (Ok(()), text) if text == "()" => String::new(),
        (Ok(()), text) => text,
        // The writer refuses what is past the end.
        (Err(_), text) if text.len() >= MOST_SHOWN => text + "..",
        (Err(_), _) => String::new(),
    }
}

struct Beginning(String);

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if self.0.len() >= MOST_SHOWN {
                return Err(fmt::Error);
            }
            self.0.push(letter);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_value_the_beginning_is_shown() {
        assert_eq!(beginning(&(3, "three")), "(3,\"three\")");
        assert_eq!(beginning(&()), "");
        assert_eq!(beginning(&vec![7; 29]), format!("[{}7]", "7,".repeat(28)));
        assert_eq!(beginning(&vec![7; 1_000_000]), format!("[{}7..", "7,".repeat(29)));
    }
}
