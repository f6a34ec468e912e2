use super::slab::Slab;

/// Most that is kept in no order at all.
pub(super) const MOST: usize = 12;

/// A few slots in no order: the first is looked for when it is wanted.
///
/// Most small worlds have less pending than this. A search among so few times
/// without a branch that depends on them costs less than any order that must
/// be kept up, where a processor guesses wrong about once per push.
pub(super) struct Small {
    /// When each slot is due; the end of time beyond `len`.
    times: [u64; MOST],
    slots: [u32; MOST],
    len: usize,
}

impl Small {
    pub(super) fn new() -> Self {
        Self { times: [u64::MAX; MOST], slots: [0; MOST], len: 0 }
    }

    pub(super) fn is_full(&self) -> bool {
        self.len == MOST
    }

    #[inline]
    pub(super) fn push(&mut self, slot: u32, at: u64) {
        self.times[self.len] = at;
        self.slots[self.len] = slot;
        self.len += 1;
    }

    /// Takes out the first slot, if it is due at `limit` or before.
    #[inline]
    pub(super) fn pop<T>(&mut self, slab: &Slab<T>, limit: u64) -> Option<u32> {
        let place = self.first(slab)?;
        if self.times[place] > limit {
            return None;
        }
        let slot = self.slots[place];
        self.len -= 1;
        self.times[place] = self.times[self.len];
        self.slots[place] = self.slots[self.len];
        self.times[self.len] = u64::MAX;
        Some(slot)
    }

    #[cfg(test)]
    pub(super) fn next_at(&self) -> Option<u64> {
        self.times[..self.len].iter().copied().min()
    }

    pub(super) fn slots(&self) -> &[u32] {
        &self.slots[..self.len]
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    #[inline]
    fn first<T>(&self, slab: &Slab<T>) -> Option<usize> {
        let firsts = match self.len {
            0 => return None,
            1..=4 => self.firsts::<4>(),
            5..=8 => self.firsts::<8>(),
            _ => self.firsts::<MOST>(),
        };
        // Beyond `len` is the end of time: no tie with an event that is really due then.
        let firsts = firsts & ((1 << self.len) - 1);
        if firsts.is_power_of_two() {
            Some(firsts.trailing_zeros() as usize)
        } else {
            self.first_of_a_tie(slab, firsts)
        }
    }

    /// Which of the first `N` have the least time, as bits. Whatever they are,
    /// nothing has to be guessed.
    #[inline]
    fn firsts<const N: usize>(&self) -> u32 {
        let times: &[u64; N] = self.times.first_chunk().expect("at most all of them");
        let least = times.iter().copied().fold(u64::MAX, u64::min);
        let mut firsts = 0;
        for (place, &at) in times.iter().enumerate() {
            firsts |= u32::from(at == least) << place;
        }
        firsts
    }

    #[cold]
    fn first_of_a_tie<T>(&self, slab: &Slab<T>, firsts: u32) -> Option<usize> {
        let ties = (0..self.len).filter(|place| firsts >> place & 1 == 1);
        ties.min_by_key(|&place| slab.key(self.slots[place]))
    }
}
