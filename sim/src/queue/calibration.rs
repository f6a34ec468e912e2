//! How wide a bucket is and how many there are: at first from what is pending,
//! then from what passes through.

/// Buckets per pending entry, at least, when it is calibrated.
const SPARSE: usize = 16;
const FEWEST_BITS: u32 = 8;
const MOST_BITS: u32 = 17;

/// Entries that are looked at to know how far ahead they reach.
pub(super) const SAMPLES: usize = 256;

/// A wheel's 2^bits buckets, each 2^shift ns wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) shift: u32,
    pub(super) bits: u32,
}

impl Shape {
    /// A wheel for this many entries, of which these are samples: how far
    /// ahead each is due.
    ///
    /// It reaches twice as far as three quarters of them: what is pending says
    /// little of how far ahead things are pushed, as those far ahead are
    /// pending for longest, and a few without an end may be among them.
    pub(super) fn of(pending: usize, ahead: &mut [u64]) -> Self {
        let bits = (pending * SPARSE).next_power_of_two().ilog2().clamp(FEWEST_BITS, MOST_BITS);
        let reach = match ahead.len() {
            0 => 0,
            some => *ahead.select_nth_unstable((some - 1) * 3 / 4).1,
        };
        Self { shift: 0, bits }.reaching(reach.saturating_mul(2))
    }

    /// As many buckets, no wider than it takes to reach this far ahead.
    fn reaching(self, ahead: u64) -> Self {
        let needed = u64::BITS - ahead.leading_zeros();
        Self { shift: needed.saturating_sub(self.bits), ..self }
    }

    fn narrower(self, by: u32) -> Self {
        Self { shift: self.shift.saturating_sub(by), ..self }
    }
}

/// What has passed through a wheel since it was last looked at.
pub(super) struct Flow {
    /// Pops from one review to the next: this many at least, and now.
    shortest: usize,
    window: usize,
    /// Pops until the next one.
    left: usize,
    /// Entries that shared an opened bucket with others of another instant.
    crowded: usize,
    /// Entries pushed past the horizon.
    far: usize,
    /// How far ahead the last of them were due.
    ahead: [u64; REACHES],
}

const REACHES: usize = 16;
const SHORTEST: usize = 256;
const LONGEST: usize = 1 << 24;

impl Flow {
    pub(super) fn new() -> Self {
        let (shortest, window, left) = (SHORTEST, SHORTEST, SHORTEST);
        Self { shortest, window, left, crowded: 0, far: 0, ahead: [0; REACHES] }
    }

    /// Starts over with this many entries: a change of the shape costs as much
    /// as that many pops.
    pub(super) fn restart(&mut self, pending: usize) {
        self.shortest = pending.max(SHORTEST);
        self.window = self.shortest;
        self.forget();
    }

    /// Forgets what it has counted.
    pub(super) fn forget(&mut self) {
        (self.left, self.crowded, self.far) = (self.window, 0, 0);
    }

    /// Counts a pop; true when a review is due.
    #[inline]
    pub(super) fn popped(&mut self) -> bool {
        self.left -= 1;
        self.left == 0
    }

    pub(super) fn crowded(&mut self, entries: usize) {
        self.crowded += entries;
    }

    pub(super) fn far(&mut self, ahead: u64) {
        self.ahead[self.far % REACHES] = ahead;
        self.far += 1;
    }

    /// A better shape, if more than a quarter of what passed was crowded or
    /// went past the horizon, but not both. Each change doubles the time to
    /// the next review, each review without one halves it: where no shape fits
    /// for long, little is spent on looking for one.
    pub(super) fn review(&mut self, shape: Shape) -> Option<Shape> {
        let most = self.window / 4;
        let better = match (self.crowded > most, self.far > most) {
            (true, false) => {
                let opened = self.window.saturating_sub(self.crowded).max(1);
                shape.narrower((self.window / opened).ilog2() + 1)
            }
            (false, true) => {
                let known = self.far.min(REACHES);
                let (_, median, _) = self.ahead[..known].select_nth_unstable(known / 2);
                shape.reaching(median.saturating_mul(2))
            }
            _ => shape,
        };
        let is_better = better != shape;
        self.window = if is_better {
            (self.window * 2).min(LONGEST)
        } else {
            (self.window / 2).max(self.shortest)
        };
        self.forget();
        is_better.then_some(better)
    }
}
