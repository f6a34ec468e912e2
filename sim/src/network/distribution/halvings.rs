/// A word as a coin tossed until it does not show its ones, and the rest of it.
///
/// Half of all words are below the first halving, a quarter between the first
/// and the second, and so on: the leading ones count the halvings that a word
/// is past, the rest says how far it is to the next.
pub(super) struct Halvings {
    /// How many it is past: less than [`MOST`](Self::MOST).
    pub(super) count: u32,
    /// How far it is from the last one to the next, in 2⁻⁶³.
    pub(super) further: u64,
}

impl Halvings {
    /// The last 2⁻³² of the words stand right before this one.
    pub(super) const MOST: u32 = 32;

    #[inline]
    pub(super) fn of(word: u64) -> Self {
        let word = word.min(!(1 << Self::MOST));
        let count = word.leading_ones();
        Self { count, further: !(!word << count) }
    }
}
