//! Steps that were recorded and then undone by a kill.
//!
//! A node writes a batch of steps to its recording, commits the batch's saves, and then lets its
//! messages and outputs go. If the process is killed before the commit, the batch is recorded, but
//! nobody has seen anything of it, and the next life starts without its saves. Such a batch never
//! took place.

use std::collections::BTreeMap;

use rehearsal_tcp::RealMachine;
use rehearsal_tcp::recording::{Life, RecordedInput, Step};

/// The number of steps at the end of a life that never took place, as the start of the next life
/// proves. All steps of a batch have the same time.
///
/// A batch without saves has left no trace in the next start: it counts as having taken place, as
/// if the node had been killed right after it.
pub(super) fn undone<M: RealMachine>(life: &Life, next: &Life) -> usize {
    let (Some(last), Some(found)) = (life.steps.last(), next.steps.first().and_then(storage))
    else {
        return 0;
    };
    let batch = life.steps.partition_point(|step| step.at < last.at);
    let Some(mut cells) = life.steps.first().and_then(storage) else { return 0 };
    apply::<M>(&mut cells, &life.steps[..batch]);
    let before = cells.clone();
    apply::<M>(&mut cells, &life.steps[batch..]);
    if found == before && found != cells { life.steps.len() - batch } else { 0 }
}

/// The content of the cells: their names and values, both encoded.
type Cells = BTreeMap<Vec<u8>, Vec<u8>>;

/// What a life starts with.
fn storage(start: &Step) -> Option<Cells> {
    match &start.input {
        RecordedInput::Start { storage } => {
            Some(storage.iter().map(|(cell, value)| (cell.to_vec(), value.to_vec())).collect())
        }
        _ => None,
    }
}

fn apply<M: RealMachine>(cells: &mut Cells, steps: &[Step]) {
    let effects = steps.iter().flat_map(|step| &step.effects);
    for (cell, value) in effects.filter_map(|done| done.save::<M>()) {
        match value {
            Some(value) => cells.insert(cell.to_vec(), value.to_vec()),
            None => cells.remove(cell),
        };
    }
}
