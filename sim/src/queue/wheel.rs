use std::cmp::Reverse;

use super::Key;
use super::bitmap::Bitmap;
use super::calibration::{Flow, SAMPLES, Shape};
use super::opened::{Heap, Opened};
use super::slab::{NONE, Slab};

/// Buckets of one width that come around: bucket `b` of all time is at place
/// `b mod n`. It holds what is due from now to one turn ahead.
pub(super) struct Wheel {
    shape: Shape,
    /// The number of places less one.
    mask: u64,
    /// The bucket of what was popped last, of all time.
    current: u64,
    /// For each place a chain of slots; the first has the smallest key.
    heads: Vec<u32>,
    filled: Bitmap,
    opened: Opened,
    /// What was a turn ahead or more when it was pushed.
    far: Heap,
    /// When the first of them is due, or the end of time.
    far_at: u64,
    flow: Flow,
    /// With more pending than this, the shape is out of date.
    outgrown: usize,
}

#[derive(Clone, Copy)]
enum Source {
    Bucket(usize),
    Opened,
    Far,
}

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            shape: Shape { shift: 0, bits: 0 },
            mask: 0,
            current: 0,
            heads: Vec::new(),
            filled: Bitmap::new(),
            opened: Opened::new(),
            far: Heap::new(),
            far_at: u64::MAX,
            flow: Flow::new(),
            outgrown: 0,
        }
    }

    /// Takes in a chain of all that is pending.
    pub(super) fn fill<T>(&mut self, slab: &mut Slab<T>, chain: u32, now: u64) {
        let step = slab.len() / SAMPLES + 1;
        let mut samples = [0; SAMPLES];
        let mut known = 0;
        for (sample, slot) in samples.iter_mut().zip(slab.chain(chain).step_by(step)) {
            *sample = slab.at(slot).saturating_sub(now);
            known += 1;
        }
        self.outgrown = slab.len() * 2;
        self.flow.restart(slab.len());
        self.arrange(slab, chain, Shape::of(slab.len(), &mut samples[..known]), now);
    }

    #[inline]
    pub(super) fn push<T>(&mut self, slab: &mut Slab<T>, slot: u32, now: u64) {
        if slab.len() > self.outgrown {
            return self.push_and_grow(slab, slot, now);
        }
        self.place(slab, slot, now);
    }

    #[cold]
    fn push_and_grow<T>(&mut self, slab: &mut Slab<T>, slot: u32, now: u64) {
        let chain = self.gather(slab);
        slab.link(slot, chain);
        self.fill(slab, slot, now);
    }

    #[inline]
    fn place<T>(&mut self, slab: &mut Slab<T>, slot: u32, now: u64) {
        let at = slab.at(slot);
        let bucket = at >> self.shape.shift;
        if bucket.wrapping_sub(self.current).wrapping_sub(1) >= self.mask {
            return self.place_aside(*slab.key(slot), slot, now);
        }
        let place = (bucket & self.mask) as usize;
        let head = self.heads[place];
        if head == NONE {
            self.heads[place] = slot;
            self.filled.set(place);
        } else if slab.key(slot) < slab.key(head) {
            slab.link(slot, head);
            self.heads[place] = slot;
        } else {
            slab.link(slot, slab.next(head));
            slab.link(head, slot);
        }
    }

    fn place_aside(&mut self, key: Key, slot: u32, now: u64) {
        let at = key.at().as_nanos();
        if at >> self.shape.shift > self.current {
            self.flow.far(at - now);
            self.far.push(Reverse((key, slot)));
            self.far_at = self.far_at.min(at);
        } else {
            // Those of this very instant no bucket is too narrow for.
            self.flow.crowded(usize::from(at > now && self.opened.is_long()));
            self.opened.push(key, slot);
        }
    }

    /// Takes out the first slot, if it is due at `limit` or before.
    #[inline]
    pub(super) fn pop<T>(&mut self, slab: &mut Slab<T>, limit: u64, now: u64) -> Option<u32> {
        if self.flow.popped() {
            self.review(slab, now);
        }
        let (at, source) = self.first(slab)?;
        if at > limit {
            return None;
        }
        match source {
            Source::Bucket(place) => {
                self.current = at >> self.shape.shift;
                Some(self.pop_bucket(slab, place))
            }
            Source::Opened => self.opened.pop(),
            Source::Far => {
                self.current = at >> self.shape.shift;
                self.pop_far(slab)
            }
        }
    }

    /// The first of what is not far, most likely the first of all.
    #[inline]
    pub(super) fn peek<'s, T>(&'s self, slab: &'s Slab<T>) -> Option<&'s Key> {
        self.opened.first().or_else(|| {
            let place = self.filled.first_from((self.current & self.mask) as usize)?;
            Some(slab.key(self.heads[place]))
        })
    }

    /// Reads the bucket of this instant, and what lies in it.
    #[inline]
    pub(super) fn peek_at<T>(&self, slab: &Slab<T>, at: u64) -> u64 {
        match self.heads[((at >> self.shape.shift) & self.mask) as usize] {
            NONE => 0,
            head => slab.at(head),
        }
    }

    #[cfg(test)]
    pub(super) fn next_at<T>(&self, slab: &Slab<T>) -> Option<u64> {
        self.first(slab).map(|(at, _)| at)
    }

    /// When the smallest key is due, and where it is. What is opened comes
    /// before all buckets, but what was far may by now be nearer than either.
    #[inline]
    fn first<T>(&self, slab: &Slab<T>) -> Option<(u64, Source)> {
        let near = match self.opened.first() {
            Some(key) => Some((key, Source::Opened)),
            None => self
                .filled
                .first_from((self.current & self.mask) as usize)
                .map(|place| (slab.key(self.heads[place]), Source::Bucket(place))),
        };
        match near {
            Some((key, source)) if key.at().as_nanos() < self.far_at => {
                Some((key.at().as_nanos(), source))
            }
            near => self.nearer_of_far_and(near),
        }
    }

    #[cold]
    fn nearer_of_far_and(&self, near: Option<(&Key, Source)>) -> Option<(u64, Source)> {
        let far = self.far.peek().map(|Reverse((key, _))| (key, Source::Far));
        let first = near.into_iter().chain(far).min_by_key(|(key, _)| *key);
        first.map(|(key, source)| (key.at().as_nanos(), source))
    }

    /// Takes the first of what was far, and opens the bucket that is now
    /// current: what is pushed into that later must not wait behind it.
    #[cold]
    fn pop_far<T>(&mut self, slab: &Slab<T>) -> Option<u32> {
        let Reverse((_, slot)) = self.far.pop()?;
        self.far_at = self.far.peek().map_or(u64::MAX, |Reverse((key, _))| key.at().as_nanos());
        let head = self.take_bucket((self.current & self.mask) as usize);
        if head != NONE {
            self.open(slab, head);
        }
        Some(slot)
    }

    /// Takes a bucket's head, and opens the bucket for what follows it.
    #[inline]
    fn pop_bucket<T>(&mut self, slab: &Slab<T>, place: usize) -> u32 {
        let head = self.take_bucket(place);
        let rest = slab.next(head);
        if rest != NONE {
            self.open(slab, rest);
        }
        head
    }

    #[inline]
    fn take_bucket(&mut self, place: usize) -> u32 {
        self.filled.unset(place);
        std::mem::replace(&mut self.heads[place], NONE)
    }

    fn open<T>(&mut self, slab: &Slab<T>, rest: u32) {
        let instants = self.opened.open(slab.chain(rest).map(|slot| (*slab.key(slot), slot)));
        self.flow.crowded(instants - 1);
    }

    #[cold]
    fn review<T>(&mut self, slab: &mut Slab<T>, now: u64) {
        if let Some(shape) = self.flow.review(self.shape) {
            let chain = self.gather(slab);
            self.arrange(slab, chain, shape, now);
        }
    }

    /// Gives up everything as one chain, in no order.
    pub(super) fn gather<T>(&mut self, slab: &mut Slab<T>) -> u32 {
        let mut all = NONE;
        self.far_at = u64::MAX;
        let aside = self.opened.drain().chain(self.far.drain().map(|Reverse((_, slot))| slot));
        for slot in aside {
            slab.link(slot, all);
            all = slot;
        }
        let mut from = 0;
        while let Some(place) = self.filled.first_from(from) {
            let head = self.take_bucket(place);
            let last = slab.chain(head).last().unwrap_or(head);
            slab.link(last, all);
            all = head;
            from = place;
        }
        all
    }

    fn arrange<T>(&mut self, slab: &mut Slab<T>, chain: u32, shape: Shape, now: u64) {
        self.shape = shape;
        self.mask = (1 << shape.bits) - 1;
        self.current = now >> shape.shift;
        let places = 1 << shape.bits;
        if places > self.heads.len() {
            self.heads.reserve_exact(places - self.heads.len());
            self.heads.resize(places, NONE);
            self.filled.grow(places);
        }
        let mut next = chain;
        while next != NONE {
            let slot = next;
            next = slab.next(slot);
            slab.link(slot, NONE);
            self.place(slab, slot, now);
        }
        self.flow.forget();
    }

    /// Empties it; the memory stays.
    pub(super) fn clear<T>(&mut self, slab: &mut Slab<T>) {
        self.gather(slab);
        self.current = 0;
    }

    #[cfg(test)]
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// How many are in the opened bucket, and how many far.
    #[cfg(test)]
    pub(super) fn aside(&self) -> (usize, usize) {
        (self.opened.len(), self.far.len())
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.heads.capacity() * size_of::<u32>() + self.filled.bytes()
    }
}
