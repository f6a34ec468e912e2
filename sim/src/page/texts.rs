use indexmap::IndexSet;
use rehearsal_machine::printable;

/// Texts of a page, each once. A text is named by its place.
#[derive(Debug)]
pub(super) struct Texts(IndexSet<String>);

/// So many bytes of a text are kept at most, and the rest of a character.
const MOST_BYTES: usize = 2_000;

impl Texts {
    /// None but the empty one, which is the first.
    pub(super) fn new() -> Self {
        Self(IndexSet::from([String::new()]))
    }

    /// The place of this text.
    pub(super) fn place(&mut self, text: &str) -> u32 {
        let text = printable(text);
        let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= MOST_BYTES);
        let text = match end {
            Some(end) => format!("{}...", &text[..end]),
            None => text.into_owned(),
        };
        self.0.insert_full(text).0 as u32
    }

    pub(super) fn into_list(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}
