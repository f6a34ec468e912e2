use std::hint::select_unpredictable;

/// Which buckets hold something: a bit for each, and above them a bit for
/// each word that is not empty, so that a long stretch of nothing is crossed
/// at 4,096 buckets a step.
pub(super) struct Bitmap {
    words: Vec<u64>,
    summary: Vec<u64>,
}

const BITS: usize = 64;

impl Bitmap {
    pub(super) fn new() -> Self {
        Self { words: Vec::new(), summary: Vec::new() }
    }

    /// Makes room for at least this many bits, none of them set.
    pub(super) fn grow(&mut self, bits: usize) {
        let words = bits.div_ceil(BITS);
        if words > self.words.len() {
            self.words.resize(words, 0);
            self.summary.resize(words.div_ceil(BITS), 0);
        }
    }

    #[inline]
    pub(super) fn set(&mut self, bit: usize) {
        let word = bit / BITS;
        let before = self.words[word];
        self.words[word] = before | 1 << (bit % BITS);
        // All share the few words of the summary: to write one each time would make every push
        // and pop wait for the one before.
        if before == 0 {
            self.summary[word / BITS] |= 1 << (word % BITS);
        }
    }

    #[inline]
    pub(super) fn unset(&mut self, bit: usize) {
        let word = bit / BITS;
        let after = self.words[word] & !(1 << (bit % BITS));
        self.words[word] = after;
        if after == 0 {
            self.summary[word / BITS] &= !(1 << (word % BITS));
        }
    }

    /// The first bit that is set, from this one on, then around from 0.
    #[inline]
    pub(super) fn first_from(&self, bit: usize) -> Option<usize> {
        let word = bit / BITS;
        let here = self.words[word] & (u64::MAX << (bit % BITS));
        let next = self.words.get(word + 1).copied().unwrap_or(0);
        // Which of the two it is nobody could guess; one of them it nearly always is.
        let (near, bits) = select_unpredictable(here != 0, (word, here), (word + 1, next));
        if bits != 0 {
            return Some(near * BITS + bits.trailing_zeros() as usize);
        }
        self.first_far_from(word)
    }

    fn first_far_from(&self, word: usize) -> Option<usize> {
        self.first_word_from(word + 1).or_else(|| self.first_word_from(0)).map(|word| {
            let bits = self.words[word];
            word * BITS + bits.trailing_zeros() as usize
        })
    }

    fn first_word_from(&self, word: usize) -> Option<usize> {
        let place = word / BITS;
        let here = self.summary.get(place)? & (u64::MAX << (word % BITS));
        if here != 0 {
            return Some(place * BITS + here.trailing_zeros() as usize);
        }
        let after = self.summary[place + 1..].iter().position(|&words| words != 0)?;
        let place = place + 1 + after;
        Some(place * BITS + self.summary[place].trailing_zeros() as usize)
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        (self.words.capacity() + self.summary.capacity()) * size_of::<u64>()
    }
}
