//! Where the numbers come from that a machine draws: recorded, replayed, the
//! lowest, or all of them one after the other.
//!
//! The seeded draws of a simulator or of a real node are theirs. These are the
//! ones that every driver, explorer and test needs.

use alloc::vec::Vec;
use core::ops::RangeInclusive;
use core::slice;

use serde::{Deserialize, Serialize};

use crate::Draw;

/// A number that a machine drew, and the range from which it drew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The low end of the range.
    pub low: u64,
    /// The high end of the range, which is part of it.
    pub high: u64,
    /// The number.
    pub value: u64,
}

/// Draws from another source, and records every number. Marks pass through.
pub struct Recorded<'a> {
    source: &'a mut dyn Draw,
    drawn: &'a mut Vec<Drawn>,
}

impl<'a> Recorded<'a> {
    /// Draws from `source`. Records go to the end of `drawn`.
    pub fn new(source: &'a mut dyn Draw, drawn: &'a mut Vec<Drawn>) -> Self {
        Self { source, drawn }
    }
}

impl Draw for Recorded<'_> {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = (*range.start(), *range.end());
        let value = self.source.draw(range);
        self.drawn.push(Drawn { low, high, value });
        value
    }

    fn mark(&mut self, name: &'static str) {
        self.source.mark(name);
    }
}

/// Gives recorded numbers again, in their order.
///
/// Where a machine asks for another range than the recorded one, or for more
/// numbers, it gets the low end of its range; [`finish`](Self::finish) reports that.
pub struct Replayed<'a> {
    left: slice::Iter<'a, Drawn>,
    drawn: usize,
    first: Option<OtherDraw>,
}

/// The first number that a machine draws otherwise than in the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherDraw {
    /// Its place among the numbers, from 1.
    pub number: usize,
    /// What was recorded; nothing if the machine draws more than was recorded.
    pub recorded: Option<Drawn>,
    /// The low and the high end of the range from which the machine draws;
    /// nothing if it draws less than was recorded.
    pub asked: Option<(u64, u64)>,
}

impl<'a> Replayed<'a> {
    /// Gives these numbers.
    #[must_use]
    pub fn new(drawn: &'a [Drawn]) -> Self {
        Self { left: drawn.iter(), drawn: 0, first: None }
    }

    /// Checks that the machine has drawn what was recorded, and nothing else.
    pub fn finish(mut self) -> Result<(), OtherDraw> {
        let recorded = self.left.next().copied();
        let too_few = OtherDraw { number: self.drawn + 1, recorded, asked: None };
        self.first.or(recorded.map(|_| too_few)).map_or(Ok(()), Err)
    }
}

impl Draw for Replayed<'_> {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = (*range.start(), *range.end());
        let recorded = self.left.next().copied();
        self.drawn += 1;
        match recorded {
            Some(drawn) if (drawn.low, drawn.high) == (low, high) => drawn.value,
            _ => {
                let other = OtherDraw { number: self.drawn, recorded, asked: Some((low, high)) };
                self.first.get_or_insert(other);
                low
            }
        }
    }
}

/// Draws the low end of every range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lowest;

impl Draw for Lowest {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        *range.start()
    }
}

/// Draws every sequence of numbers that there is, one after the other, in
/// lexicographic order: for explorers.
///
/// The machine must start every pass in the same state.
///
/// ```
/// use rehearsal_machine::Draw as _;
/// use rehearsal_machine::draws::Branching;
///
/// let mut draws = Branching::new(10);
/// let mut seen = Vec::new();
/// loop {
///     let first = draws.draw(1..=2);
///     let second = if first == 1 { draws.draw(7..=8) } else { 0 };
///     seen.push((first, second));
///     if !draws.advance() {
///         break;
///     }
/// }
/// assert_eq!(seen, [(1, 7), (1, 8), (2, 0)]);
/// assert!(draws.has_seen_all());
/// ```
#[derive(Clone, Debug)]
pub struct Branching {
    width: u64,
    is_cut: bool,
    path: Vec<Branch>,
    depth: usize,
}

#[derive(Clone, Debug)]
struct Branch {
    value: u64,
    last: u64,
}

impl Branching {
    /// Of a range with more than `width` numbers only the `width` lowest are
    /// drawn; of every range at least the lowest.
    #[must_use]
    pub fn new(width: u64) -> Self {
        Self { width, is_cut: false, path: Vec::new(), depth: 0 }
    }

    /// Ends a pass. Returns whether another sequence is left, for another pass.
    pub fn advance(&mut self) -> bool {
        self.path.truncate(self.depth);
        self.depth = 0;
        while let Some(branch) = self.path.last_mut() {
            if branch.value < branch.last {
                branch.value += 1;
                return true;
            }
            self.path.pop();
        }
        false
    }

    /// Whether no range so far had more numbers than the width allows.
    #[must_use]
    pub fn has_seen_all(&self) -> bool {
        !self.is_cut
    }
}

impl Draw for Branching {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = (*range.start(), *range.end());
        if self.depth == self.path.len() {
            let widest = low.saturating_add(self.width.saturating_sub(1));
            self.is_cut |= widest < high;
            self.path.push(Branch { value: low, last: high.min(widest) });
        }
        let value = self.path[self.depth].value;
        self.depth += 1;
        value
    }
}
