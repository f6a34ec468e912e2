//! The part of a failing run that a reader needs first.
//!
//! What is told is chosen by its use for the question why the run failed: the last step
//! and the chain of causes that led to it, the steps right before it (or, of a run that came to
//! rest, the last ones that changed a role), and what disturbed the run: crashes, partitions, messages that were lost, late or doubled, and whatever a plan
//! lists. The rest is counted. All of it together has a bounded number of lines.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::{Folded, Row, is_marked};
use super::line::Line;
use super::scenes::{NETWORK, Scene};
use super::view::View;
use crate::trace::{EventKind, Trace};

/// So many disturbances that do not fit are met before no further one is tried.
const MOST_TRIED: usize = 16;

/// Of these rows, what can be told in so many lines, and gaps in place of the rest. A run that
/// `came_to_rest` too early failed long before its end: of it, the last steps count that
/// changed the role of a node.
pub(super) fn excerpt(
    rows: Vec<Row>,
    chain: &BTreeSet<u64>,
    (view, came_to_rest): (&View, bool),
    lines: usize,
) -> Vec<Row> {
    let rows: Vec<_> = rows.into_iter().map(shortened).collect();
    let places = 0..rows.len();
    let scenes_that = |holds: &dyn Fn(&Scene) -> bool| -> Vec<usize> {
        let holds = |place: &usize| matches!(&rows[*place], Row::Scene(scene) if holds(scene));
        places.clone().filter(holds).collect()
    };
    let listed = scenes_that(&|scene| is_marked(scene, view));
    let causes = scenes_that(&|scene| chain.contains(&scene.number));
    let faults = scenes_that(&is_fault);
    let mishaps = scenes_that(&has_odd_fate);
    let mut chosen = Chosen { rows: &rows, places: BTreeSet::new() };
    chosen.take(places.clone().next_back().into_iter(), lines, 1);
    // Each sort leaves room for the next ones, so that none of them crowds out the rest.
    chosen.take(listed.into_iter(), lines * 2 / 5, MOST_TRIED);
    chosen.take(causes.into_iter().rev(), lines * 3 / 5, MOST_TRIED);
    let changes = scenes_that(&|scene| !scene.roles.is_empty());
    if came_to_rest {
        // The last one of every node; those right before where there is room left.
        let mut met = BTreeSet::new();
        let is_last = |place: &usize| match &rows[*place] {
            Row::Scene(scene) => {
                scene.roles.iter().fold(false, |is_new, (node, _)| met.insert(*node) || is_new)
            }
            Row::Folded(_) | Row::Gap(_) => false,
        };
        let last: Vec<_> = changes.iter().rev().copied().filter(is_last).collect();
        chosen.take(last.into_iter(), lines * 2 / 5, MOST_TRIED);
    }
    // What comes before the end is told without gaps.
    chosen.take(places.clone().rev(), lines * 3 / 5, 1);
    // What disturbed the run shortly before it failed says more than what did at its beginning.
    chosen.take(faults.into_iter().rev(), lines * 4 / 5, MOST_TRIED);
    chosen.take(mishaps.into_iter().rev(), lines, MOST_TRIED);
    if came_to_rest {
        chosen.take(changes.into_iter().rev(), lines, MOST_TRIED);
    }
    chosen.take(places.rev(), lines, 1);
    chosen.close_small_gaps();
    let chosen = chosen.places;
    let mut shown = Gaps::default();
    for (place, row) in rows.into_iter().enumerate() {
        if chosen.contains(&place) { shown.tell(row) } else { shown.skip(row) }
    }
    shown.end()
}

/// A step of an excerpt has so many ordinary effects at most; of more, their number is told.
const MOST_EFFECTS: usize = 12;

fn shortened(row: Row) -> Row {
    let Row::Scene(mut scene) = row else { return row };
    let mut ordinary = 0;
    let before = scene.effects.len();
    scene.effects.retain(|effect| {
        ordinary += usize::from(effect.fate.is_empty());
        !effect.fate.is_empty() || ordinary <= MOST_EFFECTS
    });
    let more = before - scene.effects.len();
    if more > 0 {
        scene.effects.push(Line::new(format!("and {more} more effects")));
    }
    Row::Scene(scene)
}

/// Rows of which some are told, and others are counted.
#[derive(Default)]
pub(super) struct Gaps {
    rows: Vec<Row>,
    gap: Option<Folded>,
}

impl Gaps {
    pub(super) fn tell(&mut self, row: Row) {
        self.rows.extend(self.gap.take().map(Row::Gap));
        self.rows.push(row);
    }

    pub(super) fn skip(&mut self, row: Row) {
        let gap = self.gap.get_or_insert_default();
        match row {
            Row::Scene(scene) => gap.add(scene),
            Row::Folded(folded) | Row::Gap(folded) => gap.add_all(folded),
        }
    }

    pub(super) fn end(mut self) -> Vec<Row> {
        self.rows.extend(self.gap.take().map(Row::Gap));
        self.rows
    }
}

struct Chosen<'a> {
    rows: &'a [Row],
    places: BTreeSet<usize>,
}

impl Chosen<'_> {
    /// Takes rows in this order, as long as all that is chosen fits into so many lines, until so many
    /// of them did not fit.
    fn take(&mut self, places: impl Iterator<Item = usize>, most: usize, most_tried: usize) {
        let mut tried = 0;
        for place in places {
            if !self.places.insert(place) {
                continue;
            }
            if self.used() > most {
                self.places.remove(&place);
                tried += 1;
                if tried >= most_tried {
                    return;
                }
            }
        }
    }

    /// A gap of one line says less than the line would.
    fn close_small_gaps(&mut self) {
        for place in 0..self.rows.len() {
            let has = |place| self.places.contains(&place);
            let is_alone = (place == 0 || has(place - 1)) && has(place + 1) && !has(place);
            if is_alone && self.rows[place].lines() == 1 {
                self.places.insert(place);
            }
        }
    }

    /// The lines of all that is chosen, and of the gaps.
    fn used(&self) -> usize {
        let told: usize = self.places.iter().map(|place| self.rows[*place].lines()).sum();
        let mut next = 0;
        let mut gaps = 0;
        for place in &self.places {
            gaps += usize::from(*place > next);
            next = place + 1;
        }
        told + gaps + usize::from(next < self.rows.len())
    }
}

/// Does a fault strike in this step, or does what it did end?
fn is_fault(scene: &Scene) -> bool {
    let what = scene.cause.words.as_str();
    let words = ["crash", "restart", "pause", "resume", "upgrade", "disk lies"];
    let is_moved = what.ends_with(" fires early") || what.contains(" put off until ");
    scene.who == NETWORK || words.contains(&what) || what.starts_with("clock ") || is_moved
}

/// Does something unusual become of a message or a command of this step?
fn has_odd_fate(scene: &Scene) -> bool {
    let mut lines = std::iter::once(&scene.cause).chain(&scene.effects);
    lines.any(|line| line.fate.starts_with("  ") && !line.is_ordinary)
}

/// The numbers of the events that led to the last one, and its own.
pub(super) fn chain_to_the_last(trace: &Trace) -> BTreeSet<u64> {
    let last = trace.iter().last().map(|event| event.number);
    last.map_or_else(BTreeSet::new, |last| chain_to(trace, last))
}

/// The longest chain of causes that is told.
const LONGEST_CHAIN: usize = 20;

/// The numbers of the events that led to this one, and its own: back to a timer, from which on the
/// node acted by itself, or to what the scenario itself brought about.
pub(super) fn chain_to(trace: &Trace, number: u64) -> BTreeSet<u64> {
    let (mut timers, mut moves) = (BTreeSet::new(), BTreeSet::new());
    let mut causes = BTreeMap::new();
    for event in trace.iter().take_while(|event| event.number <= number) {
        causes.extend(event.cause.map(|cause| (event.number, cause)));
        match event.what {
            EventKind::Move { .. } => {
                moves.insert(event.number);
            }
            // One that a fault has moved did not come by itself.
            EventKind::Timer { .. } if !event.cause.is_some_and(|it| moves.contains(&it)) => {
                timers.insert(event.number);
            }
            _ => {}
        }
    }
    let cause = |number: &u64| causes.get(number).filter(|_| !timers.contains(number)).copied();
    std::iter::successors(Some(number), cause).take(LONGEST_CHAIN).collect()
}
