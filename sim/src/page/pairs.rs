use super::data::Pairs;
use super::run::Run;
use crate::diff::{Pairing, Side, compare, longest_increasing};
use crate::trace::Trace;

/// How the events of two runs belong together, as [`diff`](crate::diff) pairs them, and where they
/// first differ in more than times.
///
/// The page has both runs side by side, so it takes no pair that crosses another one.
pub(super) fn pairs(one: &Run, other: &Run) -> Pairs {
    let traces = [one, other].map(|run| Trace::after(run.dropped, run.events.iter().cloned()));
    let side = |nth: usize| Side { events: &traces[nth], checkpoints: &[] };
    let diff = compare(side(0), side(1));
    // Of what was not compared, nothing is in both.
    let begins = |nth: usize, run: &Run| run.events.len() - diff.compared[nth].len();
    let (begin_one, begin_other) = (begins(0, one), begins(1, other));
    let same = diff.same_at_first as usize;
    let mut pairs: Vec<_> =
        (0..same).map(|place| (begin_one + place, begin_other + place)).collect();
    let here = |number: u64| (number - one.dropped - 1) as usize;
    let there = |number: u64| (number - other.dropped - 1) as usize;
    let mut partners = vec![None; one.events.len()];
    let mut is_changed = vec![false; one.events.len()];
    for pairing in &diff.rest {
        let (a, b) = match *pairing {
            Pairing::Same { a, b } | Pairing::Moved { a, b } | Pairing::Changed { a, b } => (a, b),
            Pairing::Removed { .. } | Pairing::Added { .. } => continue,
        };
        partners[here(a)] = Some(there(b));
        is_changed[here(a)] = matches!(pairing, Pairing::Changed { .. });
    }
    let in_order = longest_increasing(&partners).into_iter();
    pairs.extend(in_order.filter_map(|place| Some((place, partners[place]?))));
    let changed = pairs.iter().map(|(place, _)| *place).filter(|place| is_changed[*place]);
    let changed: Vec<_> = changed.map(|place| place as u32).collect();
    let in_step = pairs.iter().enumerate().take_while(|(nth, (here, there))| {
        (*here, *there) == (begin_one + nth, begin_other + nth) && !is_changed[*here]
    });
    let in_step = in_step.count();
    let first = (begin_one + in_step, begin_other + in_step);
    let is_over = first == (one.events.len(), other.events.len());
    let first = (!is_over).then_some((first.0 as u32, first.1 as u32));
    Pairs { same: stretches(&pairs), changed, first }
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
