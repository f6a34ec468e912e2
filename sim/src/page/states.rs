use indexmap::IndexMap;
use rehearsal_machine::printable;

use super::data::StateData;
use super::texts::Texts;
use crate::engine::{States, StepState};

/// A state has so many lines at most.
const MOST_LINES: usize = 2_000;

/// All states of a run have so many lines together at most, each state that is another one counted.
const MOST_LINES_OF_ALL: usize = 1_000_000;

/// The states of the last so many steps, and how many steps more were kept. `first` is the number
/// of the page's first event.
pub(super) fn states(
    states: &States,
    most: u64,
    first: u64,
    texts: &mut Texts,
) -> (StateData, usize) {
    let mut bodies = Bodies { places: IndexMap::new(), lines: 0 };
    let mut steps = Vec::new();
    let on_page = states.steps.iter().rev().filter(|step| step.event >= first);
    for step in on_page.take(usize::try_from(most).unwrap_or(usize::MAX)) {
        if bodies.lines >= MOST_LINES_OF_ALL {
            break;
        }
        let StepState { event, before, after, .. } = step;
        let before = bodies.place_of(before.as_deref(), texts);
        let after = bodies.place_of(after.as_deref(), texts);
        steps.push((event - first, before, after));
    }
    steps.reverse();
    let left_out = states.steps.len() - steps.len();
    (StateData { bodies: bodies.places.into_values().collect(), steps }, left_out)
}

struct Bodies<'a> {
    places: IndexMap<&'a str, Vec<u32>>,
    lines: usize,
}

impl<'a> Bodies<'a> {
    fn place_of(&mut self, state: Option<&'a str>, texts: &mut Texts) -> Option<usize> {
        state.map(|state| self.place(state, texts))
    }

    fn place(&mut self, state: &'a str, texts: &mut Texts) -> usize {
        if let Some(place) = self.places.get_index_of(state) {
            return place;
        }
        let mut lines: Vec<_> =
            state.lines().take(MOST_LINES).map(|line| texts.place(&printable(line))).collect();
        let more = state.lines().count() - lines.len();
        if more > 0 {
            lines.push(texts.place(&format!("(and {more} more lines)")));
        }
        self.lines += lines.len();
        self.places.insert_full(state, lines).0
    }
}
