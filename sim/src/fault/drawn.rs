//! What a fault does that leaves nodes to chance, once they are drawn.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rehearsal_machine::NodeId;

use super::Action;
use crate::network::{SessionPairs, pair, pairs_of};

impl Action {
    /// The partition that stands for a `Split`, the cut for a `CutAny`, or the break for a
    /// `BreakAny`, among so many nodes with these sessions; `None` of any other action. `draw`
    /// gives a number of a range.
    pub(crate) fn drawn(
        &self,
        nodes: u32,
        sessions: Option<&SessionPairs>,
        draw: impl FnMut(RangeInclusive<u64>) -> u64,
    ) -> Option<Self> {
        match self {
            Self::Split(sizes) => {
                let all: u64 = sizes.iter().copied().map(u64::from).sum();
                let mut drawn = distinct(all, nodes.into(), draw).into_iter();
                let side = |size: &u32| {
                    let mut side: Vec<_> = drawn.by_ref().take(*size as usize).map(node).collect();
                    side.sort_unstable();
                    side
                };
                Some(Self::Partition(sizes.iter().map(side).collect()))
            }
            Self::CutAny(pairs) => {
                let all = pairs_of(nodes);
                let mut drawn = distinct(u64::from(*pairs), all, draw);
                drawn.sort_unstable();
                Some(Self::Cut(drawn.into_iter().map(pair).collect()))
            }
            Self::BreakAny(count) => {
                let all = sessions.map_or(0, SessionPairs::count);
                let mut drawn = distinct(u64::from(*count), all, draw);
                drawn.sort_unstable();
                let pair = |number| sessions.map(|sessions| sessions.pair(number));
                Some(Self::Break(drawn.into_iter().filter_map(pair).collect()))
            }
            _ => None,
        }
    }
}

/// So many different numbers below `all`, every row of them as likely: the beginning of a
/// shuffle (Fisher and Yates 1938; Durstenfeld 1964) of which only what moved is kept.
fn distinct(count: u64, all: u64, mut draw: impl FnMut(RangeInclusive<u64>) -> u64) -> Vec<u64> {
    let mut moved = BTreeMap::new();
    let mut take = |place: u64| {
        let other = draw(place..=all.saturating_sub(1).max(place));
        let at = |place: u64, moved: &BTreeMap<u64, u64>| *moved.get(&place).unwrap_or(&place);
        let taken = at(other, &moved);
        moved.insert(other, at(place, &moved));
        taken
    };
    (0..count.min(all)).map(&mut take).collect()
}

/// The node of this number, from 0.
fn node(place: u64) -> NodeId {
    NodeId::from_index(place as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_are_distinct_and_all_of_them_can_be_drawn() {
        let mut state = 1_u64;
        let mut draw = |range: RangeInclusive<u64>| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            range.start() + (state >> 33) % (range.end() - range.start() + 1)
        };
        let mut met = BTreeSet::new();
        for _ in 0..500 {
            let drawn = distinct(3, 5, &mut draw);
            assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 3, "{drawn:?}");
            met.insert(drawn);
        }
        assert_eq!(met.len(), 5 * 4 * 3);
        assert_eq!(distinct(5, 5, &mut draw).into_iter().collect::<BTreeSet<_>>().len(), 5);
    }

    #[test]
    fn the_least_numbers_give_the_first_nodes() {
        let least = |range: RangeInclusive<u64>| *range.start();
        let split = Action::Split(vec![2, 1]).drawn(5, None, least).expect("a split is drawn");
        assert_eq!(split.to_string(), "partition 1 2 | 3");
        assert_eq!(
            Action::CutAny(2).drawn(5, None, least).expect("drawn").to_string(),
            "cut n1-n2 n1-n3"
        );
        assert_eq!(Action::Heal.drawn(5, None, least), None);
    }
}
