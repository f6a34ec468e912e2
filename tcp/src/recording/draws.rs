use std::ops::RangeInclusive;
use std::slice;

use rehearsal_machine::Draw;
use serde::{Deserialize, Serialize};

/// A number that a machine drew, and the range it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The range's low end.
    pub low: u64,
    /// Its high end, which is part of it.
    pub high: u64,
    /// What was drawn.
    pub value: u64,
}

/// Notes what is drawn from something else.
pub struct Noting<'a> {
    inner: &'a mut dyn Draw,
    drawn: &'a mut Vec<Drawn>,
}

impl<'a> Noting<'a> {
    /// Draws from `inner`, and notes it at the end of `drawn`.
    pub fn new(inner: &'a mut dyn Draw, drawn: &'a mut Vec<Drawn>) -> Self {
        Self { inner, drawn }
    }
}

impl Draw for Noting<'_> {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = (*range.start(), *range.end());
        let value = self.inner.draw(range);
        self.drawn.push(Drawn { low, high, value });
        value
    }
}

/// Gives out the numbers of one recorded step, as long as the same ranges are
/// asked for.
pub(super) struct Replayed<'a> {
    left: slice::Iter<'a, Drawn>,
    drawn: usize,
    first: Option<OtherDraw>,
}

/// The first number of a step that is drawn otherwise than in the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OtherDraw {
    /// Which number, counted from 1.
    pub(super) number: usize,
    pub(super) recorded: Option<Drawn>,
    /// The range that is asked for now.
    pub(super) asked: Option<(u64, u64)>,
}

impl<'a> Replayed<'a> {
    pub(super) fn new(drawn: &'a [Drawn]) -> Self {
        Self { left: drawn.iter(), drawn: 0, first: None }
    }

    /// After the step: was all drawn as it is recorded?
    pub(super) fn end(mut self) -> Result<(), OtherDraw> {
        let recorded = self.left.next().copied();
        let too_few = OtherDraw { number: self.drawn + 1, recorded, asked: None };
        match self.first.or(recorded.map(|_| too_few)) {
            Some(other) => Err(other),
            None => Ok(()),
        }
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
