//! How many messages each link has carried: half of a message's identity.
//!
//! Of all links that could be, most runs use few: those stand in a table with
//! open addressing, eight bytes an entry. Once a quarter of all links is in
//! use, a plain square of counters takes no more room and needs no search.
//! Either way a link ever used takes at most 24 bytes.

use std::collections::BTreeMap;

use rehearsal_protocol::NodeId;
use serde::Serialize;

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
    Square(Vec<u32>),
    Sparse(Sparse),
}

/// With so few nodes the square is made at once.
const MOST_SQUARE: u64 = 32;
/// The square is made when one in so many links is in use.
const SQUARE_FROM: u64 = 4;

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
            Table::Sparse(sparse) => sparse.clear(),
        }
    }

    /// Counts one more message, and tells which it is, from 1.
    #[inline]
    pub(crate) fn next(&mut self, link: Link) -> u32 {
        let place = link.from.index() as u64 * self.nodes + link.to.index() as u64;
        match &mut self.table {
            Table::Square(counts) => {
                let count = &mut counts[place as usize];
                *count += 1;
                *count
            }
            Table::Sparse(sparse) => {
                let count = sparse.next(place);
                if count == 1 && sparse.used as u64 * SQUARE_FROM >= self.nodes * self.nodes {
                    self.make_square();
                }
                count
            }
        }
    }

    #[cold]
    fn make_square(&mut self) {
        let Table::Sparse(sparse) = &self.table else { return };
        let mut counts = vec![0; (self.nodes * self.nodes) as usize];
        for (place, count) in sparse.iter() {
            counts[place as usize] = count;
        }
        self.table = Table::Square(counts);
    }
}

/// Open addressing with linear probing (Knuth, TAOCP 3, 6.4). An entry is a
/// link's place in the square, 40 bits, and its count, 24 bits; a count that
/// outgrows them is carried on in a map.
#[derive(Default)]
struct Sparse {
    /// As many as a power of two; 0 is a free one, since counts start at 1.
    entries: Vec<u64>,
    used: usize,
    /// What full counters had counted before they began anew.
    carried: BTreeMap<u64, u32>,
}

const COUNT_BITS: u32 = 24;
const MOST_COUNT: u64 = (1 << COUNT_BITS) - 1;
const FEWEST_ENTRIES: usize = 64;

impl Sparse {
    fn clear(&mut self) {
        self.entries.fill(0);
        self.used = 0;
        self.carried.clear();
    }

    #[inline]
    fn next(&mut self, place: u64) -> u32 {
        // Full to seven eighths at most: it doubles there, and is then used by seven sixteenths.
        if self.used * 8 >= self.entries.len() * 7 {
            self.grow();
        }
        let entry = self.find(place);
        let before = self.entries[entry];
        if before & MOST_COUNT == MOST_COUNT {
            *self.carried.entry(place).or_default() += MOST_COUNT as u32;
            self.entries[entry] = place << COUNT_BITS;
        } else if before == 0 {
            self.used += 1;
            self.entries[entry] = place << COUNT_BITS;
        }
        self.entries[entry] += 1;
        (self.entries[entry] & MOST_COUNT) as u32 + self.carry(place)
    }

    /// The entry of this link, or the free one where it belongs.
    #[inline]
    fn find(&self, place: u64) -> usize {
        let last = self.entries.len() - 1;
        // Fibonacci hashing: the high bits of the product are the well-mixed ones.
        let mut entry = (place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & last;
        while self.entries[entry] != 0 && self.entries[entry] >> COUNT_BITS != place {
            entry = (entry + 1) & last;
        }
        entry
    }

    fn carry(&self, place: u64) -> u32 {
        if self.carried.is_empty() { 0 } else { self.carried.get(&place).copied().unwrap_or(0) }
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
            (place, (entry & MOST_COUNT) as u32 + self.carry(place))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(from: usize, to: usize) -> Link {
        Link { from: NodeId::from_index(from), to: NodeId::from_index(to) }
    }

    proptest! {
        #[test]
        fn every_link_counts_for_itself_however_many_are_in_use(
            nodes in prop_oneof![1_usize..40, 40_usize..60, Just(1 << 20)],
            sends in prop::collection::vec((0_usize..70, 0_usize..70), 0..4_000),
        ) {
            let mut counts = LinkCounts::new(nodes);
            for _ in 0..2 {
                let mut model = BTreeMap::new();
                for (from, to) in &sends {
                    let (from, to) = (from % nodes, to % nodes);
                    let expected = model.entry((from, to)).or_insert(0);
                    *expected += 1;
                    prop_assert_eq!(counts.next(link(from, to)), *expected);
                }
                counts.clear();
            }
        }
    }

    #[test]
    fn a_square_is_made_when_a_quarter_of_the_links_is_in_use() {
        let mut counts = LinkCounts::new(40);
        for number in 0..400 {
            assert!(matches!(counts.table, Table::Sparse(_)), "{number}");
            counts.next(link(number / 40, number % 40));
        }
        assert!(matches!(counts.table, Table::Square(_)));
    }

    #[test]
    fn a_count_beyond_24_bits_is_carried_on() {
        let mut sparse = Sparse::default();
        assert_eq!((sparse.next(7), sparse.next(9)), (1, 1));
        sparse.entries.iter_mut().filter(|entry| **entry >> COUNT_BITS == 7).for_each(|entry| {
            *entry |= MOST_COUNT;
        });
        let seventh = [sparse.next(7), sparse.next(7), sparse.next(9)];
        assert_eq!(seventh, [1 << 24, (1 << 24) + 1, 2]);
    }

    #[test]
    fn a_link_ever_used_takes_at_most_24_bytes() {
        let mut sparse = Sparse::default();
        for place in 0..200_000 {
            sparse.next(place * 977);
            if sparse.used > FEWEST_ENTRIES {
                assert!(sparse.entries.len() * 8 <= sparse.used * 24, "{}", sparse.used);
            }
        }
    }
}
