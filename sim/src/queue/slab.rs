use super::Key;

/// The end of a chain.
pub(super) const NONE: u32 = u32::MAX;

/// Where keys and payloads stay from push to pop, so that everything else
/// moves numbers of slots. A slot is used again, the one freed last first.
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Freed slots, chained by `next`.
    free: u32,
    len: usize,
}

struct Slot<T> {
    key: Key,
    /// The next slot of the chain this one is in.
    next: u32,
    /// Nothing in a freed slot.
    payload: Option<T>,
}

impl<T> Slab<T> {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), free: NONE, len: 0 }
    }

    /// How many slots are taken.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[expect(clippy::inline_always, reason = "key and payload are made where they stay this way")]
    #[inline(always)]
    pub(super) fn insert(&mut self, key: Key, payload: T) -> u32 {
        self.len += 1;
        if self.free == NONE {
            return self.extend(Slot { key, next: NONE, payload: Some(payload) });
        }
        let slot = self.free;
        // One by one, in place: a slot that is made elsewhere is copied in wider pieces than it
        // was written in, for which a processor waits.
        let place = &mut self.slots[slot as usize];
        self.free = place.next;
        place.key = key;
        place.next = NONE;
        place.payload = Some(payload);
        slot
    }

    /// Grows by a quarter: twice as large would leave half of it empty right
    /// after a power of two, which is what people choose as a number of nodes.
    #[cold]
    fn extend(&mut self, taken: Slot<T>) -> u32 {
        const FIRST: usize = 12;
        if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact((self.slots.len() / 4).max(FIRST));
        }
        self.slots.push(taken);
        // Four billion pending payloads would not fit in memory.
        u32::try_from(self.slots.len() - 1).expect("the queue is full")
    }

    #[expect(clippy::inline_always, reason = "what is popped is not copied twice this way")]
    #[inline(always)]
    pub(super) fn remove(&mut self, slot: u32) -> (Key, T) {
        self.len -= 1;
        let place = &mut self.slots[slot as usize];
        place.next = self.free;
        self.free = slot;
        // A slot is named in one place, which gives it up when it is removed.
        let payload = place.payload.take().expect("a taken slot has its payload");
        (place.key, payload)
    }

    #[inline]
    pub(super) fn key(&self, slot: u32) -> &Key {
        &self.slots[slot as usize].key
    }

    #[inline]
    pub(super) fn at(&self, slot: u32) -> u64 {
        self.key(slot).at().as_nanos()
    }

    #[inline]
    pub(super) fn next(&self, slot: u32) -> u32 {
        self.slots[slot as usize].next
    }

    #[inline]
    pub(super) fn link(&mut self, slot: u32, next: u32) {
        self.slots[slot as usize].next = next;
    }

    /// The slots of a chain, from the one given.
    pub(super) fn chain(&self, first: u32) -> impl Iterator<Item = u32> {
        let some = |slot: u32| (slot != NONE).then_some(slot);
        std::iter::successors(some(first), move |&slot| some(self.next(slot)))
    }

    /// All that is taken, by the number of its slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &T)> {
        self.slots.iter().filter_map(|slot| Some((&slot.key, slot.payload.as_ref()?)))
    }

    /// The same, to be changed in place.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut T)> {
        self.slots.iter_mut().filter_map(|slot| Some((&slot.key, slot.payload.as_mut()?)))
    }

    /// Frees everything; the memory stays.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.free = NONE;
        self.len = 0;
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot<T>>()
    }

    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }
}
