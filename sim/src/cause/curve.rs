//! P(failure) over the choices of a run: a coarse row, and then more where it changes.

use std::ops::ControlFlow;

use super::{OnProgress, Search};

/// The coarse row has so many parts, unless half of all cuts are fewer: those that are left
/// find where it changes.
const PARTS: usize = 16;

/// A change of fewer than one in so many seeds is left alone.
const FINE: u32 = 8;

/// Tries so many cuts at most.
pub(super) fn explore(
    search: &mut Search<'_>,
    most: usize,
    on_progress: &mut OnProgress<'_>,
) -> ControlFlow<()> {
    let choices = search.stage.choices.len();
    let parts = PARTS.min(most / 2).max(1);
    let mut row: Vec<_> = (0..=parts).map(|part| choices * part / parts).collect();
    row.dedup();
    // Both ends first: a search that is ended early has them at least.
    row.rotate_right(1);
    row.truncate(most.max(2));
    search.cut_at(&row, on_progress)?;
    while search.fails.len() < most {
        let Some(middle) = widest_jump(search) else { break };
        search.cut_at(&[middle], on_progress)?;
    }
    ControlFlow::Continue(())
}

/// The middle of the two cuts between which P(failure) changes most, the first of those; none if
/// no change is left that is worth it and lies between two that do not follow each other.
fn widest_jump(search: &Search<'_>) -> Option<usize> {
    let least = least_jump(search.inquiry.seeds.get());
    let cuts: Vec<_> = search.fails.iter().map(|(cut, fails)| (*cut, *fails)).collect();
    let mut widest = None;
    for pair in cuts.windows(2) {
        let [(from, before), (to, after)] = *pair else { continue };
        let jump = before.abs_diff(after);
        if to - from > 1 && jump >= least && widest.is_none_or(|(most, _)| jump > most) {
            widest = Some((jump, from + (to - from) / 2));
        }
    }
    widest.map(|(_, middle)| middle)
}

/// A smaller change of so many seeds says nothing.
pub(super) fn least_jump(seeds: u32) -> u32 {
    (seeds / FINE).max(1)
}
