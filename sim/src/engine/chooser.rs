use super::choices::Choices;
use crate::chance::{Chance, Seed};
use crate::fault::FaultName;
use crate::plan::Decisions;

/// What chooses in a run: the plan where it lists a decision, and chance
/// elsewhere.
pub(super) struct Chooser {
    pub(super) chance: Chance,
    pub(super) choices: Choices,
    /// How many numbers each node has drawn in its incarnation.
    pub(super) drawn: Vec<u32>,
}

impl Chooser {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            chance: Chance::new(Seed(0)),
            choices: Choices::new(Decisions::default(), &[]),
            drawn: vec![0; nodes],
        }
    }

    pub(super) fn begin(&mut self, seed: Seed, decisions: Decisions, faults: &[FaultName]) {
        let Self { chance, choices, drawn } = self;
        *chance = Chance::new(seed);
        *choices = Choices::new(decisions, faults);
        drawn.fill(0);
    }
}
