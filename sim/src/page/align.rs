use std::collections::{BTreeMap, VecDeque};

use rehearsal_machine::Time;

use super::data::Pairs;
use crate::trace::{Event, EventKind};

/// How the events of two runs belong together, and where they first differ.
///
/// Messages and timers are paired by their keys, everything else by what it says. Pairs keep their
/// order in both runs; when something happened is no part of it, so that what is merely later is
/// no difference.
pub(super) fn align(one: &[Event], other: &[Event]) -> Pairs {
    let contents = |events: &[Event]| events.iter().map(content).collect::<Vec<_>>();
    let (in_one, in_other) = (contents(one), contents(other));
    let common = in_one.iter().zip(&in_other).take_while(|(one, other)| one == other).count();
    let mut pairs: Vec<_> = (0..common).map(|place| (place, place)).collect();
    pairs.extend(in_order(&candidates((one, &in_one), (other, &in_other), common)));
    let is_changed = |&(here, there): &(usize, usize)| in_one[here] != in_other[there];
    let changed = pairs.iter().copied().filter(is_changed).map(|(here, _)| here as u32).collect();
    let is_over = common == one.len() && common == other.len();
    let first = (!is_over).then_some((common as u32, common as u32));
    Pairs { same: stretches(&pairs), changed, first }
}

/// Pairs of events that may belong together, from the first difference on: the n-th of those that
/// say the same, and else the n-th of those that have the same key.
fn candidates(
    (one, in_one): (&[Event], &[Vec<u8>]),
    (other, in_other): (&[Event], &[Vec<u8>]),
    from: usize,
) -> Vec<(usize, usize)> {
    let mut same: BTreeMap<&[u8], VecDeque<usize>> = BTreeMap::new();
    let mut like: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for place in from..other.len() {
        same.entry(&in_other[place]).or_default().push_back(place);
        if let Some(identity) = identity(&other[place]) {
            like.insert(identity, place);
        }
    }
    let partner = |place: usize| {
        let exactly = same.get_mut(in_one[place].as_slice()).and_then(VecDeque::pop_front);
        exactly.or_else(|| like.get(&identity(&one[place])?).copied())
    };
    let mut partner = partner;
    (from..one.len()).filter_map(|place| Some((place, partner(place)?))).collect()
}

/// The longest part of these pairs, which rise in the first run, that rises in the second one, too.
fn in_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair that ends a rising part of it with the least place; and for each
    // pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; pairs.len()];
    for (nth, (_, there)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *there);
        before[nth] = length.checked_sub(1).map(|length| ends[length]);
        if length == ends.len() {
            ends.push(nth);
        } else {
            ends[length] = nth;
        }
    }
    let chain = std::iter::successors(ends.last().copied(), |nth| before[*nth]);
    let mut chain: Vec<_> = chain.map(|nth| pairs[nth]).collect();
    chain.reverse();
    chain
}

/// Pairs that follow each other in both runs, as one.
fn stretches(pairs: &[(usize, usize)]) -> Vec<(u32, u32, u32)> {
    let mut stretches: Vec<(u32, u32, u32)> = Vec::new();
    for &(here, there) in pairs {
        let (here, there) = (here as u32, there as u32);
        match stretches.last_mut() {
            Some((one, other, length)) if *one + *length == here && *other + *length == there => {
                *length += 1;
            }
            _ => stretches.push((here, there, 1)),
        }
    }
    stretches
}

/// What an event says, without times.
fn content(event: &Event) -> Vec<u8> {
    let mut what = event.what.clone();
    match &mut what {
        EventKind::Send { value, arrives, .. } => {
            *value = None;
            arrives.fill(Time::ZERO);
        }
        EventKind::Leave { arrives, .. } => arrives.fill(Time::ZERO),
        EventKind::Arm { deadline, .. } | EventKind::Move { deadline, .. } => {
            *deadline = Time::ZERO;
        }
        EventKind::Command { value, .. }
        | EventKind::Save { value, .. }
        | EventKind::Emit { value, .. } => *value = None,
        EventKind::Clock { shows, .. } => *shows = Time::ZERO,
        _ => {}
    }
    bytes(&what)
}

/// What an event is about, if it has a key: two that are about the same and say something else
/// belong together.
fn identity(event: &Event) -> Option<Vec<u8>> {
    let (sort, copy) = match &event.what {
        EventKind::Send { .. } => (0, 0),
        EventKind::Leave { .. } => (1, 0),
        EventKind::Deliver { copy, .. }
        | EventKind::Miss { copy, .. }
        | EventKind::Strand { copy, .. } => (2, *copy),
        EventKind::Timer { .. } => (3, 0),
        EventKind::Arm { .. } => (4, 0),
        _ => return None,
    };
    Some(bytes(&(sort, copy, event.what.key()?.to_string())))
}

fn bytes(value: &impl serde::Serialize) -> Vec<u8> {
    match postcard::to_allocvec(value) {
        Ok(bytes) => bytes,
        Err(error) => unreachable!("strings, numbers and lists of them can be encoded: {error}"),
    }
}
