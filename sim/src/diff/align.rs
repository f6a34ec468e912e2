use rehearsal_machine::Time;

/// A place in one order of two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of the first list alone.
    A(usize),
    /// Of the second list alone.
    B(usize),
    /// A pair of both.
    Both {
        a: usize,
        b: usize,
        /// Do both lists have it in the same order among the others that are so? It is said of as
        /// many as possible.
        is_in_order: bool,
    },
}

/// Two lists of these lengths in one order: that of the second one, with what only the first one
/// has put in by its time. `partners` has for each place of the first list that of its partner.
pub(crate) fn merge(
    partners: &[Option<usize>],
    (a_len, b_len): (usize, usize),
    a_at: impl Fn(usize) -> Time,
    b_at: impl Fn(usize) -> Time,
) -> Vec<Place> {
    let mut of_b = vec![None; b_len];
    for (a, partner) in partners.iter().enumerate() {
        if let Some(b) = partner {
            of_b[*b] = Some(a);
        }
    }
    let backbone = longest_increasing(partners);
    let mut merged = Vec::with_capacity(a_len.max(b_len));
    let mut a = 0;
    let mut in_order = backbone.into_iter().peekable();
    for (b, partner) in of_b.into_iter().enumerate() {
        let anchor = in_order.peek().copied();
        let is_anchor = partner.is_some() && partner == anchor;
        // What only the first list has, up to the next pair whose order both agree on.
        let end = anchor.unwrap_or(a_len);
        while a < end && (is_anchor || a_at(a) <= b_at(b)) {
            if partners[a].is_none() {
                merged.push(Place::A(a));
            }
            a += 1;
        }
        match partner {
            Some(partner) => {
                merged.push(Place::Both { a: partner, b, is_in_order: is_anchor });
                if is_anchor {
                    in_order.next();
                    a = partner + 1;
                }
            }
            None => merged.push(Place::B(b)),
        }
    }
    merged.extend((a..a_len).filter(|a| partners[*a].is_none()).map(Place::A));
    merged
}

/// The places of a longest part of the list that increases (Schensted 1961), by patience sorting.
pub(crate) fn longest_increasing(list: &[Option<usize>]) -> Vec<usize> {
    // For each length, the place of the least end of a part of that length.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; list.len()];
    for (place, value) in list.iter().enumerate() {
        if value.is_none() {
            continue;
        }
        let length = ends.partition_point(|end| list[*end] < *value);
        before[place] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut part = Vec::with_capacity(ends.len());
    let mut place = ends.last().copied();
    while let Some(here) = place {
        part.push(here);
        place = before[here];
    }
    part.reverse();
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_possible_are_in_order() {
        let list = [Some(3), None, Some(0), Some(1), Some(4), Some(2)];
        assert_eq!(longest_increasing(&list).len(), 3);
        assert_eq!(longest_increasing(&[None, None]), [0; 0]);
    }

    #[test]
    fn every_place_occurs_once_and_those_of_the_second_list_in_their_order() {
        let partners = [Some(2), None, Some(0), Some(3), None, None];
        let at = |millis: &'static [u64]| move |place: usize| Time::from_millis(millis[place]);
        let merged = merge(&partners, (6, 5), at(&[1, 2, 3, 4, 9, 12]), at(&[3, 4, 5, 6, 10]));
        let both = |a, b, is_in_order| Place::Both { a, b, is_in_order };
        assert_eq!(
            merged,
            [
                Place::A(1),
                both(2, 0, true),
                Place::B(1),
                both(0, 2, false),
                both(3, 3, true),
                Place::A(4),
                Place::B(4),
                Place::A(5),
            ]
        );
    }
}
