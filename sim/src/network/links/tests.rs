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
fn a_square_is_made_when_a_twelfth_of_the_links_is_in_use() {
    let mut counts = LinkCounts::new(60);
    for number in 0..300 {
        assert!(matches!(counts.table, Table::Sparse(_)), "{number}");
        counts.next(link(number / 60, number % 60));
    }
    assert!(matches!(counts.table, Table::Narrow(_)));
}

#[test]
fn a_count_beyond_16_bits_is_carried_on_in_a_square() {
    let mut narrow = Narrow::new(10);
    narrow.set(7, 65_534);
    narrow.set(8, 131_070);
    assert_eq!([(); 3].map(|()| narrow.next(7)), [65_535, 65_536, 65_537]);
    assert_eq!([(); 2].map(|()| narrow.next(8)), [131_071, 131_072]);
    assert_eq!(narrow.next(9), 1);
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
