//! Detectors without a leader: probes, questions, labels.

mod chasing;
mod diffusing;
mod driver;
mod explore;
mod graphs;
mod held;
mod labels;
mod motion;
#[cfg(feature = "mutants")]
mod mutants;
