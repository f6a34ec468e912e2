//! How many messages each link has carried: half of a message's identity.
//!
//! Of all links that could be, most runs use few: those stand in a table with
//! open addressing, eight bytes an entry. Once one in twelve of all links is in
//! use, a plain square of counters takes no more room and needs no search.
//! Either way a link ever used takes at most 24 bytes. Counters are narrow;
//! what outgrows them is carried on in a map.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rehearsal_machine::NodeId;
use serde::Serialize;

use crate::queue::MOST_NODES;

/// A link, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Link {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
}

/// A counter for every link.
pub(crate) struct LinkCounts {
    nodes: u64,
    table: Table,
}

enum Table {
    /// For few nodes, whose links carry much.
    Square(Vec<u32>),
    Narrow(Narrow),
    Sparse(Sparse),
}

/// With so few nodes the square is made at once: a kilobyte or four.
const MOST_SQUARE: u64 = 32;
/// The square is made when one in so many links is in use.
const NARROW_FROM: u64 = 12;

impl LinkCounts {
    pub(crate) fn new(nodes: usize) -> Self {
        let nodes = nodes as u64;
        let table = if nodes <= MOST_SQUARE {
            Table::Square(vec![0; (nodes * nodes) as usize])
        } else {
            Table::Sparse(Sparse::default())
        };
        Self { nodes, table }
    }

    /// Forgets all counts, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        match &mut self.table {
            Table::Square(counts) => counts.fill(0),
            Table::Narrow(narrow) => narrow.clear(),
            Table::Sparse(sparse) => sparse.clear(),
        }
    }

    /// Counts one more message, and tells which it is, from 1.
    #[inline]
    pub(crate) fn next(&mut self, link: Link) -> u32 {
        let place = self.place(link);
        if let Table::Square(counts) = &mut self.table {
            let count = &mut counts[place as usize];
            *count += 1;
            return *count;
        }
        self.next_of_many(place)
    }

    /// Reads what stands first where [`next`](Self::next) looks for the link.
    #[inline]
    pub(crate) fn peek(&self, link: Link) -> u64 {
        let place = self.place(link);
        match &self.table {
            Table::Square(counts) => counts[place as usize].into(),
            Table::Narrow(narrow) => narrow.counts[place as usize].into(),
            Table::Sparse(sparse) => sparse.entries.get(sparse.first(place)).copied().unwrap_or(0),
        }
    }

    fn place(&self, link: Link) -> u64 {
        link.from.index() as u64 * self.nodes + link.to.index() as u64
    }

    #[inline(never)]
    fn next_of_many(&mut self, place: u64) -> u32 {
        match &mut self.table {
            Table::Square(_) => unreachable!("it was counted"),
            Table::Narrow(narrow) => narrow.next(place),
            Table::Sparse(sparse) => {
                let count = sparse.next(place);
                if count == 1 && sparse.used as u64 * NARROW_FROM >= self.nodes * self.nodes {
                    self.make_square();
                }
                count
            }
        }
    }

    #[cold]
    fn make_square(&mut self) {
        let Table::Sparse(sparse) = &self.table else { return };
        let mut narrow = Narrow::new((self.nodes * self.nodes) as usize);
        for (place, count) in sparse.iter() {
            narrow.set(place, count);
        }
        self.table = Table::Narrow(narrow);
    }
}

/// What full counters had counted before they began anew, by the link's place
/// in the square.
#[derive(Default)]
struct Carried(BTreeMap<u64, u32>);

impl Carried {
    #[inline]
    fn of(&self, place: u64) -> u32 {
        if self.0.is_empty() { 0 } else { self.0.get(&place).copied().unwrap_or(0) }
    }

    #[cold]
    fn add(&mut self, place: u64, count: u32) {
        *self.0.entry(place).or_default() += count;
    }
}

/// A square of two bytes a link: from 1 to their most, and then from 1 again.
struct Narrow {
    counts: Vec<u16>,
    carried: Carried,
}

impl Narrow {
    fn new(links: usize) -> Self {
        Self { counts: vec![0; links], carried: Carried::default() }
    }

    fn clear(&mut self) {
        self.counts.fill(0);
        self.carried.0.clear();
    }

    #[inline]
    fn next(&mut self, place: u64) -> u32 {
        let count = &mut self.counts[place as usize];
        if *count == u16::MAX {
            self.carried.add(place, u16::MAX.into());
            *count = 0;
        }
        *count += 1;
        u32::from(*count) + self.carried.of(place)
    }

    fn set(&mut self, place: u64, count: u32) {
        let low = (count - 1) % u32::from(u16::MAX) + 1;
        self.counts[place as usize] = low as u16;
        if low < count {
            self.carried.add(place, count - low);
        }
    }
}

/// Open addressing with linear probing (Knuth, TAOCP 3, 6.4). An entry is a
/// link's place in the square, 40 bits, and its count, 24 bits.
#[derive(Default)]
struct Sparse {
    /// As many as a power of two; 0 is a free one, since counts start at 1.
    entries: Vec<u64>,
    used: usize,
    carried: Carried,
}

const COUNT_BITS: u32 = 24;
const MOST_COUNT: u64 = (1 << COUNT_BITS) - 1;
const FEWEST_ENTRIES: usize = 64;

const _: () = assert!((MOST_NODES as u64).pow(2) <= 1 << (u64::BITS - COUNT_BITS));

impl Sparse {
    fn clear(&mut self) {
        self.entries.fill(0);
        self.used = 0;
        self.carried.0.clear();
    }

    #[inline]
    fn next(&mut self, place: u64) -> u32 {
        // Three quarters full at most: it doubles there, and three eighths are 22 bytes a link.
        if self.used * 4 >= self.entries.len() * 3 {
            self.grow();
        }
        let found = self.find(place);
        let entry = &mut self.entries[found];
        if *entry & MOST_COUNT == MOST_COUNT {
            self.carried.add(place, MOST_COUNT as u32);
            *entry = place << COUNT_BITS;
        } else if *entry == 0 {
            self.used += 1;
            *entry = place << COUNT_BITS;
        }
        *entry += 1;
        (*entry & MOST_COUNT) as u32 + self.carried.of(place)
    }

    /// The entry of this link, or the free one where it belongs.
    #[inline]
    fn find(&self, place: u64) -> usize {
        let last = self.entries.len() - 1;
        let mut entry = self.first(place);
        while self.entries[entry] != 0 && self.entries[entry] >> COUNT_BITS != place {
            entry = (entry + 1) & last;
        }
        entry
    }

    /// Where it is looked for first; anywhere if there is no entry.
    #[inline]
    fn first(&self, place: u64) -> usize {
        let last = self.entries.len().wrapping_sub(1);
        // Fibonacci hashing: the high bits of the product are the well-mixed ones.
        (place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & last
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.entries.len() * 2).max(FEWEST_ENTRIES);
        let before = std::mem::replace(&mut self.entries, vec![0; size]);
        for entry in before.into_iter().filter(|entry| *entry != 0) {
            let free = self.find(entry >> COUNT_BITS);
            self.entries[free] = entry;
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u64, u32)> {
        let used = self.entries.iter().filter(|entry| **entry != 0);
        used.map(|entry| {
            let place = entry >> COUNT_BITS;
            (place, (entry & MOST_COUNT) as u32 + self.carried.of(place))
        })
    }
}
